"""Claims about rules: which requests they meet, what is left out of listings, and how long they stand."""

from urllib.parse import quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.object_gate.listing import without_hidden
from include.object_gate.rule_book import RuleBook
from include.object_gate.rules import CorruptObject, Effect, ErrorAnswer, MissingObject, Rule, StaleListing
from include.object_gate.s3_request import Operation, S3Request

BUSY = ErrorAnswer(status=503, code="SlowDown", message="m")
KEYS = [f"in/{number}.mid" for number in range(1000)]


def rule(effect: Effect, **fields: object) -> Rule:
    return Rule.model_validate({"bucket": "songs", "effect": effect, **fields})


def get(key: str, method: str = "GET") -> S3Request:
    return S3Request.of(method, f"/songs/{quote_plus(key)}")


@pytest.mark.parametrize(
    ("method", "target", "operation", "bucket", "key"),
    [
        ("GET", "/songs/a%20b?x-id=GetObject&versionId=1&X-Amz-Signature=1", Operation.GET, "songs", "a b"),
        ("HEAD", "/songs/a/b", Operation.HEAD, "songs", "a/b"),
        ("GET", "/songs//a", Operation.GET, "songs", "/a"),
        ("GET", "/songs/a?acl", Operation.OTHER, "songs", "a"),
        ("GET", "/songs/a?uploadId=1", Operation.OTHER, "songs", "a"),
        ("PUT", "/songs/a", Operation.OTHER, "songs", "a"),
        ("GET", "/songs?list-type=2&prefix=in%2F&encoding-type=url", Operation.LIST, "songs", ""),
        ("GET", "/songs/", Operation.LIST, "songs", ""),
        ("GET", "/songs?uploads", Operation.OTHER, "songs", ""),
        ("HEAD", "/songs", Operation.OTHER, "songs", ""),
    ],
)
def test_a_request_is_read(method: str, target: str, operation: Operation, bucket: str, key: str) -> None:
    """Content of objects and listings are told from all else that S3 has."""
    request = S3Request.of(method, target)
    assert (request.operation, request.bucket, request.key) == (operation, bucket, key)


def test_a_rule_meets_its_bucket_and_prefix_only() -> None:
    """Another bucket and another folder are left alone; a listing counts by what it lists."""
    book = RuleBook()
    book.put("r", rule(BUSY, prefix="in/"))
    met = ["/songs/in/a", "/songs?list-type=2&prefix=in%2F"]
    spared = ["/songs/out/a", "/other/in/a", "/songs?list-type=2", "/songs?list-type=2&prefix=out%2F"]
    assert all(list(book.on_request(S3Request.of("GET", target))) for target in met)
    assert not any(list(book.on_request(S3Request.of("GET", target))) for target in spared)


def test_a_share_of_the_keys_is_always_the_same() -> None:
    """The same seed picks the same keys, in any gate; another seed picks others."""

    def picked(seed: str) -> list[str]:
        book = RuleBook()
        book.put("r", rule(MissingObject(), share=0.2, seed=seed))
        return [key for key in KEYS if book.on_object(get(key))]

    assert picked("a") == picked("a")
    assert picked("a") != picked("b")
    assert 150 < len(picked("a")) < 250


def test_a_share_of_the_requests_spares_no_key_for_ever() -> None:
    """Whoever asks again has another chance."""
    book = RuleBook()
    book.put("r", rule(BUSY, share=0.5))
    struck = [bool(list(book.on_request(get("a")))) for _ in range(100)]
    assert 30 < sum(struck) < 70
    held = book.get("r")
    assert held
    assert held.hits == sum(struck)


def test_a_new_end_does_not_begin_anew() -> None:
    """What is only extended goes on where it was; another rule of the name begins anew."""
    book = RuleBook(now=lambda: 0.0)
    book.put("r", rule(BUSY, expires_at=10.0))
    list(book.on_request(get("a")))
    book.put("r", rule(BUSY, expires_at=20.0))
    assert (held := book.get("r"))
    assert (held.hits, held.rule.expires_at) == (1, 20.0)
    book.put("r", rule(BUSY, share=0.5, expires_at=20.0))
    assert (held := book.get("r"))
    assert held.hits == 0


def test_a_rule_ends_by_itself() -> None:
    """At its time it is gone, though nobody is left to delete it."""
    now = [0.0]
    book = RuleBook(now=lambda: now[0])
    book.put("busy", rule(BUSY, expires_at=10.0))
    book.put("missing", rule(MissingObject(), expires_at=20.0))
    now[0] = 10.0
    assert book.names() == ["missing"]
    assert not list(book.on_request(get("a")))
    now[0] = 20.0
    assert not list(book.on_request(get("a")))
    assert book.on_object(get("a")) is None
    assert not book


def test_a_head_tells_nothing_of_contents() -> None:
    """Only what shows without a body spoils it."""
    book = RuleBook()
    book.put("corrupt", rule(CorruptObject(flips=1)))
    assert book.on_object(get("a", "HEAD")) is None
    assert book.on_object(get("a"))


@given(keys=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), unique=True))
@pytest.mark.parametrize("head", ["", "<EncodingType>url</EncodingType>"])
def test_exactly_the_hidden_keys_leave_a_listing(head: str, keys: list[str]) -> None:
    """Whatever the keys are made of, percent-encoded or only escaped."""
    hidden = set(keys[::2])

    def listing(shown: list[str]) -> bytes:
        written = (escape(quote_plus(key) if head else key) for key in shown)
        entries = "".join(f"<Contents><Key>{key}</Key><Size>1</Size></Contents>" for key in written)
        return f"<ListBucketResult>{head}<KeyCount>{len(shown)}</KeyCount>{entries}</ListBucketResult>".encode()

    kept = [key for key in keys if key not in hidden]
    assert without_hidden(listing(keys), lambda key: key in hidden) == listing(kept)


def test_what_a_listing_hides_is_decided_by_bucket_and_prefix() -> None:
    """Nothing is left out where no rule is about it."""
    book = RuleBook()
    book.put("stale", rule(StaleListing(), prefix="in/"))
    is_hidden = book.hides("songs")
    assert is_hidden
    assert is_hidden("in/a")
    assert not is_hidden("out/a")
    assert book.hides("other") is None

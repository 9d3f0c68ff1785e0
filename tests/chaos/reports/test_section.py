"""How a report writes durations, shares and texts of others."""

from datetime import timedelta

import pytest

from include.chaos.reports.section import counted, enumerate_words, is_secret, say, say_share, scrub


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://scale:s3cret@127.0.0.1:5432/scale", "postgresql://scale:(hidden)@127.0.0.1:5432/scale"),
        ("connection failed: password=hunter2, host=x", "connection failed: password=(hidden), host=x"),
        ("{'PGPASSWORD': 'hunter2'}", "{'PGPASSWORD': '(hidden)'}"),
        ("http://127.0.0.1:8080/health", "http://127.0.0.1:8080/health"),
        ("the password was wrong", "the password was wrong"),
    ],
)
def test_what_looks_like_a_password_is_hidden(text: str, shown: str) -> None:
    """And nothing else is changed."""
    assert scrub(text) == shown


@pytest.mark.parametrize(
    ("part", "said"),
    [(None, "no look"), (0.0, "0%"), (1.0, "100%"), (0.99999, "99.9%"), (0.00001, "0.1%"), (0.5, "50.0%")],
)
def test_all_and_nothing_are_said_only_of_all_and_nothing(part: float | None, said: str) -> None:
    """One bad look of ten thousand is not rounded away."""
    assert say_share(part) == said


def test_a_duration_that_was_not_seen_is_never_zero() -> None:
    """None is a word."""
    assert say(None) == "not seen"
    assert say(timedelta(0)) == "0.0 s"


def test_words_are_counted_and_enumerated_as_people_do() -> None:
    """One look, two looks; a, b and c."""
    assert (counted(1, "try", "tries"), counted(1200, "look")) == ("1 try", "1,200 looks")
    assert (enumerate_words(["a", "b", "c"]), enumerate_words(["a"])) == ("a, b and c", "a")


@pytest.mark.parametrize(("name", "secret"), [("api_key", True), ("AGENT_TOKEN", True), ("prefix", False)])
def test_a_secret_is_known_by_its_name(name: str, *, secret: bool) -> None:
    """As people name them."""
    assert is_secret(name) is secret

"""A digest knows rows by what they are and by how often they are there, and not by their order."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from include.chaos.row_digests import FINEST_BUCKETS, DigestTable, bucket_count, hash_key, hash_row

IMAGES = st.lists(st.binary(max_size=3), max_size=40)


def _table(images: list[bytes]) -> DigestTable:
    table = DigestTable()
    for image in images:
        table.add(hash_key(image)[0], hash_row(image))
    return table


@given(IMAGES)
def test_order_does_not_matter(images: list[bytes]) -> None:
    """The same rows, sorted otherwise, have the same digests."""
    assert _table(images).fold(16) == _table(sorted(images, reverse=True)).fold(16)


@given(IMAGES, IMAGES)
def test_digests_are_equal_exactly_for_equal_rows(one: list[bytes], other: list[bytes]) -> None:
    """Copies count: a row that is there twice is not the row that is not there at all."""
    assert (_table(one).fold(4) == _table(other).fold(4)) == (Counter(one) == Counter(other))


def test_a_duplicate_and_a_loss_do_not_cancel() -> None:
    """The count stays right, the sum does not; an exclusive or of hashes would miss two pairs of copies."""
    assert _table([b"a", b"a", b"b", b"b"]).fold(1) != _table([b"a", b"a", b"a", b"a"]).fold(1)


@given(IMAGES)
def test_coarser_buckets_are_the_finest_by_their_remainder(images: list[bytes]) -> None:
    """What the database computes for fewer buckets is what folding gives."""
    buckets = 8
    direct: Counter[int] = Counter(hash_key(image)[0] % buckets for image in images)
    assert {bucket: digest.rows for bucket, digest in _table(images).fold(buckets).items()} == direct


def test_the_number_of_buckets_is_a_power_of_two_near_the_square_root() -> None:
    """So that digests and rows of one bucket are equally many, up to a bound."""
    assert [bucket_count(rows) for rows in (0, 1, 30, 10_000_000, 50_000_000)] == [1, 2, 8, 4096, 8192]
    assert bucket_count(10**12) == FINEST_BUCKETS

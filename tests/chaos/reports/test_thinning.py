"""A plot that leaves looks out still shows each dip and each peak."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from include.chaos.reports.probing import Look
from include.chaos.reports.thinning import thin
from tests.chaos.journals import START

BUCKETS = 5

_looks = st.lists(
    st.tuples(st.booleans(), st.none() | st.floats(-1e6, 1e6), st.floats(0, 10)), min_size=0, max_size=120
)


def _make(seen: list[tuple[bool, float | None, float]]) -> list[Look]:
    return [
        Look(at=START + number * timedelta(milliseconds=100), ok=ok, value=value, latency=latency, missed=0)
        for number, (ok, value, latency) in enumerate(seen)
    ]


@given(_looks)
def test_every_change_of_health_and_all_extremes_are_kept(seen: list[tuple[bool, float | None, float]]) -> None:
    """Whatever the looks are, and in their order."""
    looks = _make(seen)
    kept = thin(looks, BUCKETS)
    assert list(kept) == sorted(set(kept) & set(looks), key=lambda look: look.at)
    for before, after in pairwise(looks):
        if before.ok != after.ok:
            assert before in kept
            assert after in kept
    if looks:
        assert max(look.latency for look in kept) == max(look.latency for look in looks)
        values = [look.value for look in looks if look.value is not None]
        assert [look.value for look in kept if look.value is not None] or not values
        if values:
            drawn = [look.value for look in kept if look.value is not None]
            assert (min(drawn), max(drawn)) == (min(values), max(values))


def test_looks_that_do_not_change_become_few() -> None:
    """A hundred thousand calm looks are at most four in a bucket, the first and the last."""
    looks = _make([(True, 1.0, 0.001)] * 100_000)
    assert len(thin(looks, BUCKETS)) <= 4 * (BUCKETS + 1) + 2


def test_few_looks_are_all_drawn() -> None:
    """Nothing is left out where there is room."""
    looks = _make([(True, 1.0, 0.001)] * (2 * BUCKETS))
    assert list(thin(looks, BUCKETS)) == looks


def test_looks_at_one_moment_are_no_trouble() -> None:
    """A clock that stands still has no buckets."""
    look = _make([(True, 1.0, 0.001)])[0]
    assert thin([look] * 50, BUCKETS) == (look, look)

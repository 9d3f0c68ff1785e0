"""Claims about scoring, against brute force on plain sets."""

from fractions import Fraction
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from include.scale.model import InstrumentRow, SimilarPair
from include.scale.scoring import bounds
from include.scale.similarity import group_songs, similar_pairs

PROGRAMS = st.frozensets(st.sampled_from([0, 1, 2, 3, 4, 5, 62, 63, 64, 65, 126, 127]), max_size=8)
SONGS = st.dictionaries(st.text(max_size=3), PROGRAMS, max_size=25)
THRESHOLDS = st.sampled_from([Fraction(0), Fraction("0.3"), Fraction("0.5"), Fraction("0.75"), Fraction("0.999999")])


def brute_force(songs: dict[str, frozenset[int]], min_instruments: int, threshold: Fraction) -> list[SimilarPair]:
    """Compare all with all."""
    scored = sorted(name for name, programs in songs.items() if len(programs) >= min_instruments)
    return [
        SimilarPair(a, b, len(songs[a] & songs[b]) / len(songs[a] | songs[b]))
        for a, b in combinations(scored, 2)
        if Fraction(len(songs[a] & songs[b]), len(songs[a] | songs[b])) > threshold
    ]


@given(songs=SONGS, min_instruments=st.integers(1, 4), threshold=THRESHOLDS, partitions=st.integers(1, 9))
def test_partitions_together_give_each_pair_once(
    songs: dict[str, frozenset[int]], min_instruments: int, threshold: Fraction, partitions: int
) -> None:
    """However the sets are cut, the pairs are those of brute force, to the bit of the score."""
    sets = group_songs([InstrumentRow(*row) for row in spelled(songs)], min_instruments)
    cuts = [bounds(len(sets.filenames), partitions, partition_id) for partition_id in range(partitions)]
    pairs = [pair for start, stop in cuts for pair in similar_pairs(sets, start, stop, threshold)]
    assert sorted(pairs) == brute_force(songs, min_instruments, threshold)


@given(inter=st.integers(1, 128), extra=st.integers(0, 127))
def test_above_a_half_the_score_is_one_minus_the_original_distance(inter: int, extra: int) -> None:
    """The original stores the double `1 - inter/union`; what it says about likeness is our score to the bit."""
    union = inter + extra
    if 2 * inter >= union:
        assert 1.0 - (1.0 - inter / union) == inter / union


def test_duplicate_rows_change_nothing() -> None:
    """Rows that an appending landing has doubled give the same sets."""
    rows = [InstrumentRow("a", 1), InstrumentRow("a", 2), InstrumentRow("b", 1), InstrumentRow("b", 2)]
    assert group_songs(rows * 2, 1).filenames == group_songs(rows, 1).filenames == (("a", "b"),)


def spelled(songs: dict[str, frozenset[int]]) -> list[tuple[str, int]]:
    """Give the rows of `filename_instrument`."""
    return [(name, program) for name, programs in songs.items() for program in programs]

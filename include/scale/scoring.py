"""What one Spark task of `score_similarity` does: compare some of the sets with all, land the neighbours."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from include.scale.bitmaps import Bitmaps, set_sizes
from include.scale.lsh_join import minhash_join
from include.scale.minhash import Bands, choose_bands
from include.scale.model import SimilarityMethod
from include.scale.neighbours import Neighbours, gather_neighbours
from include.scale.prefix_join import exact_join
from include.scale.set_pairs import SetJoin, SetPairs
from include.scale.song_sets import SongSets
from include.scale.staging import Landing, ScoredPartition, StageTry


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringReport:
    """What a task has found; `exact_set_pairs` is how many there are, None when that was not asked."""

    set_pairs: int
    exact_set_pairs: int | None
    song_pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSets:
    """The sets that are compared: those of the corpus from number `first` on, and how many songs have each.

    `digest` tells their bitmaps from others'.
    """

    bitmaps: Bitmaps
    songs: NDArray[np.int64]
    first: int
    digest: str

    def __len__(self) -> int:
        """Count the sets."""
        return len(self.bitmaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """How pairs of sets are found: by the bands, or without any by comparing exactly."""

    threshold: Fraction
    bands: Bands | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePartition:
    """Score the sets p, p + P, p + 2P, ... of P partitions. Can be pickled: connections are made in the task."""

    attempt: StageTry
    landing: Landing
    sets: ScoredSets
    join: Join
    check_recall: bool

    def __call__(self, partition_id: int) -> ScoringReport:
        """Land the neighbours that the partition's sets have and give what was found."""
        rows = range(partition_id, len(self.sets), self.attempt.partitions)
        neighbours = gather_neighbours(self._pairs(self.join, rows), self._alone(rows), self.sets.first)
        set_pairs = int(np.sum(neighbours.others > neighbours.sets))
        partition = ScoredPartition(
            partition_id=partition_id,
            sets=len(rows),
            neighbours=neighbours,
            song_pairs=count_song_pairs(neighbours, self.sets),
        )
        self.landing.stage_neighbours(self.attempt, partition)
        return ScoringReport(
            set_pairs=set_pairs,
            exact_set_pairs=self._count_exactly(rows) if self.check_recall else None,
            song_pairs=partition.song_pairs,
        )

    def _pairs(self, join: Join, rows: range) -> Iterator[SetPairs]:
        return _index(_Indexed(join, self.sets))(rows)

    def _alone(self, rows: range) -> Iterator[tuple[int, int]]:
        """Give the sets as their own neighbours, with their sizes: songs of one set are alike."""
        return zip(rows, set_sizes(self.sets.bitmaps[rows.start :: rows.step]).tolist(), strict=True)

    def _count_exactly(self, rows: range) -> int:
        exactly = Join(threshold=self.join.threshold, bands=None)
        return sum(int(np.sum(pairs.second > pairs.first)) for pairs in self._pairs(exactly, rows))


@dataclass(frozen=True, slots=True)
class _Indexed:
    """What an index is made of; sets of one digest are taken for equal."""

    join: Join
    sets: ScoredSets

    def __hash__(self) -> int:
        return hash((self.join, self.sets.digest))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Indexed):
            return NotImplemented
        return (self.join, self.sets.digest) == (other.join, other.sets.digest)


@lru_cache(maxsize=2)
def _index(indexed: _Indexed) -> SetJoin:
    """Index the sets once in a worker process, which runs many tasks."""
    join = indexed.join
    if join.bands is None:
        return exact_join(indexed.sets.bitmaps, join.threshold, both_ways=True)
    return minhash_join(indexed.sets.bitmaps, join.threshold, join.bands, both_ways=True)


def warm() -> None:
    """Compile both joins, or load them from the cache, so that no first task waits for it."""
    bitmaps = np.array([[7, 0], [15, 0]], dtype=np.uint64)
    for join in (
        exact_join(bitmaps, Fraction(1, 2)),
        minhash_join(bitmaps, Fraction(1, 2), choose_bands(Fraction(1, 2), 4)),
    ):
        list(join(range(2)))


def scored_sets(sets: SongSets, min_instruments: int) -> ScoredSets:
    """Leave out the sets that are too small to be compared."""
    first = sets.first_of_size(min_instruments)
    bitmaps = np.ascontiguousarray(sets.bitmaps[first:])
    return ScoredSets(
        bitmaps=bitmaps,
        songs=sets.songs[first:],
        first=first,
        digest=hashlib.sha256(bitmaps.tobytes()).hexdigest(),
    )


def plan_join(sets: ScoredSets, threshold: Fraction, method: SimilarityMethod) -> Join:
    """Choose how pairs are found."""
    if method is SimilarityMethod.EXACT or not len(sets):
        return Join(threshold=threshold, bands=None)
    return Join(threshold=threshold, bands=choose_bands(threshold, int(set_sizes(sets.bitmaps).max())))


def count_song_pairs(neighbours: Neighbours, sets: ScoredSets) -> int:
    """Count the song pairs for which sets and their neighbours stand: a pair of sets counts with the smaller number."""
    songs, others = sets.songs[neighbours.sets - sets.first], sets.songs[neighbours.others - sets.first]
    of_two_sets = (songs * others)[neighbours.sets < neighbours.others].sum()
    of_one_set = (songs * (songs - 1) // 2)[neighbours.sets == neighbours.others].sum()
    return int(of_two_sets + of_one_set)

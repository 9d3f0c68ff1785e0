"""Similar pairs without Spark: what the scoring tasks of a stage would find, one after the other."""

from collections.abc import Iterator
from fractions import Fraction

from include.scale.bitmaps import set_sizes
from include.scale.neighbours import gather_neighbours
from include.scale.prefix_join import exact_join
from include.scale.scoring import ScoredSets, count_song_pairs
from include.scale.staging import ScoredPartition


def scored_partitions(sets: ScoredSets, partitions: int) -> Iterator[ScoredPartition]:
    """Find the neighbours of all sets, as many partitions as a stage would have."""
    join = exact_join(sets.bitmaps, Fraction(1, 2), both_ways=True)
    sizes = set_sizes(sets.bitmaps)
    for partition_id in range(partitions):
        rows = range(partition_id, len(sets), partitions)
        neighbours = gather_neighbours(join(rows), ((row, int(sizes[row])) for row in rows), sets.first)
        yield ScoredPartition(
            partition_id=partition_id,
            sets=len(rows),
            neighbours=neighbours,
            song_pairs=count_song_pairs(neighbours, sets),
        )

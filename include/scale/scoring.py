"""What one Spark task of `score_similarity` does: compare a range of sets with all later ones, land the pairs."""

from dataclasses import dataclass
from fractions import Fraction

from include.scale.model import Relation
from include.scale.similarity import SongSets, similar_pairs
from include.scale.staging import Landing, StagedPartition, StageTry


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePartition:
    """Score one range of the distinct sets. Can be pickled: connections are made in the task."""

    attempt: StageTry
    sets: SongSets
    threshold: Fraction
    landing: Landing

    def __call__(self, partition_id: int) -> StagedPartition:
        """Land the pairs of the partition and give what it holds."""
        start, stop = bounds(len(self.sets.filenames), self.attempt.partitions, partition_id)
        pairs = similar_pairs(self.sets, start, stop, self.threshold)
        partition = StagedPartition(
            partition_id=partition_id,
            objects=stop - start,
            rows={Relation.FILEPAIR_SIMILARITY_SCORE: list(pairs)},
        )
        self.landing.stage(self.attempt, partition)
        return partition


def bounds(items: int, partitions: int, partition_id: int) -> tuple[int, int]:
    """Give the range of items that a partition holds; sizes differ by one at most."""
    return items * partition_id // partitions, items * (partition_id + 1) // partitions

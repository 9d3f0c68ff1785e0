"""The pairs of sets that a scoring task has found, gathered under each set that is in one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from include.scale.set_pairs import SetPairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Sets that are alike, both ways round, in ascending order of `sets`, then of `others`; three arrays of one length.

    `overlaps`: how many programs the two share.
    """

    sets: NDArray[np.int64]
    others: NDArray[np.int64]
    overlaps: NDArray[np.int64]

    def row_count(self) -> int:
        """Count the sets that have neighbours here: each is a row."""
        return len(np.unique(self.sets))

    def copy_lines(self, manifest_id: int, partition_id: int) -> Iterator[bytes]:
        """Spell the rows out in COPY's text format: manifest, set, partition, its neighbours, the overlaps."""
        begins = np.unique(self.sets, return_index=True)[1].tolist()
        for begin, end in pairwise([*begins, len(self.sets)]):
            others = ",".join(map(str, self.others[begin:end].tolist()))
            overlaps = ",".join(map(str, self.overlaps[begin:end].tolist()))
            yield f"{manifest_id}\t{self.sets[begin]}\t{partition_id}\t{{{others}}}\t{{{overlaps}}}\n".encode()


def gather_neighbours(pairs: Iterable[SetPairs], alone: Iterable[tuple[int, int]], offset: int) -> Neighbours:
    """Gather pairs of rows, and the sets that are alike with themselves as (row, size); numbers rise by `offset`."""
    chunks = list(pairs)
    own = np.array(list(alone), dtype=np.int64).reshape(-1, 2)
    first, second, overlap = (
        np.concatenate([getattr(chunk, name).astype(np.int64) for chunk in chunks] or [np.empty(0, dtype=np.int64)])
        for name in ("first", "second", "overlap")
    )
    sets = np.concatenate([first, second, own[:, 0]]) + offset
    others = np.concatenate([second, first, own[:, 0]]) + offset
    overlaps = np.concatenate([overlap, overlap, own[:, 1]])
    order = np.lexsort((others, sets))
    return Neighbours(sets=sets[order], others=others[order], overlaps=overlaps[order])

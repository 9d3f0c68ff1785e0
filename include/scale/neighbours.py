"""The sets that are alike with those of a scoring task, gathered under each of them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from include.scale.copy_binary import Width, arrays, copy_rows, integers, same
from include.scale.set_pairs import SetPairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Sets and those alike with them, in ascending order of `sets`, then of `others`; three arrays of one length.

    `overlaps`: how many programs the two share.
    """

    sets: NDArray[np.int64]
    others: NDArray[np.int64]
    overlaps: NDArray[np.int64]

    def row_count(self) -> int:
        """Count the sets that have neighbours here: each is a row."""
        return len(np.unique(self.sets))

    def copy_rows(self, manifest_id: int, partition_id: int) -> bytes:
        """Spell the rows out for COPY: manifest, set, partition, its neighbours, the overlaps."""
        sets, begins = np.unique(self.sets, return_index=True)
        edges = np.append(begins, len(self.sets))
        return copy_rows(
            same(manifest_id, Width.INT8, len(sets)),
            integers(sets, Width.INT4),
            same(partition_id, Width.INT4, len(sets)),
            arrays(self.others, edges, Width.INT4),
            arrays(self.overlaps, edges, Width.INT2),
        )


def gather_neighbours(pairs: Iterable[SetPairs], alone: Iterable[tuple[int, int]], offset: int) -> Neighbours:
    """Gather the pairs of some rows, and those rows as (row, size), alike with themselves; numbers rise by `offset`."""
    own = np.array(list(alone), dtype=np.int64).reshape(-1, 2)
    chunks = list(pairs)
    sets = np.concatenate([own[:, 0], *(chunk.first for chunk in chunks)]).astype(np.int64) + offset
    others = np.concatenate([own[:, 0], *(chunk.second for chunk in chunks)]).astype(np.int64) + offset
    overlaps = np.concatenate([own[:, 1], *(chunk.overlap for chunk in chunks)]).astype(np.int64)
    order = np.lexsort((others, sets))
    return Neighbours(sets=sets[order], others=others[order], overlaps=overlaps[order])

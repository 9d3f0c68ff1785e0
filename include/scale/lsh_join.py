"""Pairs of sets above a threshold by locality-sensitive hashing of MinHash signatures.

Phase 1 signs the sets, block by block. Phase 2 hashes each band of a signature to a slot and groups the sets of a
slot into a bucket. Phase 3 walks, for each set, its buckets of all bands, and verifies every other set that it meets
there, once, on the bitmaps: what is found is a pair for certain, what is missed is missed with the probability that
`Bands` states.

No list of candidates is ever made, so neither a crowded bucket nor a pair that meets in many bands costs memory. The
buckets take 12 bytes a set and band: 140 MB for 94,000 sets in 122 bands.
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from include.scale.bitmaps import Bitmaps
from include.scale.minhash import SEED, Bands, signatures
from include.scale.set_pairs import CHUNK_PAIRS, SetJoin, SetPairs, in_chunks, order_sets
from include.scale.similarity_kernels import Buckets, OrderedSets, PairBuffer, band_slots, bucket_pairs, fill_buckets

_SIGNED_AT_ONCE = 8192
"""Sets whose signatures are in memory together: 16 MB at 512 permutations."""


def minhash_pairs(
    bitmaps: Bitmaps,
    threshold: Fraction,
    bands: Bands,
    *,
    seed: int = SEED,
    chunk_pairs: int = CHUNK_PAIRS,
) -> Iterator[SetPairs]:
    """Give pairs of rows that score strictly above the threshold; `bitmaps` (n, 2) ascend by size."""
    return minhash_join(bitmaps, threshold, bands, seed=seed, chunk_pairs=chunk_pairs)(range(len(bitmaps)))


def minhash_join(
    bitmaps: Bitmaps,
    threshold: Fraction,
    bands: Bands,
    *,
    both_ways: bool = False,
    seed: int = SEED,
    chunk_pairs: int = CHUNK_PAIRS,
) -> SetJoin:
    """Index sets, so that the join gives the pairs above the threshold whose first row is among its probes.

    `bitmaps` (n, 2) ascend by size, as `distinct_sets` gives them. Workers that share a join take interleaved probes,
    `range(worker, n, workers)`; all find the same pairs for the same bands and seed. `both_ways` gives every pair
    twice, once from each of its rows.
    """
    sets = order_sets(bitmaps, threshold, both_ways=both_ways)
    buckets = _group_into_buckets(sets, bands, seed)

    def find_pairs(some_probes: tuple[int, int, int], buffer: PairBuffer) -> tuple[int, int]:
        return bucket_pairs(sets, buckets, some_probes, buffer)

    return lambda probes: in_chunks(find_pairs, probes, len(bitmaps), chunk_pairs)


def _group_into_buckets(sets: OrderedSets, bands: Bands, seed: int) -> Buckets:
    slot_bits = max(1, len(sets.sizes).bit_length())  # as many slots as sets, so that a shared slot means a shared band
    slots = _slots_of_bands(sets.bitmaps, bands, seed, slot_bits)
    buckets = Buckets(rows=np.empty_like(slots), begins=np.empty_like(slots), ends=slots)
    fill_buckets(slots, slot_bits, sets.floors, buckets)
    return buckets


def _slots_of_bands(bitmaps: Bitmaps, bands: Bands, seed: int, slot_bits: int) -> NDArray[np.uint32]:
    """Hash every band of every set: shape (bands, n)."""
    slots = np.empty((bands.bands, len(bitmaps)), dtype=np.uint32)
    for start in range(0, len(bitmaps), _SIGNED_AT_ONCE):
        block = slice(start, start + _SIGNED_AT_ONCE)
        signed = signatures(bitmaps[block], num_perm=bands.num_perm, seed=seed)
        band_slots(signed, slot_bits, slots[:, block])
    return slots

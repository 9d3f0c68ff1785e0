"""Compiled loops of the similarity joins; `minhash`, `prefix_join` and `lsh_join` say what they are for.

Tuples carry the arrays, because numba compiles named tuples but not dataclasses. What the compiled code depends on is
all in this file, because numba looks at no other when it asks whether its cache is stale.
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

_ONE = np.uint64(1)
_WORD_BITS = 64
_TOKENS = 128
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: Knuth's multiplicative hashing, TAOCP 6.4


class OrderedSets(NamedTuple):
    """Sets by ascending size, with what decides whether two of them are a pair."""

    bitmaps: NDArray[np.uint64]  # (n, 2)
    sizes: NDArray[np.uint8]  # (n,)
    floors: NDArray[np.uint32]  # (n,): the first row that this one is to meet
    limits: NDArray[np.uint32]  # (n,): the first row that is too large to pair with this one
    required: NDArray[np.int64]  # (257,): least overlap of a pair, by the sum of its sizes


class Postings(NamedTuple):
    """For each token, the sets that hold it in their prefix, ascending by row: an inverted index.

    Bitmaps and sizes are copied into posting order, because the join spends its time reading them in sequence.
    """

    starts: NDArray[np.int64]  # (129,): where a token's postings start in the arrays below
    rows: NDArray[np.uint32]
    bitmaps: NDArray[np.uint64]  # (postings, 2)
    sizes: NDArray[np.uint8]
    reach: NDArray[np.int64]  # (n,): last position in a row of a token through which it looks into these postings


class Buckets(NamedTuple):
    """For each band, the rows ordered by bucket, ascending within it; all arrays have shape (bands, n)."""

    rows: NDArray[np.uint32]
    begins: NDArray[np.uint32]  # where in the band's `rows` those begin that a row is to meet
    ends: NDArray[np.uint32]  # where in the band's `rows` its bucket ends


class PairBuffer(NamedTuple):
    """Room for pairs; all arrays have one length."""

    first: NDArray[np.uint32]
    second: NDArray[np.uint32]
    overlap: NDArray[np.uint8]


@numba.njit(cache=True)
def _ones(word: np.uint64) -> np.int64:
    """Count the ones of a word; LLVM knows the idiom (Hacker's Delight, 5-1) and emits the processor's popcnt."""
    word = word - ((word >> _ONE) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@numba.njit(cache=True)
def _holds(bitmaps: NDArray[np.uint64], row: int, token: int) -> bool:
    word = bitmaps[row, token // _WORD_BITS]
    return bool((word >> np.uint64(token % _WORD_BITS)) & _ONE)


@numba.njit(cache=True)
def _write_pair(pairs: PairBuffer, count: int, first: int, second: int, overlap: np.int64) -> None:
    pairs.first[count] = first
    pairs.second[count] = second
    pairs.overlap[count] = overlap


@numba.njit(cache=True)
def minimum_signatures(
    bitmaps: NDArray[np.uint64], token_signatures: NDArray[np.uint32], signatures: NDArray[np.uint32]
) -> None:
    """Lower each row of `signatures` (n, num_perm) to the minimum of its tokens' `token_signatures` (128, num_perm)."""
    for row in range(len(bitmaps)):
        for token in range(_TOKENS):
            if _holds(bitmaps, row, token):
                for permutation in range(signatures.shape[1]):
                    signatures[row, permutation] = min(
                        signatures[row, permutation], token_signatures[token, permutation]
                    )


@numba.njit(cache=True)
def band_slots(signatures: NDArray[np.uint32], slot_bits: int, slots: NDArray[np.uint32]) -> None:
    """Hash each band of each signature (n, bands * width) to a slot of `slot_bits` bits, into `slots` (bands, n)."""
    bands = len(slots)
    width = signatures.shape[1] // bands
    for row in range(len(signatures)):
        for band in range(bands):
            mixed = np.uint64(0)
            for column in range(band * width, (band + 1) * width):
                mixed = (mixed ^ np.uint64(signatures[row, column])) * _MIXER
            slots[band, row] = mixed >> np.uint64(64 - slot_bits)


@numba.njit(cache=True)
def fill_buckets(slots: NDArray[np.uint32], slot_bits: int, floors: NDArray[np.uint32], buckets: Buckets) -> None:
    """Order the rows of each band by slot with a counting sort: stable, so rows ascend within a bucket."""
    for band in range(len(slots)):
        starts = _slot_starts(slots[band], slot_bits)
        edges = starts.copy()
        for row in range(slots.shape[1]):
            slot = slots[band, row]
            buckets.rows[band, edges[slot]] = row
            edges[slot] += 1
            # Rows come in order, so what follows in the bucket is larger; who meets the smaller begins at its start.
            buckets.begins[band, row] = edges[slot] if floors[row] > row else starts[slot]
        for row in range(slots.shape[1]):
            buckets.ends[band, row] = edges[slots[band, row]]  # every start has moved to its slot's end


@numba.njit(cache=True)
def _slot_starts(slots: NDArray[np.uint32], slot_bits: int) -> NDArray[np.uint32]:
    starts = np.zeros((1 << slot_bits) + 1, dtype=np.uint32)
    for slot in slots:
        starts[slot + 1] += 1
    for slot in range(1 << slot_bits):
        starts[slot + 1] += starts[slot]
    return starts


@numba.njit(cache=True)
def bucket_pairs(
    sets: OrderedSets, buckets: Buckets, probes: tuple[int, int, int], pairs: PairBuffer
) -> tuple[int, int]:
    """Write the pairs whose first row is in `probes` (start, stop, step); return (next probe, pairs written).

    Stops early, at a probe that is then the next one, when `pairs` may have no room for all partners of a row.
    """
    room = len(pairs.first) - len(sets.sizes)
    met = np.full(len(sets.sizes), len(sets.sizes), dtype=np.uint32)  # the last row that met this one
    probe, stop, step = probes
    count = 0
    while probe < stop and count <= room:
        count = _bucket_partners(sets, buckets, probe, met, pairs, count)
        probe += step
    return probe, count


@numba.njit(cache=True)
def _bucket_partners(
    sets: OrderedSets, buckets: Buckets, row: int, met: NDArray[np.uint32], pairs: PairBuffer, count: int
) -> int:
    """Verify the rows to meet in each bucket of `row` exactly; write those that pass, once over all bands."""
    low, high = sets.bitmaps[row, 0], sets.bitmaps[row, 1]
    floor, limit = sets.floors[row], sets.limits[row]
    required = sets.required[sets.sizes[row] :]
    for band in range(len(buckets.rows)):
        for place in range(buckets.begins[band, row], buckets.ends[band, row]):
            other = buckets.rows[band, place]
            if other >= limit:
                break
            if other < floor or other == row:
                continue
            overlap = _ones(low & sets.bitmaps[other, 0]) + _ones(high & sets.bitmaps[other, 1])
            if overlap >= required[sets.sizes[other]] and met[other] != row:
                met[other] = row
                _write_pair(pairs, count, row, other, overlap)
                count += 1
    return count


@numba.njit(cache=True)
def prefix_pairs(
    sets: OrderedSets, larger: Postings, smaller: Postings, probes: tuple[int, int, int], pairs: PairBuffer
) -> tuple[int, int]:
    """Write the pairs whose first row is in `probes` (start, stop, step); return (next probe, pairs written).

    Stops early, at a probe that is then the next one, when `pairs` may have no room for all partners of a row.
    """
    room = len(pairs.first) - len(sets.sizes)
    probe, stop, step = probes
    count = 0
    while probe < stop and count <= room:
        if sets.floors[probe] < probe:
            count = _prefix_partners(sets, smaller, probe, (sets.floors[probe], probe), pairs, count)
        count = _prefix_partners(sets, larger, probe, (probe + 1, sets.limits[probe]), pairs, count)
        probe += step
    return probe, count


@numba.njit(cache=True)
def _prefix_partners(
    sets: OrderedSets, postings: Postings, row: int, others: tuple[int, int], pairs: PairBuffer, count: int
) -> int:
    """Look for partners of `row` among `others` (start, stop) through each token of its prefix, rarest first."""
    passed = np.zeros(2, dtype=np.uint64)  # the row's tokens before this one
    position = 0
    for token in range(_TOKENS):
        if position > postings.reach[row]:
            break
        if _holds(sets.bitmaps, row, token):
            posted = postings.rows[postings.starts[token] : postings.starts[token + 1]]
            begin = postings.starts[token] + np.searchsorted(posted, others[0])
            end = postings.starts[token] + np.searchsorted(posted, others[1])
            count = _posted_partners(sets, postings, row, (begin, end), passed, pairs, count)
            passed[token // _WORD_BITS] |= _ONE << np.uint64(token % _WORD_BITS)
            position += 1
    return count


@numba.njit(cache=True)
def _posted_partners(
    sets: OrderedSets,
    postings: Postings,
    row: int,
    places: tuple[int, int],
    passed: NDArray[np.uint64],
    pairs: PairBuffer,
    count: int,
) -> int:
    """Verify the rows at some places exactly; write those not met before, through a `passed` token."""
    low, high = sets.bitmaps[row, 0], sets.bitmaps[row, 1]
    passed_low, passed_high = passed[0], passed[1]
    required = sets.required[sets.sizes[row] :]
    for place in range(places[0], places[1]):
        shared_low = low & postings.bitmaps[place, 0]
        shared_high = high & postings.bitmaps[place, 1]
        overlap = _ones(shared_low) + _ones(shared_high)
        if overlap >= required[postings.sizes[place]] and (shared_low & passed_low) | (shared_high & passed_high) == 0:
            _write_pair(pairs, count, row, postings.rows[place], overlap)
            count += 1
    return count

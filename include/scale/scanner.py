"""From the bytes of many MIDI files to their instrument sets, compiled.

The definition is `{i.program for i in pretty_midi.PrettyMIDI(file).instruments}`, exactly, for each file that
pretty_midi 0.2.11.post0 over mido 1.3.3 accepts; a file that it rejects is rejected, with a reason. The rules are in
`scanner_kernel`.

numba keeps the compiled code in `NUMBA_CACHE_DIR`, read when this module is first imported, or beside the kernel when
that is unset. Compiling takes seconds, loading a fraction of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from include.scale.scanner_kernel import RejectReason, new_tables, scan

Scalar = TypeVar("Scalar", np.uint8, np.int64)

__all__ = ["ACCEPTED", "RejectReason", "ScanResult", "programs_of", "scan_buffer", "scan_files", "warm"]

ACCEPTED = 0
"""The code of a file that was not rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """What n files hold, in their order.

    `bitmaps` (n, 2): bit p of word 0 stands for program p, of word 1 for program 64 + p; zero when rejected.
    `codes` (n,): `ACCEPTED` or a `RejectReason`.
    """

    bitmaps: npt.NDArray[np.uint64]
    codes: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Count the files."""
        return len(self.codes)

    def reason(self, index: int) -> RejectReason | None:
        """Give the reason why the file was rejected, None when it was not."""
        code = int(self.codes[index])
        return None if code == ACCEPTED else RejectReason(code)


def scan_files(contents: Sequence[bytes]) -> ScanResult:
    """Scan whole files, given as bytes; they are copied once, end to end."""
    offsets = np.fromiter(accumulate(map(len, contents), initial=0), dtype=np.int64, count=len(contents) + 1)
    return scan_buffer(np.frombuffer(b"".join(contents), dtype=np.uint8), offsets)


def scan_buffer(buffer: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> ScanResult:
    """Scan the n files `buffer[offsets[i]:offsets[i + 1]]`, as an Arrow binary column keeps them, without copying.

    `buffer` is a contiguous array of bytes, `offsets` (n + 1,) never decreases. Raises `ValueError` when they do not
    fit together: the compiled code checks no bounds.
    """
    if buffer.dtype != np.uint8 or buffer.ndim != 1 or not buffer.flags.c_contiguous:
        raise ValueError(f"buffer must be a contiguous vector of uint8, not {buffer.dtype} of shape {buffer.shape}")
    if not _fits(offsets, len(buffer)):
        raise ValueError(
            f"offsets must be a vector that rises from 0 or more to at most {len(buffer)}, the buffer's size"
        )
    count = len(offsets) - 1
    result = ScanResult(bitmaps=np.zeros((count, 2), dtype=np.uint64), codes=np.zeros(count, dtype=np.uint8))
    starts = np.ascontiguousarray(offsets, dtype=np.int64)
    scan(_read_only(buffer), _read_only(starts), result.bitmaps, result.codes, new_tables())
    return result


def programs_of(bitmap: npt.NDArray[np.uint64]) -> frozenset[int]:
    """List the programs, 0 to 127, whose bits are set in the two words of a bitmap."""
    return frozenset(program for program in range(128) if int(bitmap[program // 64]) >> program % 64 & 1)


def warm() -> None:
    """Compile the kernel, or load it from the cache, so that no first batch waits for it."""
    scan_files([])


def _fits(offsets: npt.NDArray[np.int64], size: int) -> bool:
    if offsets.ndim != 1 or len(offsets) == 0:
        return False
    return bool(offsets[0] >= 0 and offsets[-1] <= size and np.all(offsets[1:] >= offsets[:-1]))


def _read_only(array: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """View an array so that all callers, whose buffers may be writable or not, share one compiled signature."""
    view = array.view()
    view.flags.writeable = False
    return view

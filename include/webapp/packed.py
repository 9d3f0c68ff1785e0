"""Many short texts in few objects: they take a fraction of the memory of as many `str`, and are searched at once."""

from array import array
from bisect import bisect_right


class Packed:
    """A sequence of byte strings, appended to and read; none may hold the separator, a newline."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._bytes = bytearray()
        self._ends = array("L")

    def __len__(self) -> int:
        """Count the strings."""
        return len(self._ends)

    def __getitem__(self, index: int) -> bytes:
        """Give one of them; raise `IndexError` beyond the last."""
        end = self._ends[index] - 1
        return bytes(self._bytes[self._start(index) : end])

    def append(self, text: bytes) -> None:
        """Add one at the end."""
        self._bytes += text
        self._bytes += b"\n"
        self._ends.append(len(self._bytes))

    def find(self, part: bytes, start: int) -> int | None:
        """Give the first string from `start` on that holds the part."""
        if start >= len(self):
            return None
        place = self._bytes.find(part, self._start(start))
        return None if place < 0 else bisect_right(self._ends, place)

    def _start(self, index: int) -> int:
        return self._ends[index - 1] if index else 0

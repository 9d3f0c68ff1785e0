"""Records in bins, more than fit into memory: one temporary file that is gone with the process, however it ends."""

import os
from array import array
from tempfile import TemporaryFile

_CHUNK = 4096
"""Bytes of a bin that are held back until they are written together."""


class Spool:
    """Append records to bins, and read whole bins back. In memory are a chunk a bin, and 16 bytes a chunk written."""

    def __init__(self, bins: int) -> None:
        """Open the file, in the folder that `TMPDIR` names."""
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115  # closed by `close`
        self._end = 0
        self._pending = [bytearray() for _ in range(bins)]
        self._written = [array("Q") for _ in range(bins)]

    def append(self, number: int, record: bytes) -> None:
        """Add a record to a bin; raise `OSError` when the disk is full."""
        pending = self._pending[number]
        pending += record
        if len(pending) >= _CHUNK:
            self._write(number)

    def read(self, number: int) -> bytes:
        """Give all records of a bin, one after the other, in the order in which they came."""
        places = iter(self._written[number])
        chunks = [os.pread(self._file.fileno(), length, offset) for offset, length in zip(places, places, strict=True)]
        return b"".join([*chunks, self._pending[number]])

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()

    def _write(self, number: int) -> None:
        pending = self._pending[number]
        rest = memoryview(bytes(pending))
        while rest:
            rest = rest[os.pwrite(self._file.fileno(), rest, self._end + len(pending) - len(rest)) :]
        self._written[number].extend((self._end, len(pending)))
        self._end += len(pending)
        self._pending[number] = bytearray()

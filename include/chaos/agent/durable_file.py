"""Write small files so that they are there, whole, after a crash."""

import os
from pathlib import Path


def write_durably(path: Path, text: str) -> None:
    """Replace a file in one step; on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replacement = path.with_suffix(".new")
    with replacement.open("w", encoding="utf8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    replacement.replace(path)
    _sync_folder(path.parent)


def remove_durably(path: Path) -> None:
    """Remove a file, if there is one; on disk when this returns."""
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Titles of songs, from a file of hash-to-path names as the Lakh MIDI Dataset gives them.

The dataset (Raffel 2016, "Learning-Based Methods for Comparing Sequences", chapter 4) names each file by the MD5 of
its content, and `md5_to_paths.json` maps each MD5 to the paths under which the file was found:
`{"d0a3...": ["./Artist/Song.mid", ...], ...}`.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from psycopg import Cursor
from pydantic import RootModel, ValidationError

from include.errors import CorpusError
from include.scale.statements import statement
from include.scale.warehouse import Row, Warehouse

_MD5 = re.compile(r"[0-9a-f]{32}")


class _Names(RootModel[dict[str, list[str]]]):
    """The file's content."""


def load_titles(warehouse: Warehouse, file: Path) -> int:
    """Store a path for each MD5 in the file, replacing what is known; give their number.

    Raises `CorpusError` naming the file and the entry that is wrong; nothing is stored then.
    """
    names = list(_first_paths(file, _read(file)))

    def store(cursor: Cursor[Row]) -> None:
        cursor.execute(statement("title/upload"))
        with cursor.copy(statement("title/copy")) as copy:
            for row in names:
                copy.write_row(row)
        cursor.execute(statement("title/merge"))

    warehouse.transact(store)
    return len(names)


def _read(file: Path) -> Mapping[str, list[str]]:
    try:
        return _Names.model_validate_json(file.read_bytes()).root
    except OSError as error:
        raise CorpusError(f"{file}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = " of ".join(map(str, reversed(first["loc"]))) or "the whole file"
        raise CorpusError(
            f'{file}: {place}: {first["msg"]}. Expected a JSON object like {{"<MD5>": ["Artist/Song.mid"]}}.'
        ) from error


def _first_paths(file: Path, names: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    for md5, paths in names.items():
        if not _MD5.fullmatch(md5):
            raise CorpusError(f"{file}: {md5!r} is not an MD5 of 32 lower-case hexadecimal digits")
        if usable := sorted(path for path in paths if path and "\x00" not in path):
            yield md5, usable[0]

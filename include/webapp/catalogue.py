"""All titles of a publication, held in memory to be searched, and how often each instrument plays.

A title is computed by the warehouse from a path, so no index of it finds a word in the middle; reading all of them for
each search would take it half a second at 178,000 songs. Here they take some 25 MB a process, and a search a few
milliseconds, also while the warehouse is away.
"""

import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from include.webapp.general_midi import FAMILIES, are_programs
from include.webapp.model import Page, Song, Stamp
from include.webapp.packed import Packed
from include.webapp.warehouse import GarbledError, Row

MOST_SONGS = 500_000


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """The songs of one publication, in the order of their keys; not `complete` when there are more than it may hold."""

    stamp: Stamp
    complete: bool = True
    songs_with: Counter[str] = field(default_factory=Counter)
    """By the slug of an instrument or a family: songs in which it plays."""
    _filenames: Packed = field(default_factory=Packed)
    _titles: Packed = field(default_factory=Packed)
    _folded: Packed = field(default_factory=Packed)
    _programs: Packed = field(default_factory=Packed)

    def __len__(self) -> int:
        """Count the songs."""
        return len(self._filenames)

    def add(self, rows: Iterable[Row]) -> None:
        """Add songs that follow those that are there; raise `GarbledError` at one that cannot be."""
        for filename, title, programs in rows:
            if not are_programs(programs):
                raise GarbledError(f"{filename!r} has programs {programs}")
            self._filenames.append(_escape(filename.encode()))
            self._titles.append(_escape(title.encode()))
            self._folded.append(fold(title).encode())
            self._programs.append(_escape(bytes(programs)))
            self.songs_with.update(_slugs(programs))

    def find(self, words: Iterable[str], *, after: str, limit: int) -> Page[Song]:
        """Give songs whose title holds every word, beyond a key; raise `ValueError` without a word."""
        found: list[Song] = []
        for index in self._matches([word.encode() for word in words], after):
            if len(found) == limit:
                return Page(items=tuple(found), more=True)
            found.append(self._song(index))
        return Page(items=tuple(found), more=False)

    def _matches(self, words: list[bytes], after: str) -> Iterator[int]:
        """Let each word leap to where the furthest is, until they meet: the rarest word sets the pace."""
        index = self._place_beyond(after)
        while (places := self._next_places(words, index)) is not None:
            index = max(places)
            if index == min(places):
                yield index
                index += 1

    def _next_places(self, words: list[bytes], start: int) -> list[int] | None:
        places = [self._folded.find(word, start) for word in words]
        return None if None in places else [place for place in places if place is not None]

    def _place_beyond(self, key: str) -> int:
        return bisect_right(self._filenames, key.encode(), key=_unescape) if key else 0

    def _song(self, index: int) -> Song:
        return Song(
            filename=_unescape(self._filenames[index]).decode(),
            title=_unescape(self._titles[index]).decode(),
            known_path=None,
            programs=tuple(_unescape(self._programs[index])),
        )


def fold(text: str) -> str:
    """Write a text as it is searched for: without case, accents, and white space but single blanks."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


def words_of(text: str) -> tuple[str, ...]:
    """Give the words of a search."""
    return tuple(fold(text).split())


def _slugs(programs: Iterable[int]) -> Iterator[str]:
    families = set()
    for program in programs:
        family = FAMILIES[program // 8]
        yield family.instruments[program % 8].slug
        families.add(family.slug)
    yield from families


def _escape(text: bytes) -> bytes:
    """Write newlines otherwise, for they separate; order among keys is not kept, so it is compared unescaped."""
    return text.replace(b"\\", b"\\\\").replace(b"\n", b"\\n") if b"\n" in text or b"\\" in text else text


def _unescape(text: bytes) -> bytes:
    if b"\\" not in text:
        return text
    return b"\\".join(part.replace(b"\\n", b"\n") for part in text.split(b"\\\\"))

"""Songs by instrument, songs like a song, songs by title: from the warehouse, or from memory while it is away."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar, cast

from include.webapp.catalogue import MOST_SONGS, Catalogue
from include.webapp.general_midi import INSTRUMENTS, are_programs
from include.webapp.memory import Kept, Memory
from include.webapp.model import Answer, Beyond, Neighbour, Page, Similar, Song, Stamp
from include.webapp.refusals import unavailable
from include.webapp.warehouse import AwayError, GarbledError, Row, SlowError, UnpublishedError
from include.webapp.watch import Asked, Watch

KEPT_ANSWERS = 5_000
"""Pages of some 30 songs: a few KB each."""

_LASTS = timedelta(seconds=60)
"""Titles are loaded without a publication, so an answer is asked for again after that."""
_CATALOGUE_LASTS = timedelta(minutes=10)
_READ_AT_ONCE = 2_000
_BEFORE_ALL = Beyond(score=2.0, filename="")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether questions can be answered, from where, and since when not from the warehouse."""

    ready: bool
    stale_since: datetime | None
    kept_answers: int
    songs_in_memory: int


class Recommender:
    """Answers questions, keeps what it has answered, and says of each answer whether it still holds."""

    def __init__(self, warehouse: Asked) -> None:
        """Know nothing yet; `start` begins to look, or tests look by hand."""
        self._warehouse = warehouse
        self.watch = Watch(warehouse)
        self._memory: Memory[object] = Memory(KEPT_ANSWERS)
        self._catalogue: Catalogue | None = None
        self._catalogue_until = 0.0
        self._catalogue_wanted = threading.Event()
        self._ended = threading.Event()
        self._threads = (
            threading.Thread(target=self.watch.run, args=(self._catalogue_wanted.set,), daemon=True),
            threading.Thread(target=self._keep_catalogue, daemon=True),
        )

    def start(self) -> Self:
        """Watch the warehouse and read titles, beside the requests, for as long as the process lives."""
        for thread in self._threads:
            thread.start()
        return self

    def end(self) -> None:
        """Stop watching."""
        self._ended.set()
        self._catalogue_wanted.set()
        self.watch.end()
        for thread in self._threads:
            thread.join()

    def songs_with(self, programs: tuple[int, ...], *, after: str, limit: int) -> Answer[Page[Song]]:
        """Give songs in which one of the programs plays, in the order of their keys, beyond a key."""

        def read() -> Page[Song]:
            rows = self._warehouse.fetch("songs_with", programs=list(programs), after=after, limit=limit + 1)
            return Page(items=tuple(map(_song, rows[:limit])), more=len(rows) > limit)

        return self._answer(("songs_with", programs, after, limit), read, nothing=Page(items=(), more=False))

    def similar_to(self, filename: str, *, beyond: Beyond | None, limit: int) -> Answer[Similar | None]:
        """Give a song with its neighbours, the most similar first; None when there is no such song."""
        last = beyond or _BEFORE_ALL

        def read() -> Similar | None:
            score, after = last.score, last.filename
            rows = self._warehouse.fetch("similar_to", filename=filename, score=score, after=after, limit=limit + 1)
            return _similar(rows, limit) if rows else None

        return self._answer(("similar_to", filename, last, limit), read, nothing=None)

    def find(self, words: tuple[str, ...], *, after: str, limit: int) -> Answer[Page[Song]]:
        """Give songs whose title holds every word, in the order of their keys, beyond a key."""
        seen = self.watch.seen()
        catalogue = self._catalogue
        if catalogue is None:
            raise unavailable(
                "The warehouse does not answer, and its titles have not been read before."
                if seen.away_since
                else "The titles are being read for the first time."
            )
        return Answer(value=catalogue.find(words, after=after, limit=limit), stale_since=seen.away_since)

    def catalogue(self) -> Answer[Catalogue | None]:
        """Give what is known of all songs; None before they have been read for the first time."""
        return Answer(value=self._catalogue, stale_since=self.watch.seen().away_since)

    def readiness(self) -> Readiness:
        """Tell whether there is anything to answer from."""
        away_since = self.watch.seen().away_since
        kept, songs = len(self._memory), len(self._catalogue or ())
        return Readiness(
            ready=away_since is None or bool(kept or songs),
            stale_since=away_since,
            kept_answers=kept,
            songs_in_memory=songs,
        )

    def read_catalogue(self) -> None:
        """Read all titles, unless those of this publication were read not long ago.

        Raises `AwayError` or `SlowError` when the warehouse goes away meanwhile; what was known stays.
        """
        stamp = self.watch.seen().stamp
        known = self._catalogue
        if known and known.stamp == stamp and stamp.is_lasting and time.monotonic() < self._catalogue_until:
            return
        catalogue = self._read_all(stamp)
        if self.watch.look().stamp == stamp:  # or they are of two publications
            self._catalogue = catalogue
            self._catalogue_until = time.monotonic() + _CATALOGUE_LASTS.total_seconds()

    def _read_all(self, stamp: Stamp) -> Catalogue:
        catalogue, after = Catalogue(stamp=stamp), ""
        while stamp.manifest_id is not None and not self._ended.is_set():
            rows = self._warehouse.fetch("catalogue", after=after, limit=_READ_AT_ONCE)
            catalogue.add(rows)
            if len(rows) < _READ_AT_ONCE:
                break
            after = rows[-1][0]
            if len(catalogue) >= MOST_SONGS:
                catalogue.complete = False
                break
        return catalogue

    def _keep_catalogue(self) -> None:
        while self._catalogue_wanted.wait() and not self._ended.is_set():
            self._catalogue_wanted.clear()
            try:
                self.read_catalogue()
            except (AwayError, SlowError):
                self.watch.look()

    def _answer(self, key: Hashable, read: Callable[[], T], *, nothing: T) -> Answer[T]:
        seen = self.watch.seen()
        kept = cast("Kept[T] | None", self._memory.recall(key))
        if seen.away_since is None:
            if kept and kept.stamp == seen.stamp and seen.stamp.is_lasting and datetime.now(UTC) - kept.at < _LASTS:
                return Answer(value=kept.value)
            try:
                return Answer(value=self._read(key, read, seen.stamp, nothing))
            except AwayError as error:
                seen = self.watch.miss(error)
            except SlowError:
                return self._from_memory(kept, None)
        return self._from_memory(kept, seen.away_since)

    def _read(self, key: Hashable, read: Callable[[], T], stamp: Stamp, nothing: T) -> T:
        try:
            value = nothing if stamp.manifest_id is None else read()
        except UnpublishedError:
            value = nothing
        self._memory.keep(key, Kept(value=value, stamp=stamp, at=datetime.now(UTC)))
        return value

    def _from_memory(self, kept: Kept[T] | None, away_since: datetime | None) -> Answer[T]:
        """Give what was known; when the warehouse was only too slow, that holds since it was read."""
        if kept:
            return Answer(value=kept.value, stale_since=away_since or kept.at)
        if away_since:
            raise unavailable("The warehouse does not answer, and this has not been asked before.")
        raise unavailable("The warehouse takes too long to answer this.")


def _song(row: Row) -> Song:
    filename, title, known_path, programs = row
    if not are_programs(programs):
        raise GarbledError(f"{filename!r} has programs {programs}")
    return Song(filename=filename, title=title, known_path=known_path, programs=tuple(programs))


def _similar(rows: list[Row], limit: int) -> Similar:
    song = _song(rows[0][:4])
    found = [_neighbour(song, row[4:]) for row in rows[:limit] if row[4] is not None]
    return Similar(song=song, neighbours=Page(items=tuple(found), more=len(rows) > limit))


def _neighbour(song: Song, row: Row) -> Neighbour:
    other = _song(row[1:])
    shared = sorted(set(song.programs) & set(other.programs))
    return Neighbour(song=other, score=row[0], shared=tuple(INSTRUMENTS[program] for program in shared))

"""What the recommender answers with."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Generic, TypeVar

from include.webapp.general_midi import INSTRUMENTS, Family, Instrument, family_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Which publication the warehouse shows: none without a manifest, an unfinished one without its time."""

    manifest_id: int | None = None
    published_at: datetime | None = None

    @property
    def is_lasting(self) -> bool:
        """Tell whether what was read under it stays true while it stays."""
        return self.manifest_id is None or self.published_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Song:
    """A song as consumers read it: `programs` ascend."""

    filename: str
    title: str
    known_path: str | None
    programs: tuple[int, ...]

    @property
    def name(self) -> str:
        """What to call it: by its title, unless that shows nothing, or else by its key."""
        return next((name for name in (self.title, self.filename) if name.strip()), repr(self.filename))

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Give what plays in it."""
        return tuple(INSTRUMENTS[program] for program in self.programs)

    @property
    def by_family(self) -> tuple[tuple[Family, tuple[Instrument, ...]], ...]:
        """Give what plays in it, family by family."""
        return tuple((family, tuple(members)) for family, members in groupby(self.instruments, key=family_of))


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A song that is similar to another, and what plays in both."""

    song: Song
    score: float
    shared: tuple[Instrument, ...]

    @property
    def only_there(self) -> tuple[Instrument, ...]:
        """Give what plays in this song alone."""
        return tuple(instrument for instrument in self.song.instruments if instrument not in self.shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some of many, in the order of their keys; `more` follow the last of them."""

    items: tuple[T, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A song and a page of its neighbours, the most similar first."""

    song: Song
    neighbours: Page[Neighbour]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """The last neighbour of a page, beyond which the next page begins."""

    score: float
    filename: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """What is known, and since when nobody could tell whether it still holds; None when it does."""

    value: T
    stale_since: datetime | None = None

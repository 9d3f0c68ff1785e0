"""When experiments may run by themselves: one file a pipeline, `include/windows/<pipeline>.yaml`.

What a window means in moments is in `window_moments`.
"""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from include.chaos.document_problems import Steps, suggestion
from include.chaos.documents import locate, parse_document, read_document, read_text
from include.chaos.experiment import experiment_files, experiment_id_of, load_experiment
from include.chaos.model import Duration, Model
from include.chaos.pipeline import load_pipeline
from include.errors import ConfigurationError
from include.settings import REPO_ROOT

WINDOWS = REPO_ROOT / "include" / "windows"

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Weekday(StrEnum):
    """Days of the week, in the order of `date.weekday`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def _parse_time(value: object) -> object:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return time.fromisoformat(value)
    if isinstance(value, time):
        return value
    raise ValueError('expected a time in quotes, such as "09:30"; without them YAML reads a number')


def _require_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the last for a folder of zones, such as `Europe`
        raise ValueError(f"no time zone {value!r}{_nearest_zone(value)}") from None
    return value


def _nearest_zone(value: str) -> str:
    near = get_close_matches(value, available_timezones(), n=1)
    return f"; did you mean {near[0]!r}?" if near else ", such as Europe/Berlin"


ClockTime = Annotated[time, BeforeValidator(_parse_time), PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str)]
ZoneName = Annotated[str, AfterValidator(_require_zone)]


class Hours(Model):
    """When a window is open; one that closes before it opens does so on the next day."""

    weekdays: tuple[Weekday, ...] = Field(min_length=1, description="the days on which it opens")
    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="after")
    def _is_open_at_all(self) -> Self:
        if self.opens == self.closes:
            raise ValueError("opens and closes at the same time, so it is never open")
        return self


class Blackout(Model):
    """Days on which nothing runs, the first and the last included."""

    first: date
    last: date
    because: str = ""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last < self.first:
            raise ValueError("the last day is before the first one")
        return self


class PublicHolidays(Model):
    """Where people have a day off, as the library `holidays` knows it: ISO 3166 codes."""

    country: str
    subdivision: str | None = None


class Deadline(Model):
    """When the pipeline's data must be there each day, and for how long before and after nothing runs."""

    at: ClockTime
    before: Duration = Field(gt=timedelta(0), le=timedelta(hours=24))
    after: Duration = Field(default=timedelta(0), ge=timedelta(0), le=timedelta(hours=24))


class Window(Model):
    """When a pipeline's experiments run by themselves, each at a moment that is drawn."""

    timezone: ZoneName
    hours: tuple[Hours, ...] = Field(min_length=1)
    blackouts: tuple[Blackout, ...] = ()
    holidays: PublicHolidays | None = None
    deadlines: tuple[Deadline, ...] = ()
    apart: Duration = Field(
        default=timedelta(hours=1),
        ge=timedelta(minutes=1),
        le=timedelta(days=90),
        description="the least time between two experiments' beginnings",
    )
    at_most: int = Field(default=1, ge=1, le=50, description="how many experiments begin each time it opens")
    seed: str = Field(default="", description="another seed draws other moments")
    experiments: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """Say in a line when it is open."""
        told = (f"{','.join(one.weekdays)} {one.opens:%H:%M}-{one.closes:%H:%M}" for one in self.hours)
        return f"{'; '.join(told)} {self.timezone}"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of every date and clock time in it."""
        return ZoneInfo(self.timezone)

    @model_validator(mode="after")
    def _names_each_experiment_once(self) -> Self:
        if doubles := sorted({name for name in self.experiments if self.experiments.count(name) > 1}):
            raise ValueError(f"experiments: {', '.join(doubles)} is there more than once")
        return self


def window_files() -> list[Path]:
    """List the windows, in order."""
    return sorted(WINDOWS.glob("*.yaml"))


def load_window(pipeline: str) -> Window | None:
    """Read a pipeline's window, if it has one; raise `ConfigurationError` with a line for each thing that is wrong."""
    path = WINDOWS / f"{pipeline}.yaml"
    return read_document(path, Window) if path.exists() else None


def check_window(path: Path) -> Window:
    """Read a window and look up every name in it; raise `ConfigurationError` with a line for each that is wrong."""
    text = read_text(path)
    window = parse_document(text, Window, source=str(path))
    problems = [f"{path}:{locate(text, steps)}: {said}" for steps, said in _complaints(path.stem, window)]
    if problems:
        raise ConfigurationError("\n".join(problems))
    return window


def _complaints(pipeline: str, window: Window) -> Iterator[tuple[Steps, str]]:
    try:
        load_pipeline(pipeline)
    except ConfigurationError as error:
        yield (), f"the file is named after its pipeline: {error}"
    known = [experiment_id_of(path) for path in experiment_files()]
    for number, name in enumerate(window.experiments):
        if name not in known:
            yield ("experiments", number), f"no experiment {name!r}{suggestion(name, known)}"
        elif (its_own := load_experiment(name).pipeline) != pipeline:
            yield ("experiments", number), f"{name} strikes the pipeline {its_own}, whose window is {its_own}.yaml"
    if window.holidays:
        yield from _holiday_complaints(window.holidays)


def _holiday_complaints(wanted: PublicHolidays) -> Iterator[tuple[Steps, str]]:
    import holidays  # takes half a second, so only where it is needed, which is never where DAGs are parsed

    countries = holidays.list_supported_countries()
    if wanted.country not in countries:
        yield (
            ("holidays", "country"),
            f"no holidays of {wanted.country!r} are known{suggestion(wanted.country, countries)}",
        )
    elif wanted.subdivision and wanted.subdivision not in countries[wanted.country]:
        there = suggestion(wanted.subdivision, countries[wanted.country])
        yield ("holidays", "subdivision"), f"{wanted.country} has no {wanted.subdivision!r}{there}"

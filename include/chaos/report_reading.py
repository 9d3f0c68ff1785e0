"""Read a run's report from its journal as it was found, with where it comes from."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from include.chaos.entries import first
from include.chaos.events import RunOpened
from include.chaos.journal import parse_journal
from include.chaos.plan_reading import read_plan
from include.chaos.reports.content import Report, build_report
from include.chaos.reports.provenance import Origin
from include.chaos.statistics import Journal
from include.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A journal as it was found."""

    name: str
    content: bytes


def read_report(source: Source) -> tuple[Journal, Report]:
    """Read a report from a journal's text, with where it comes from."""
    reading = parse_journal(source.content.decode(errors="replace"), source=source.name)
    opened = first(reading.entries, RunOpened)
    if opened is None:
        raise ConfigurationError(f"{source.name}: no experiment run was opened in it, so there is nothing to report")
    origin = Origin(
        journal=source.name,
        sha256=hashlib.sha256(source.content).hexdigest(),
        torn_bytes=reading.torn_bytes,
        tool_version=tool_version(),
        made_at=datetime.now(UTC),
    )
    return reading.entries, build_report(reading.entries, read_plan(opened.experiment), origin)


def tool_version() -> str | None:
    """Give the installed version; None where the project is used without being installed."""
    try:
        return version("chaos-control")
    except PackageNotFoundError:
        return None

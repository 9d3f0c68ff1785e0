"""Make pages from templates: what every page has, and the headers under which it is shown."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from include.chaos.rendering.words import FILTERS
from include.chaos.reports.section import scrub
from include.console.airflow_places import AirflowPages, Names
from include.console.standing import SIGNS, sign_of

ASSETS = Path(__file__).parent / "assets"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
)
"""Nothing from anywhere else, no script in a page, and no frame but Airflow's."""

HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_AGES = ((timedelta(days=2), timedelta(days=1), "d"), (timedelta(hours=2), timedelta(hours=1), "h"))


class Pages:
    """Renders the console's templates."""

    def __init__(self, names: Names, mounted_at: str) -> None:
        """Remember how names are derived, and under which path Airflow serves the console."""
        self._names = names
        self._mounted_at = mounted_at

    def page(self, request: Request, template: str, status: int = HTTPStatus.OK, **content: object) -> HTMLResponse:
        """Render a whole page."""
        return HTMLResponse(self._render(request, template, content), int(status), headers=HEADERS)

    def part(self, request: Request, template: str, **content: object) -> str:
        """Render a part of a page, to take the place of what it showed before."""
        return self._render(request, template, content)

    def _render(self, request: Request, template: str, content: Mapping[str, object]) -> str:
        root = root_of(request)
        around: dict[str, Any] = {
            "root": root,
            "airflow": AirflowPages(root=root.removesuffix(self._mounted_at), names=self._names),
            "now": datetime.now(UTC),
        }
        return _environment().get_template(template).render(**around, **content)


def root_of(request: Request) -> str:
    """Give the path under which the console is reached, without a slash at its end."""
    return str(request.scope.get("root_path", "")).rstrip("/")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("include.console", "templates"),
                PackageLoader("include.chaos.rendering", "templates/html"),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_scrubbed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS, age=_age, sign=sign_of, standing_sign=SIGNS.__getitem__, words=_words)
    environment.filters["query"] = _query
    return environment


def _scrubbed(shown: object) -> object:
    """Hide what looks like a password in whatever somebody else wrote; what is markup was rendered before."""
    return scrub(shown) if type(shown) is str else shown


def _age(at: datetime, now: datetime) -> str:
    """Say how long ago something was, as roughly as one would in talking."""
    age = now - at
    for least, unit, letter in _AGES:
        if age >= least:
            return f"{age // unit} {letter} ago"
    return f"{age // timedelta(minutes=1)} min ago" if age >= timedelta(minutes=1) else "just now"


def _words(name: str | None) -> str:
    """Write an identifier, such as a verdict's, as words."""
    return (name or "no verdict").replace("_", " ")


def _query(wanted: Mapping[str, object], **changes: object) -> str:
    """Write parameters for an address, without those that say nothing."""
    return urlencode({name: value for name, value in {**wanted, **changes}.items() if value not in (None, "", 0)})

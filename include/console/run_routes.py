"""One experiment run: its page, what has changed on it since, and its report."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from include.chaos.report_reading import Source, read_report
from include.console.agent import Agent
from include.console.journals import WatchedJournals
from include.console.rendering import HEADERS, Pages
from include.console.watch import Watch, read_watch

PARTS = ("now", "verdict", "steps", "timeline", "probes", "rows", "moments")
"""Of the page; each has a template and is replaced as a whole."""

_REPORT_HEADERS = {**HEADERS, "Content-Security-Policy": "frame-ancestors 'self'"}
"""A report carries its own scripts and, in itself, a policy that allows these alone."""


def run_routes(pages: Pages, connect: Callable[[], Agent]) -> APIRouter:
    """Make the routes of one run."""
    router = APIRouter(prefix="/runs/{run_id}")
    journals = WatchedJournals(connect)

    @router.get("")
    def run(request: Request, run_id: str) -> Response:
        watch = read_watch(journals.read(run_id))
        return pages.page(request, "run.html", watch=watch, parts=_render_parts(pages, request, watch))

    @router.get("/live")
    def live(request: Request, run_id: str, seen: Annotated[int, Query(ge=0)] = 0) -> Response:
        entries = journals.read(run_id)
        if entries and entries[-1].seq == seen:
            return JSONResponse({"seen": seen, "parts": {}}, headers=HEADERS)
        watch = read_watch(entries)
        told = {"seen": watch.seen, "is_over": watch.is_closed, "parts": _render_parts(pages, request, watch)}
        return JSONResponse(told, headers=HEADERS)

    @router.get("/report")
    def report(run_id: str) -> Response:
        from include.chaos.rendering.html import render_run

        _, found = read_report(Source(name=run_id, content=connect().journal(run_id).encode()))
        return HTMLResponse(render_run(found), headers=_REPORT_HEADERS)

    return router


def _render_parts(pages: Pages, request: Request, watch: Watch) -> dict[str, str]:
    return {name: pages.part(request, f"run/{name}.html", watch=watch) for name in PARTS}

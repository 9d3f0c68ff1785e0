"""Pages of many: experiments at a glance, one experiment, runs, coverage; and the files that pages are styled with."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse

from include.chaos.rendering.html import STYLESHEET
from include.chaos.run_overview import Wanted
from include.console.agent import Agent
from include.console.rendering import ASSETS, Pages
from include.console.standing import SHOWN, glance, show_cell

_ASSETS = {
    "report.css": STYLESHEET,
    **{name: ASSETS / name for name in ("console.css", "console.js", "theme.js", "icon.svg", "icon-dark.svg")},
}


def list_routes(pages: Pages, connect: Callable[[], Agent]) -> APIRouter:
    """Make the routes of lists."""
    router = APIRouter()

    @router.get("/")
    def experiments(request: Request, pipeline: str | None = None) -> Response:
        agent = connect()
        overview, health = agent.overview(), agent.health()
        pipelines = sorted({experiment.pipeline for experiment in overview.experiments})
        shown = glance(overview, pipeline)
        return pages.page(
            request,
            "experiments.html",
            glance=shown,
            health=health,
            pipelines=pipelines,
            pipeline=pipeline,
            shown=SHOWN,
        )

    @router.get("/experiments/{experiment_id}")
    def experiment(request: Request, experiment_id: str, offset: Annotated[int, Query(ge=0)] = 0) -> Response:
        agent = connect()
        lines = glance(agent.overview()).lines
        line = next((line for line in lines if line.experiment.experiment_id == experiment_id), None)
        if line is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"There is no experiment {experiment_id}.")
        wanted = Wanted(experiment_id=experiment_id, offset=offset)
        return pages.page(request, "experiment.html", line=line, page=agent.list_runs(wanted), wanted=wanted)

    @router.get("/runs")
    def runs(request: Request, wanted: Annotated[Wanted, Query()]) -> Response:
        return pages.page(request, "runs.html", page=connect().list_runs(wanted), wanted=wanted)

    @router.get("/coverage")
    def coverage(request: Request) -> Response:
        found = connect().coverage()
        cells = {
            pipeline.pipeline: {(cell.stage, cell.fault): show_cell(cell) for cell in pipeline.cells}
            for pipeline in found.pipelines
        }
        return pages.page(request, "coverage.html", coverage=found, cells=cells, shown_standings=SHOWN)

    @router.get("/assets/{name}")
    def asset(name: str) -> Response:
        if name not in _ASSETS:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return FileResponse(_ASSETS[name], headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})

    return router

"""Ways into the console from Airflow's pages of a DAG, a run and a task."""

from http import HTTPStatus
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from include.console.airflow_places import Names, experiment_of, run_of
from include.console.rendering import root_of


def place_routes(names: Names) -> APIRouter:
    """Make the routes that lead on to what a place in Airflow has to do with experiments."""
    router = APIRouter(prefix="/dags/{dag_id}")

    @router.get("")
    def dag(request: Request, dag_id: str) -> Response:
        return _go(request, _of_dag(dag_id, names))

    @router.get("/runs/{dag_run_id}")
    def dag_run(request: Request, dag_id: str, dag_run_id: str) -> Response:
        run_id = run_of(dag_id, dag_run_id, names)
        return _go(request, f"/runs/{quote(run_id, safe='')}" if run_id else _of_dag(dag_id, names))

    @router.get("/tasks/{task_id}")
    def task(request: Request, dag_id: str, task_id: str) -> Response:
        if experiment_of(dag_id, names):
            return _go(request, _of_dag(dag_id, names))
        return _go(request, f"/runs?{urlencode({'dag_id': dag_id, 'stage': task_id})}")

    return router


def _of_dag(dag_id: str, names: Names) -> str:
    experiment_id = experiment_of(dag_id, names)
    return (
        f"/experiments/{quote(experiment_id, safe='')}" if experiment_id else f"/runs?{urlencode({'dag_id': dag_id})}"
    )


def _go(request: Request, path: str) -> Response:
    return RedirectResponse(root_of(request) + path, HTTPStatus.SEE_OTHER)

"""The console: pages of experiments, runs, coverage, leases and the agent, as one FastAPI app to be mounted.

Everything is read from the agent, for each request anew. Every route asks who is there; what changes anything asks
for a visitor who may act and for a form of this visitor's own page.
"""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from include.chaos.agent.client import AgentUnreachableError
from include.console.access import Access, visitor_of
from include.console.agent import Agent
from include.console.agent_routes import agent_routes
from include.console.airflow_places import Names
from include.console.list_routes import list_routes
from include.console.place_routes import place_routes
from include.console.rendering import HEADERS, Pages
from include.console.run_routes import run_routes
from include.errors import AgentError, ChaosControlError

_SENTENCES = {
    HTTPStatus.UNAUTHORIZED: "Nobody is logged in. Log in to Airflow, and open this page again.",
    HTTPStatus.NOT_FOUND: "There is no such page.",
}


def build_console(access: Access, connect: Callable[[], Agent], names: Names, mounted_at: str = "") -> FastAPI:
    """Build the app, to be served by Airflow under the path `mounted_at`.

    There is no page of its API, for that would need no login.
    """
    visitor, pages = visitor_of(access), Pages(names, mounted_at)
    app = FastAPI(
        title="Chaos Control console",
        dependencies=[Depends(visitor)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.include_router(list_routes(pages, connect))
    app.include_router(run_routes(pages, connect))
    app.include_router(agent_routes(pages, connect, access, visitor))
    app.include_router(place_routes(names))
    _explain_refusals(app, pages)
    return app


def _explain_refusals(app: FastAPI, pages: Pages) -> None:
    """Say in words what was refused, on a page for a person and as JSON for the script."""

    def refuse(request: Request, status: int, sentence: str) -> Response:
        if request.url.path.endswith("/live"):
            return JSONResponse({"detail": sentence}, status, headers=HEADERS)
        return pages.page(request, "refusal.html", status, code=status, sentence=sentence)

    @app.exception_handler(StarletteHTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return refuse(request, error.status_code, _SENTENCES.get(HTTPStatus(error.status_code), str(error.detail)))

    @app.exception_handler(RequestValidationError)
    async def misunderstood(request: Request, error: RequestValidationError) -> Response:
        wrong = ", ".join(str(problem["loc"][-1]) for problem in error.errors())
        return refuse(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"Not understood: {wrong}.")

    @app.exception_handler(ChaosControlError)
    async def failed(request: Request, error: ChaosControlError) -> Response:
        match error:
            case AgentUnreachableError():
                status = HTTPStatus.SERVICE_UNAVAILABLE
            case AgentError():
                status = HTTPStatus.NOT_FOUND
            case _:
                status = HTTPStatus.INTERNAL_SERVER_ERROR
        return refuse(request, status, f"{error}.")

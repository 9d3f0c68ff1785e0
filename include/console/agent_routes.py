"""The agent: what it holds, how it is, and its brake."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from include.chaos.agent.health import Health
from include.chaos.agent.run_status import HeldLease
from include.console.access import Access, Visitor
from include.console.agent import Agent
from include.console.forgery import issue_token
from include.console.form import TOKEN_FIELD, act_of
from include.console.rendering import HEADERS, Pages, root_of

MOST_LETTERS = 500
"""Of a reason."""


def agent_routes(pages: Pages, connect: Callable[[], Agent], access: Access, visitor: Callable[..., Any]) -> APIRouter:
    """Make the routes of the agent."""
    router = APIRouter()
    act = act_of(access, visitor)

    @router.get("/leases")
    def leases(request: Request, who: Annotated[Visitor, Depends(visitor)]) -> Response:
        health, held = _look(connect())
        return pages.page(
            request,
            "leases.html",
            who=who,
            field=TOKEN_FIELD,
            token=issue_token(access.key(), who.name) if who.may_act else "",
            most_letters=MOST_LETTERS,
            health=health,
            parts={"leases": pages.part(request, "leases/leases.html", held=held)},
        )

    @router.get("/leases/live")
    def live(request: Request) -> Response:
        _, held = _look(connect())
        return JSONResponse(
            {"seen": 0, "is_over": False, "parts": {"leases": pages.part(request, "leases/leases.html", held=held)}},
            headers=HEADERS,
        )

    @router.post("/halt")
    def halt(
        request: Request,
        who: Annotated[Visitor, Depends(visitor)],
        fields: Annotated[Mapping[str, str], Depends(act)],
    ) -> Response:
        reason = " ".join(fields.get("reason", "").split())[:MOST_LETTERS]
        if not reason:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "A halt needs a reason. Go back and give one.")
        connect().halt(f"{reason} ({who.name}, in the console)")
        return _to_leases(request)

    @router.post("/resume", dependencies=[Depends(act)])
    def resume(request: Request) -> Response:
        connect().resume()
        return _to_leases(request)

    @router.get("/agent")
    def health(request: Request) -> Response:
        agent = connect()
        return pages.page(request, "agent.html", health=agent.health(), open_runs=agent.open_runs())

    return router


def _look(agent: Agent) -> tuple[Health, tuple[HeldLease, ...]]:
    return agent.health(), agent.held_leases()


def _to_leases(request: Request) -> Response:
    """Have the page shown that says what came of it."""
    return RedirectResponse(f"{root_of(request)}/leases", HTTPStatus.SEE_OTHER)

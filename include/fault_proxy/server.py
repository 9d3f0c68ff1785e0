"""The HTTP API: Toxiproxy's, behind a bearer token that Toxiproxy does not have. It shares the proxies' event loop."""

import secrets
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr, ValidationError

from include.errors import ChaosControlError
from include.fault_proxy.collection import Proxies
from include.fault_proxy.definitions import (
    ProxyAnswer,
    ProxyRequest,
    ProxyUpdate,
    ToxicAnswer,
    ToxicRequest,
    ToxicUpdate,
)
from include.fault_proxy.refusals import RefusalError

VERSION = "2.12.0"
"""Of the API; clients of Toxiproxy look at it."""

_UPDATE = ("POST", "PATCH")


def build_app(proxies: Proxies, token: SecretStr) -> FastAPI:
    """Build the API around the proxies; there is no documentation page, for it would need no token."""
    bearer = HTTPBearer(auto_error=False)

    async def require_token(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
        given = credentials.credentials if credentials else ""
        if not secrets.compare_digest(given.encode(), token.get_secret_value().encode()):
            raise RefusalError(HTTPStatus.UNAUTHORIZED, "this proxy asks for a bearer token")

    app = FastAPI(
        title="Fault proxy",
        dependencies=[Depends(require_token)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.add_exception_handler(ChaosControlError, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse)
    app.add_exception_handler(ValidationError, _refuse)
    app.include_router(_proxy_routes(proxies))
    app.include_router(_toxic_routes(proxies))
    return app


def _proxy_routes(proxies: Proxies) -> APIRouter:
    router = APIRouter()

    @router.get("/version")
    async def version() -> dict[str, str]:
        return {"version": VERSION}

    @router.post("/reset", status_code=HTTPStatus.NO_CONTENT)
    async def reset() -> None:
        await proxies.reset()

    @router.get("/proxies")
    async def index() -> dict[str, ProxyAnswer]:
        return proxies.show()

    @router.post("/proxies", status_code=HTTPStatus.CREATED)
    async def create(wanted: ProxyRequest) -> ProxyAnswer:
        return (await proxies.add(wanted)).show()

    @router.get("/proxies/{name}")
    async def show(name: str) -> ProxyAnswer:
        return proxies[name].show()

    @router.api_route("/proxies/{name}", methods=list(_UPDATE))
    async def update(name: str, change: ProxyUpdate) -> ProxyAnswer:
        return await proxies.update(name, change)

    @router.delete("/proxies/{name}", status_code=HTTPStatus.NO_CONTENT)
    async def delete(name: str) -> None:
        proxies.remove(name)

    return router


def _toxic_routes(proxies: Proxies) -> APIRouter:
    router = APIRouter(prefix="/proxies/{name}/toxics")

    @router.get("")
    async def index(name: str) -> tuple[ToxicAnswer, ...]:
        return proxies[name].show().toxics

    @router.post("")
    async def create(name: str, wanted: ToxicRequest) -> ToxicAnswer:
        return proxies[name].add_toxic(wanted)

    @router.get("/{toxic}")
    async def show(name: str, toxic: str) -> ToxicAnswer:
        return proxies[name].show_toxic(toxic)

    @router.api_route("/{toxic}", methods=list(_UPDATE))
    async def update(name: str, toxic: str, change: ToxicUpdate) -> ToxicAnswer:
        return proxies[name].update_toxic(toxic, change)

    @router.delete("/{toxic}", status_code=HTTPStatus.NO_CONTENT)
    async def delete(name: str, toxic: str) -> None:
        proxies[name].remove_toxic(toxic)

    return router


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    status = error.status if isinstance(error, RefusalError) else HTTPStatus.BAD_REQUEST
    return JSONResponse({"error": " ".join(str(error).split()), "status": status}, status)

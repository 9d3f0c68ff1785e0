"""The API by which the gate is told its rules: JSON over HTTP, behind a bearer token."""

import secrets

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import SecretStr, ValidationError

from include.object_gate.rule_book import RuleBook
from include.object_gate.rules import HeldRule, Rule

_BOOK = web.AppKey("book", RuleBook)


def control_app(book: RuleBook, token: SecretStr) -> web.Application:
    """Build the API: /health, /rules, and PUT, GET, DELETE of /rules/{name}."""
    app = web.Application(middlewares=[_behind(token)])
    app[_BOOK] = book
    app.add_routes(
        [
            web.get("/health", _health),
            web.get("/rules", _list_rules),
            web.put("/rules/{name}", _put_rule),
            web.get("/rules/{name}", _get_rule),
            web.delete("/rules/{name}", _delete_rule),
        ]
    )
    return app


def _behind(token: SecretStr) -> Middleware:
    expected = f"Bearer {token.get_secret_value()}".encode()

    @web.middleware
    async def refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode()
        if not secrets.compare_digest(given, expected):
            raise web.HTTPUnauthorized
        return await handler(request)

    return refuse_strangers


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _list_rules(request: web.Request) -> web.Response:
    return web.json_response(request.app[_BOOK].names())


async def _put_rule(request: web.Request) -> web.Response:
    try:
        rule = Rule.model_validate_json(await request.read())
    except ValidationError as error:
        raise web.HTTPUnprocessableEntity(text=str(error)) from error
    request.app[_BOOK].put(request.match_info["name"], rule)
    return web.Response(status=204)


async def _get_rule(request: web.Request) -> web.Response:
    held: HeldRule | None = request.app[_BOOK].get(request.match_info["name"])
    if held is None:
        raise web.HTTPNotFound
    return web.Response(text=held.model_dump_json(), content_type="application/json")


async def _delete_rule(request: web.Request) -> web.Response:
    request.app[_BOOK].delete(request.match_info["name"])
    return web.Response(status=204)

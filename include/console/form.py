"""Read a small form that a visitor sent, and refuse one that a page of ours did not make."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, HTTPException, Request

from include.console.access import Access, Visitor
from include.console.forgery import is_genuine

TOKEN_FIELD = "token"  # noqa: S105  # a field's name

MOST_BYTES = 10_000


def act_of(access: Access, visitor: Callable[..., Any]) -> Callable[..., Any]:
    """Make the dependency of every route that changes something: it gives the form's fields.

    It asks for a visitor who may act, and for the token that this visitor's own page has in its form. A browser that
    says that the request comes from another site is believed.
    """

    async def act(request: Request, who: Annotated[Visitor, Depends(visitor)]) -> dict[str, str]:
        if not who.may_act:
            raise HTTPException(HTTPStatus.FORBIDDEN, "Only who may start DAG runs may do this.")
        fields = await _read_fields(request)
        elsewhere = request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
        if elsewhere or not is_genuine(fields.get(TOKEN_FIELD, ""), access.key(), who.name):
            raise HTTPException(
                HTTPStatus.FORBIDDEN, "This form is not from a page of yours, or is too old. Open the page again."
            )
        return fields

    return act


async def _read_fields(request: Request) -> dict[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The form is too long.")
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))

"""Who may do what: asked of whoever serves the console, which is Airflow with its own login and permissions."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Protocol

from fastapi import Depends, HTTPException


class Access(Protocol):
    """What the console asks of the server that it is a part of.

    `user` is a FastAPI dependency that gives the one who is logged in, and raises 401 or 403 when nobody is.
    """

    @property
    def user(self) -> Callable[..., Any]:
        """Give the dependency."""
        ...

    def name_of(self, user: Any) -> str:  # noqa: ANN401  # the server's own type
        """Name a user, for the journal."""
        ...

    def may_look(self, user: Any) -> bool:  # noqa: ANN401  # as above
        """Tell whether a user may see runs."""
        ...

    def may_act(self, user: Any) -> bool:  # noqa: ANN401  # as above
        """Tell whether a user may start runs, and so may halt them."""
        ...

    def key(self) -> bytes:
        """Give a secret that all processes of the server share."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who looks at a page."""

    name: str
    may_act: bool


def visitor_of(access: Access) -> Callable[..., Any]:
    """Make the dependency that every route has: 403 for whom nothing is shown."""

    async def visitor(user: Annotated[Any, Depends(access.user)]) -> Visitor:  # noqa: ANN401  # as above
        may_look, may_act = await asyncio.to_thread(_rights, access, user)
        if not may_look:
            raise HTTPException(HTTPStatus.FORBIDDEN, "You may not see DAG runs here, so you may not see these.")
        return Visitor(name=access.name_of(user), may_act=may_act)

    return visitor


def _rights(access: Access, user: object) -> tuple[bool, bool]:
    return access.may_look(user), access.may_act(user)

"""Who may ask: HTTP Basic, which every browser and every program speaks. What probes look at is open."""

import secrets
from http import HTTPStatus

from flask import Response, request

from include.settings import WebappSettings

OPEN_ENDPOINTS = frozenset({"health.healthz", "health.readyz"})


def refuse_strangers(settings: WebappSettings) -> Response | None:
    """Ask for the login, unless it is given or the request needs none."""
    if request.endpoint in OPEN_ENDPOINTS or _is_known(settings):
        return None
    why = "This recommender asks for a name and a password; `chaos-control password` shows them.\n"
    response = Response(why, HTTPStatus.UNAUTHORIZED, mimetype="text/plain")
    response.headers["WWW-Authenticate"] = 'Basic realm="recommender", charset="UTF-8"'
    return response


def _is_known(settings: WebappSettings) -> bool:
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    user, password = given.username or "", given.password or ""
    right = secrets.compare_digest(user.encode(errors="replace"), settings.user.encode())
    return (
        secrets.compare_digest(password.encode(errors="replace"), settings.password.get_secret_value().encode()) & right
    )

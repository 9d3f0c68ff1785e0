"""The Flask application: pages, JSON and health around one recommender."""

import logging
from datetime import datetime
from http import HTTPStatus

from flask import Flask, Response, g, jsonify, render_template, request
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from include.settings import WebappSettings
from include.webapp import api, health, login, pages
from include.webapp.recommender import Recommender
from include.webapp.refusals import RETRY_SECONDS, RefusalError

STALE_SINCE = "Stale-Since"

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}

_log = logging.getLogger(__name__)


class _Json(DefaultJSONProvider):
    sort_keys = False
    ensure_ascii = False


def build_app(recommender: Recommender, settings: WebappSettings) -> Flask:
    """Build the application; it holds no state of its own."""
    app = Flask(__name__)
    app.json = _Json(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(lambda: login.refuse_strangers(settings))
    app.after_request(_add_headers)
    app.register_error_handler(Exception, _explain)
    app.register_blueprint(health.routes(recommender))
    app.register_blueprint(api.routes(recommender))
    app.register_blueprint(pages.routes(recommender))
    return app


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    stale_since: datetime | None = g.get("stale_since")
    if stale_since:
        response.headers[STALE_SINCE] = stale_since.isoformat(timespec="seconds")
    return response


def _explain(error: Exception) -> ResponseReturnValue:
    """Tell what is wrong as a page, or as JSON below /api."""
    status, why = _told(error)
    headers = {"Retry-After": str(RETRY_SECONDS)} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    if request.path.startswith("/api/"):
        return jsonify(error=why, status=status), status, headers
    return render_template("refusal.html", status=status, why=why), status, headers


def _told(error: Exception) -> tuple[HTTPStatus, str]:
    if isinstance(error, RefusalError):
        return error.status, str(error)
    if isinstance(error, HTTPException):
        return HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR), error.description or error.name
    _log.error("%s %s", request.method, request.path, exc_info=error)
    return HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here, and has been logged. It may work again soon."

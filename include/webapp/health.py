"""Whether the process lives, and whether it can answer; apart, for a restart mends no warehouse."""

from http import HTTPStatus

from flask import Blueprint
from flask.typing import ResponseReturnValue

from include.webapp.recommender import Recommender


def routes(recommender: Recommender) -> Blueprint:
    """Give both; neither needs a login."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return {"alive": True}

    @health.get("/readyz")
    def readyz() -> ResponseReturnValue:
        state = recommender.readiness()
        told = {
            "ready": state.ready,
            "answers_from": ("memory" if state.stale_since else "warehouse") if state.ready else None,
            "stale_since": state.stale_since and state.stale_since.isoformat(timespec="seconds"),
            "kept_answers": state.kept_answers,
            "songs_in_memory": state.songs_in_memory,
        }
        return told, HTTPStatus.OK if state.ready else HTTPStatus.SERVICE_UNAVAILABLE

    return health

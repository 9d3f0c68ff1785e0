"""Ask a server of the lab over HTTP, and say in one line why it is not healthy."""

import functools
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from include.errors import LabError

_SECONDS = 5.0

Answer = TypeVar("Answer", bound=BaseModel)


def ask(
    url: str, answer: type[Answer], *, method: str = "GET", json: object = None, headers: dict[str, str] | None = None
) -> Answer:
    """Send a request and parse the JSON that answers it; raise `LabError` when there is none of the expected shape."""
    response = send(url, method=method, json=json, headers=headers)
    if not response.is_success:
        raise LabError(f"{url} answers {response.status_code}")
    try:
        return answer.model_validate_json(response.content)
    except ValidationError as error:
        raise LabError(f"{url} answers something else than {answer.__name__.strip('_')}") from error


@functools.cache
def _client() -> httpx.Client:
    """Make the one client, for all threads: making one loads certificates, which costs more than all the asking."""
    return httpx.Client(trust_env=False, timeout=_SECONDS)


def send(
    url: str, *, method: str = "GET", json: object = None, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Send one request, past any proxy; raise `LabError` when nobody answers."""
    try:
        return _client().request(method, url, json=json, headers=headers)
    except httpx.HTTPError as error:
        raise LabError(f"{url} does not answer: {error or type(error).__name__}") from error

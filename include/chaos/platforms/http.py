"""GET from a server, with the standard library: an httpx client costs several times the CPU of a look."""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

from include.chaos.model import Component
from include.chaos.platforms.addresses import LocalAddresses
from include.chaos.probes.http import HttpAnswer
from include.chaos.probes.place import Place
from include.errors import PlatformError
from include.settings import WebappSettings

_CHUNK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpGetter:
    """Asks over a new connection each time, past any proxy; redirects are answers, not orders."""

    addresses: LocalAddresses

    def get(self, place: Place, path: str, *, scheme: str, timeout: float, limit: int) -> HttpAnswer:
        """GET a path; raise `PlatformError` without an answer in time, or with one of more than `limit` bytes.

        The recommender is asked as its listeners ask it: at the address that they are given, and with their login.
        """
        headers: Mapping[str, str] = {}
        if place.component is Component.WEBAPP:
            webapp = WebappSettings.from_environment()
            place, headers = Place(address=urlsplit(webapp.url).netloc), _login(webapp)
        host, port = self.addresses.resolve(place)
        kind = HTTPSConnection if scheme == "https" else HTTPConnection
        return fetch(kind(host, port, timeout=timeout), path, timeout=timeout, limit=limit, headers=headers)


def _login(webapp: WebappSettings) -> Mapping[str, str]:
    login = f"{webapp.user}:{webapp.password.get_secret_value()}"
    return {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}


def fetch(
    connection: HTTPConnection, path: str, *, timeout: float, limit: int, headers: Mapping[str, str] | None = None
) -> HttpAnswer:
    """GET and close; raise `PlatformError` without a whole answer in time, or with one of more than `limit` bytes."""
    url = f"{connection.host}:{connection.port}{path}"
    deadline = time.monotonic() + timeout
    try:
        connection.request("GET", path, headers={"Accept": "*/*", "Connection": "close", **(headers or {})})
        response = connection.getresponse()
        body = _read(response, deadline, limit)
        return HttpAnswer(status=response.status, body=body.decode("utf8", errors="replace"))
    except (OSError, HTTPException, ValueError) as error:
        raise PlatformError(f"{url}: {getattr(error, 'strerror', None) or error or type(error).__name__}") from error
    finally:
        connection.close()


def _read(response: HTTPResponse, deadline: float, limit: int) -> bytes:
    """Read the body piece by piece: the socket's timeout bounds a piece only, and a trickle has many."""
    body = bytearray()
    while piece := response.read1(_CHUNK):
        body += piece
        if len(body) > limit:
            raise PlatformError(f"expected a body of at most {limit} bytes; this one is longer")
        if time.monotonic() > deadline:
            raise TimeoutError("timed out while the body was read")
    return bytes(body)

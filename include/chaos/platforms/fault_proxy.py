"""The way to servers that stand behind the fault proxy, or behind a real Toxiproxy, whose API it speaks.

A proxy has the name of the component behind it. A proxy that refuses connections is gone, and its faults with it.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

import httpx
from pydantic import BaseModel, ConfigDict

from include.chaos.faults.abilities import Toxic
from include.chaos.model import TargetInstance
from include.errors import PlatformError
from include.settings import FaultProxySettings

REQUEST_SECONDS = 5.0


class _GoneError(PlatformError):
    """Nobody listens where the proxy should."""


class _Named(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str


class _Proxy(BaseModel):
    model_config = ConfigDict(extra="ignore")

    enabled: bool
    disabled_by: str | None = None
    toxics: tuple[_Named, ...] = ()

    def is_cut_by(self, by: str) -> bool:
        """Tell whether it is disabled in that name; Toxiproxy remembers no names, so any will do there."""
        return not self.enabled and self.disabled_by in (None, by)


class FaultProxy:
    """A client of the proxy's API; safe to share between threads."""

    def __init__(self, settings: FaultProxySettings, *, patience: float = REQUEST_SECONDS) -> None:
        """Remember where the proxy is, and for how many seconds an answer is awaited; nothing is asked yet."""
        self._url = settings.url
        headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
        self._http = httpx.Client(
            base_url=settings.url,
            headers=headers,
            timeout=patience,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),  # an undo must not trip over one that has died
        )

    def add(self, instance: TargetInstance, toxic: Toxic, until: datetime) -> None:
        """Put a toxic into the way, until then at the latest; nothing if it is there."""
        body = {
            "name": toxic.name,
            "type": toxic.type,
            "stream": toxic.stream,
            "toxicity": 1.0,
            "attributes": {**toxic.attributes, "expires_at": until.timestamp()},
        }
        self._send("POST", f"{_path(instance)}/toxics", body, fine=(httpx.codes.CONFLICT,))

    def keep(self, instance: TargetInstance, toxic: Toxic, until: datetime) -> None:
        """Let a toxic that is there end by itself at another time."""
        body = {"attributes": {**toxic.attributes, "expires_at": until.timestamp()}}
        self._send("POST", f"{_path(instance)}/toxics/{toxic.name}", body)

    def toxics(self, instance: TargetInstance) -> frozenset[str]:
        """Give the names of what is in the way; none when the proxy is gone."""
        proxy = self._look(instance)
        return frozenset(toxic.name for toxic in proxy.toxics) if proxy else frozenset()

    def remove(self, instance: TargetInstance, name: str) -> None:
        """Take a toxic out of the way; nothing if it is not there, or the proxy is gone."""
        with suppress(_GoneError):
            self._send("DELETE", f"{_path(instance)}/toxics/{name}", fine=(httpx.codes.NOT_FOUND,))

    def cut(self, instance: TargetInstance, by: str, until: datetime) -> None:
        """Refuse connections and end those open."""
        self._send("POST", _path(instance), {"enabled": False, "disabled_by": by, "expires_at": until.timestamp()})

    def is_cut(self, instance: TargetInstance, by: str) -> bool:
        """Tell whether the way is cut in that injection's name."""
        proxy = self._look(instance)
        return proxy is not None and proxy.is_cut_by(by)

    def restore(self, instance: TargetInstance, by: str) -> None:
        """End a cut that was made in that injection's name."""
        if self.is_cut(instance, by):
            self._send("POST", _path(instance), {"enabled": True})

    def _look(self, instance: TargetInstance) -> _Proxy | None:
        with suppress(_GoneError):
            return _Proxy.model_validate_json(self._send("GET", _path(instance)).content)
        return None

    def _send(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, fine: tuple[int, ...] = ()
    ) -> httpx.Response:
        try:
            response = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            said = f"the fault proxy at {self._url} does not answer: {error or type(error).__name__}"
            raise (_GoneError if _is_refused(error) else PlatformError)(said) from error
        if not response.is_success and response.status_code not in fine:
            raise PlatformError(f"the fault proxy answers {response.status_code} to {path}: {response.text[:300]}")
        return response


def _path(instance: TargetInstance) -> str:
    return f"/proxies/{instance.component}"


def _is_refused(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ConnectionRefusedError):
            return True
        error = error.__cause__ or error.__context__
    return False

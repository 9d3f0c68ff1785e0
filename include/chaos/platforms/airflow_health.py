"""What Airflow's API server says of the health of its components; asked without a login."""

from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

from pydantic import BaseModel, TypeAdapter, ValidationError

from include.chaos.platforms.http import fetch
from include.errors import PlatformError
from include.settings import AirflowSettings

_PATH = "/api/v2/monitor/health"
_OK = 200
_LIMIT = 16_384


class _Part(BaseModel):
    status: str | None = None


_HEALTH: TypeAdapter[dict[str, _Part | None]] = TypeAdapter(dict[str, _Part | None])


class AirflowHealth:
    """Asks the Airflow that the environment names."""

    def health(self, timeout: float) -> dict[str, str | None]:
        """Give each component's status; raise `PlatformError` when the API server does not answer in time."""
        url = urlsplit(AirflowSettings.from_environment().url)
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=timeout)
        answer = fetch(connection, f"{url.path.rstrip('/')}{_PATH}", timeout=timeout, limit=_LIMIT)
        if answer.status != _OK:
            raise PlatformError(f"Airflow answers {answer.status} to {_PATH}: {answer.body[:200]}")
        try:
            return {name: part.status if part else None for name, part in _HEALTH.validate_json(answer.body).items()}
        except ValidationError as error:
            raise PlatformError(f"Airflow's answer to {_PATH} is not understood: {answer.body[:200]}") from error

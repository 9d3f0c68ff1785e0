"""`http`: what a server answers to a GET."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal, Protocol

from pydantic import Field

from include.chaos.model import Measurement
from include.chaos.probes.base import SEEN_LIMIT
from include.chaos.probes.place import Place, PlacedProbe
from include.chaos.tolerances import Value

Path = Annotated[str, Field(pattern=r"^/[!-~]*$", description="path and query, as they go over the wire")]


class Scheme(StrEnum):
    """Whether the connection is encrypted."""

    HTTP = "http"
    HTTPS = "https"


class HttpPart(StrEnum):
    """What of an answer is looked at."""

    STATUS = "status"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What came back."""

    status: int
    body: str


class HttpReader(Protocol):
    """What `http` needs of a platform."""

    def get(self, place: Place, path: str, *, scheme: str, timeout: float, limit: int) -> HttpAnswer:
        """GET without following redirects; raise `PlatformError` without an answer in time, or with a longer one."""
        ...


class HttpProbe(PlacedProbe):
    """The status of an answer, or its text; a new connection each look."""

    kind: Literal["http"]
    path: Path = "/"
    scheme: Scheme = Scheme.HTTP
    read: HttpPart = Field(default=HttpPart.STATUS, description="the value: the status as a number, or the body's text")

    def measure(self, http: HttpReader, baseline: float | None = None) -> Measurement:
        """Take one look."""
        return self.judge_look(lambda: self._see(http), baseline)

    def _see(self, http: HttpReader) -> Value:
        answer = http.get(self.place, self.path, scheme=self.scheme, timeout=self.patience, limit=SEEN_LIMIT)
        return answer.status if self.read is HttpPart.STATUS else answer.body

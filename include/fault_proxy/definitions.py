"""What requests say and what answers show: Toxiproxy's JSON."""

from pydantic import BaseModel, ConfigDict, Field

from include.fault_proxy.chunk import Stream
from include.fault_proxy.toxics import Toxic

Attributes = dict[str, int | float]
"""A toxic's attributes before its type is known; every one is a number."""


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ToxicRequest(_Said):
    """A new toxic."""

    type: str
    name: str = ""
    stream: Stream = Stream.DOWNSTREAM
    toxicity: float = Field(default=1.0, ge=0, le=1)
    attributes: Attributes = {}


class ToxicUpdate(_Said):
    """What changes of a toxic; attributes that are not named stay."""

    toxicity: float | None = Field(default=None, ge=0, le=1)
    attributes: Attributes = {}


class ProxyRequest(_Said):
    """A new proxy."""

    name: str = Field(min_length=1)
    listen: str = "127.0.0.1:0"
    upstream: str = Field(min_length=1)
    enabled: bool = True


class ProxyUpdate(_Said):
    """What changes of a proxy. The last two are our own, and say who disables it and until when."""

    listen: str | None = None
    upstream: str | None = None
    enabled: bool | None = None
    disabled_by: str | None = None
    expires_at: float | None = None


class ToxicAnswer(_Said):
    """A toxic as it is."""

    name: str
    type: str
    stream: Stream
    toxicity: float
    attributes: Attributes


class ProxyAnswer(_Said):
    """A proxy as it is."""

    name: str
    listen: str
    upstream: str
    enabled: bool
    disabled_by: str | None = None
    expires_at: float | None = None
    toxics: tuple[ToxicAnswer, ...] = ()


def attributes_of(toxic: Toxic) -> Attributes:
    """Give a toxic's attributes as they are shown."""
    return toxic.model_dump(exclude_none=True)

"""Where a probe that goes over the network looks: a component of the site, or an address."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, model_validator

from include.chaos.model import Component
from include.chaos.probes.base import ProbeBase

Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+:\d{1,5}$", examples=["127.0.0.1:9090"])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server: a component's instance (its only one, if none is named), or `host:port`."""

    component: Component | None = None
    instance: str | None = None
    address: str | None = None


class PlacedProbe(ProbeBase):
    """A probe of one server. A component's address is the site's business, so the same file runs everywhere."""

    component: Component | None = Field(default=None, description="whose address the site knows")
    instance: str | None = Field(default=None, description="which of the component's instances, where it has several")
    address: Address | None = Field(default=None, description="`host:port`, for what is no component")

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        if (self.component is None) == (self.address is None):
            raise ValueError("expected exactly one of `component: warehouse` and `address: host:port`")
        if self.instance is not None and self.component is None:
            raise ValueError("expected `component` beside `instance`")
        return self

    @property
    def place(self) -> Place:
        """Give the server that is looked at."""
        return Place(component=self.component, instance=self.instance, address=self.address)

"""The catalogue of fault kinds: a new kind is one line here."""

from typing import Annotated

from pydantic import Field

from include.chaos.faults.kill import Kill
from include.chaos.faults.noop import Noop

Fault = Annotated[Kill | Noop, Field(discriminator="kind")]

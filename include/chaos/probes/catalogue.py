"""The catalogue of probe kinds: a new kind is one line here."""

from typing import Annotated

from pydantic import Field

from include.chaos.probes.rows_landed import RowsLandedProbe
from include.chaos.probes.sql import SqlProbe

Probe = Annotated[SqlProbe | RowsLandedProbe, Field(discriminator="kind")]

"""`io_stress`: write to the disk that a component keeps its data on, flushing each block, and read it back from there.

The queue of the disk is what a database waits in at each commit. The files have no names and a bounded size, so
nothing stays of them, whatever ends the stressor.
"""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.stress import StressFault, Stressor
from include.chaos.faults.stress_work import DiskWork
from include.chaos.model import SPAWNED, Component, Model, Target, TargetInstance


class IoStress(Model, StressFault):
    """Write, flush and read without a pause, in a component's data folder."""

    kind: Literal["io_stress"] = "io_stress"
    workers: int = Field(default=4, ge=1, le=64, description="processes that write, of a file of 64 MiB each")

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act only on what keeps data of its own."""
        if target.component in SPAWNED or target.component is Component.NODE:
            return f"a {target.component} has no data folder of its own: expected a server, such as the warehouse"
        return None

    def inject(self, injection: InjectionPrepared, ability: Stressor) -> TargetInstance:
        """Start to write, and see it written."""
        work = DiskWork(workers=self.workers, folder=ability.data_folder(injection.instance))
        ability.start_stress(injection.injection_id, work, injection.hold_until)
        return injection.instance

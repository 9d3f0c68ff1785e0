"""`cpu_stress`: compute beside the pipeline, so that it gets its turn more seldom."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from include.chaos.events import InjectionPrepared
from include.chaos.faults.stress import StressFault, Stressor, require_node
from include.chaos.faults.stress_work import CpuWork
from include.chaos.model import Model, Share, Target, TargetInstance

WORKERS_PER_CORE = 4
"""So that any other thread that wants to run all the time gets a fifth of a core."""


class CpuStress(Model, StressFault):
    """Keep a machine's cores busy, at the same priority as everything else."""

    kind: Literal["cpu_stress"] = "cpu_stress"
    workers: int | None = Field(
        default=None, ge=1, le=256, description="processes that compute; four for each core when not said"
    )
    load: Share = Field(default=1.0, description="share of the time in which each of them computes")

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # held or not
        """Act only on machines."""
        return require_node(target)

    def inject(self, injection: InjectionPrepared, ability: Stressor) -> TargetInstance:
        """Start to compute, and see CPU time used."""
        work = CpuWork(workers=self.workers or WORKERS_PER_CORE * ability.cores(), load=self.load)
        ability.start_stress(injection.injection_id, work, injection.hold_until)
        return injection.instance

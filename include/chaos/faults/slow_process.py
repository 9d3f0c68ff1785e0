"""`slow_process`: stop a process and let it go on, again and again, so that it gets only a share of the time.

It does its work, late: heartbeats come late, queues are served late. Its children are not touched. Made for components
of one process that does everything in a loop, above all Airflow's scheduler.
"""

from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from include.chaos.events import InjectionPrepared, Saved
from include.chaos.faults.abilities import Cycle, StopAndGo
from include.chaos.faults.base import FaultKind
from include.chaos.model import Duration, Model, Share, Target, TargetInstance


class SlowProcess(Model, FaultKind[StopAndGo]):
    """SIGSTOP a process for a share of each period, and SIGCONT it for the rest."""

    confirmed_by: ClassVar[str] = "the kernel shows the process as stopped"
    without_agent: ClassVar[str] = "a helper process lets it go on at the deadline"

    kind: Literal["slow_process"] = "slow_process"
    stopped: Annotated[Share, Field(lt=1)] = Field(default=0.9, description="share of the time in which it is stopped")
    period: Duration = Field(
        default=timedelta(seconds=1),
        ge=timedelta(milliseconds=100),
        description="time from one stop to the next",
    )

    def objection(self, target: Target, hold_for: timedelta) -> str | None:  # noqa: ARG002  # whatever has a process
        """Refuse to slow something down for no time."""
        return None if hold_for > timedelta(0) else "say for how long, with hold_for"

    def prepare(self, instance: TargetInstance, ability: StopAndGo) -> Saved:
        """Give the process that the instance has now: it is the one that is to go on afterwards."""
        return identity_of(ability.resolve_again(instance))

    def inject(self, injection: InjectionPrepared, ability: StopAndGo) -> TargetInstance:
        """Begin, and see it stopped."""
        process = saved_process(injection)
        cycle = Cycle(stopped=self.stopped, period=self.period)
        ability.begin(process, injection.injection_id, cycle, injection.hold_until)
        return process

    def extend(self, injection: InjectionPrepared, until: datetime, ability: StopAndGo) -> None:
        """Move the moment at which it goes on by itself."""
        ability.extend(injection.injection_id, until)

    def in_force(self, injection: InjectionPrepared, ability: StopAndGo) -> bool:
        """Tell whether it is still slowed down."""
        return ability.stands(saved_process(injection), injection.injection_id)

    def recover(self, injection: InjectionPrepared, ability: StopAndGo) -> None:
        """Let it go on for good; a process that has ended meanwhile needs no undo."""
        ability.end(saved_process(injection), injection.injection_id)


def identity_of(process: TargetInstance) -> Saved:
    """Give what tells a process from a later one with its pid."""
    return {"pid": process.pid, "started_at": process.started_at}


def saved_process(injection: InjectionPrepared) -> TargetInstance:
    """Give the injection's instance with the process that was saved."""
    return TargetInstance.model_validate({**injection.instance.model_dump(), **injection.saved})

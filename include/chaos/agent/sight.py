"""Give each strike of an experiment run its eyes: on stages, rows, failpoints and what the pipeline spawns."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from include.chaos.agent.services import Services, WarehouseReader
from include.chaos.agent.staged_rows import staged_rows_reader
from include.chaos.agent.strike_eyes import FailpointOrders, FailpointWatch, StrikeEyes
from include.chaos.agent.strike_points import StrikePointLook, nobody
from include.chaos.agent.watcher import Watcher
from include.chaos.events import StrikePointReached
from include.chaos.experiment import Experiment, Strike
from include.chaos.model import SPAWNED, Component, TargetInstance
from include.chaos.pipeline import Pipeline
from include.errors import AgentError
from include.failpoints import Failpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one experiment run can see of its pipeline's run."""

    pipeline: Pipeline
    dag_run_id: str
    watcher: Watcher
    services: Services
    open_warehouse: Callable[[], WarehouseReader]

    def eyes(self, strike: Strike) -> StrikeEyes:
        """Give a strike its eyes; raise `AgentError` when it would wait at a failpoint and the site has none."""
        stage = self.pipeline.stage(strike.strike_point.stage)
        failpoint = self._watch_failpoint(strike)
        point = StrikePointLook(
            strike=strike,
            watch=self.watcher,
            staged_rows=staged_rows_reader(stage, self.open_warehouse, self.dag_run_id),
            later_stages=self.pipeline.stages_after(stage),
            waiting=failpoint.look if failpoint else nobody,
        )
        return StrikeEyes(point=point, failpoint=failpoint, spawned=partial(self._find_spawned, strike))

    def _find_spawned(self, strike: Strike, reached: StrikePointReached) -> tuple[TargetInstance, ...]:
        if strike.target.component is Component.PIPELINE:
            return (reached.waiting,) if reached.waiting else ()
        if strike.target.component is Component.PIPELINE_RUN:
            return (TargetInstance(name=str(self.watcher.run()), component=Component.PIPELINE_RUN),)
        if strike.target.component in SPAWNED:
            return self.services.platform.resolve_spawned(strike.target, self.watcher.running_tasks())
        return ()

    def _watch_failpoint(self, strike: Strike) -> FailpointWatch | None:
        failpoint = _failpoint_of(strike, self.dag_run_id)
        if failpoint is None:
            return None
        if self.services.failpoints is None:
            raise AgentError("this agent shares no folder for failpoints with the pipeline: CHAOS_FAILPOINTS_HOME")
        return FailpointWatch(failpoint=failpoint, orders=self.services.failpoints, clock=self.services.clock)


def disarm_failpoints(experiment: Experiment, dag_run_id: str, orders: FailpointOrders | None) -> None:
    """Let go on whoever waits for a strike of an agent that has died."""
    for strike in experiment.strikes:
        failpoint = _failpoint_of(strike, dag_run_id)
        if failpoint and orders:
            orders.disarm(failpoint)


def _failpoint_of(strike: Strike, dag_run_id: str) -> Failpoint | None:
    point = strike.strike_point
    return Failpoint(run_id=dag_run_id, stage=point.stage, name=point.failpoint) if point.failpoint else None

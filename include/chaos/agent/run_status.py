"""What the agent is asked to open, and what it tells of an open experiment run."""

from include.chaos.events import StrikeEnded
from include.chaos.experiment import Experiment
from include.chaos.model import Duration, LeaseState, Model, Moment


class OpenRequest(Model):
    """What it takes to open an experiment run."""

    experiment_run_id: str
    experiment_id: str
    experiment: Experiment
    dag_run_id: str


class StrikeStatus(Model):
    """Where one strike stands; `lease` is None before it is armed, `ended` before it is over."""

    name: str
    lease: LeaseState | None
    ended: StrikeEnded | None


class HeldLease(Model):
    """A lease that stands: what may be struck, or is. `hold_until` is when a fault in force ends by itself."""

    experiment_run_id: str
    experiment_id: str
    title: str
    pipeline: str
    strike: str
    fault: str
    state: LeaseState
    instances: tuple[str, ...]
    expires_at: Moment
    hold_until: Moment | None


class RunStatus(Model):
    """Where an experiment run stands, for those who wait."""

    experiment_run_id: str
    experiment_id: str
    closed: bool
    strikes: tuple[StrikeStatus, ...]
    pipeline_started: bool
    dag_run_state: str | None
    effect_seen: bool
    steady_again: bool
    watched_for: Duration

    @property
    def lease(self) -> LeaseState | None:
        """The lease of the first strike."""
        return self.strikes[0].lease

    @property
    def strike_ended(self) -> StrikeEnded | None:
        """The end of the first strike."""
        return self.strikes[0].ended

    @property
    def all_strikes_ended(self) -> bool:
        """Whether no strike is waited for any more."""
        return all(strike.ended for strike in self.strikes)

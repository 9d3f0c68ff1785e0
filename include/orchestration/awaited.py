"""What the waiting tasks wait for, told from an experiment run's status."""

from datetime import timedelta
from enum import StrEnum

from include.chaos.agent.run_status import RunStatus


class Awaited(StrEnum):
    """Ends that the agent brings about or sees."""

    STRIKES = "strikes"
    LANDING = "landing"
    STEADY_STATE = "steady_state"

    @property
    def patience(self) -> timedelta:
        """How long it is waited for in all; the judge says what it means if it does not come."""
        return timedelta(minutes=3) if self is Awaited.STEADY_STATE else timedelta(minutes=30)

    def has_come(self, status: RunStatus) -> bool:
        """Tell whether there is nothing left to wait for, perhaps because it cannot come."""
        match self:
            case Awaited.STRIKES:
                return status.all_strikes_ended
            case Awaited.LANDING:
                return not status.pipeline_started or status.dag_run_state in ("success", "failed")
            case Awaited.STEADY_STATE:
                return not status.effect_seen or status.steady_again

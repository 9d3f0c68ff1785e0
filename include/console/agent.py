"""What the console asks of the agent."""

from typing import Protocol

from include.chaos.agent.health import Health
from include.chaos.agent.run_status import HeldLease, RunStatus
from include.chaos.run_overview import Coverage, Overview, RunPage, Wanted


class Agent(Protocol):
    """The calls of the agent's client that pages are made from. Each raises `AgentError`."""

    def health(self) -> Health:
        """Tell how the agent is."""
        ...

    def open_runs(self) -> tuple[RunStatus, ...]:
        """Tell where every open run stands."""
        ...

    def held_leases(self) -> tuple[HeldLease, ...]:
        """List what may be struck now, or is."""
        ...

    def overview(self) -> Overview:
        """Put all runs together by experiment."""
        ...

    def coverage(self) -> Coverage:
        """Tell what is known of each stage under each fault."""
        ...

    def list_runs(self, wanted: Wanted) -> RunPage:
        """List the runs that are wanted, newest first."""
        ...

    def journal(self, run_id: str, after: int = 0) -> str:
        """Give the text of a run's journal, without its first `after` entries."""
        ...

    def halt(self, reason: str) -> bool:
        """Undo everything now and forbid every strike until `resume`; tell whether the undo is confirmed."""
        ...

    def resume(self) -> None:
        """Allow strikes again."""
        ...

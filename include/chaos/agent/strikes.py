"""One strike: wait for its moment, inject, hold, recover. A thread of the agent, so that Airflow cannot delay it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from include.chaos.agent.injector import Injector
from include.chaos.agent.watcher import Watcher
from include.chaos.events import StrikeEnded, StrikePointReached
from include.chaos.experiment import Strike
from include.chaos.journal import Clock, JournalWriter
from include.chaos.model import Lease, LeaseState, RecoveredBy, StrikeOutcome
from include.errors import LeaseError, PlatformError

WAIT_SECONDS = 0.05
_LIVE_STATES = frozenset({"running", "deferred", "up_for_retry", "queued", "scheduled", None})

StagedRows = Callable[[], tuple[int, int] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The strike point can not be reached any more."""

    reason: str


class StrikeThread:
    """Carries one strike out, once."""

    def __init__(
        self,
        *,
        strike: Strike,
        lease: Lease,
        injector: Injector,
        watcher: Watcher,
        staged_rows: StagedRows,
        journal: JournalWriter,
        clock: Clock,
    ) -> None:
        """Prepare the thread; `start` begins to wait for the strike point."""
        self._strike = strike
        self._lease = lease
        self._injector = injector
        self._watcher = watcher
        self._staged_rows = staged_rows
        self._journal = journal
        self._clock = clock
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"strike-{strike.name}", daemon=True)

    def start(self) -> None:
        """Begin to wait for the strike point."""
        self._thread.start()

    def stop(self) -> None:
        """Stop waiting or holding; what is injected stays for the injector to recover."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            ended = self._carry_out()
        except (LeaseError, PlatformError) as error:
            ended = StrikeEnded(strike=self._strike.name, outcome=StrikeOutcome.REFUSED, reason=str(error))
        except Exception as error:  # noqa: BLE001  # recorded; an unknown end must not read as a strike
            self._injector.recover(self._strike.name, RecoveredBy.INJECTION_FAILED)
            ended = StrikeEnded(strike=self._strike.name, outcome=StrikeOutcome.BROKEN, reason=repr(error))
        self._journal.append(ended)

    def _carry_out(self) -> StrikeEnded:
        reached = self._await_strike_point()
        if isinstance(reached, Missed):
            return StrikeEnded(strike=self._strike.name, outcome=StrikeOutcome.MISSED, reason=reached.reason)
        self._journal.append(reached)
        self._stopped.wait(self._strike.strike_point.after.total_seconds())
        self._injector.inject(self._strike, self._lease)
        self._hold()
        self._injector.recover(self._strike.name, RecoveredBy.HOLD_ENDED)
        return StrikeEnded(strike=self._strike.name, outcome=StrikeOutcome.STRUCK)

    def _hold(self) -> None:
        """Wait out the hold, or until somebody else recovered."""
        until = self._clock.monotonic() + self._strike.hold_for.total_seconds()
        while self._clock.monotonic() < until and self._injector.state(self._strike.name) is LeaseState.INJECTED:
            if self._stopped.wait(min(WAIT_SECONDS, max(0.0, until - self._clock.monotonic()))):
                return

    def _await_strike_point(self) -> StrikePointReached | Missed:
        while not self._stopped.wait(WAIT_SECONDS):
            if found := self._look():
                return found
            if self._injector.state(self._strike.name) is not LeaseState.ARMED:
                return Missed(reason="the lease ended before the strike point was reached")
        return Missed(reason="the experiment run was closed before the strike point was reached")

    def _look(self) -> StrikePointReached | Missed | None:
        point = self._strike.strike_point
        seen = self._watcher.stage(point.stage)
        if seen and seen.state == "running":
            if point.staged_rows is None:
                return StrikePointReached(strike=self._strike.name)
            if found := self._look_at_rows(point.staged_rows):
                return found
        if self._watcher.run_ended:
            return Missed(reason=f"the pipeline's run ended before the strike point in stage {point.stage} was seen")
        if seen and seen.state not in _LIVE_STATES:
            return Missed(reason=f"stage {point.stage} ended `{seen.state}` before the strike point was seen")
        return None

    def _look_at_rows(self, share: float) -> StrikePointReached | Missed | None:
        """Compare the staged share; when all is staged at the first sight of it, the moment has passed."""
        rows = self._staged_rows()
        if rows is None or rows[1] <= 0 or rows[0] / rows[1] < share:
            return None
        staged, expected = rows
        if share < 1 <= staged / expected:
            return Missed(reason=f"all {expected} rows were staged between two looks; the stage is too short to strike")
        return StrikePointReached(strike=self._strike.name, staged=staged, expected=expected)

"""One strike: wait for its moment, inject, hold, recover. A thread of the agent, so that Airflow cannot delay it."""

import contextlib
import math
import threading

from include.chaos.agent.injector import Injector
from include.chaos.agent.strike_eyes import ARMED_FOR, StrikeEyes
from include.chaos.agent.strike_points import Missed
from include.chaos.events import FailpointArmed, StrikeEnded, StrikePointReached
from include.chaos.experiment import Strike
from include.chaos.journal import Clock, JournalWriter
from include.chaos.model import Lease, LeaseState, RecoveredBy, StrikeOutcome
from include.errors import AgentError, PlatformError

WAIT_SECONDS = 0.1
"""How often a strike looks for its moment: as often as a probe looks, for each look may cost the warehouse a count."""
STRIKE_AGAIN_SECONDS = 0.2
"""How often it is looked whether something has come in place of what was struck, where the fault strikes it again."""
IN_FORCE_SECONDS = 0.5
"""How often it is looked whether the fault is still in force; two looks in a row must say that it is not."""


class StrikeThread:
    """Carries one strike out, once."""

    def __init__(
        self,
        *,
        strike: Strike,
        lease: Lease,
        injector: Injector,
        eyes: StrikeEyes,
        journal: JournalWriter,
        clock: Clock,
    ) -> None:
        """Prepare the thread; `start` begins to wait for the strike point."""
        self._strike = strike
        self._lease = lease
        self._injector = injector
        self._eyes = eyes
        self._journal = journal
        self._clock = clock
        self._lost: frozenset[str] = frozenset()
        self._noted: frozenset[str] = frozenset()
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
            outcome, reason = self._carry_out()
        except (AgentError, PlatformError) as error:
            outcome, reason = StrikeOutcome.REFUSED, str(error)
        except Exception as error:  # noqa: BLE001  # recorded; an unknown end must not read as a strike
            self._injector.recover(self._strike.name, RecoveredBy.INJECTION_FAILED)
            outcome, reason = StrikeOutcome.BROKEN, repr(error)
        finally:
            self._let_go_on()
        self._journal.append(StrikeEnded(strike=self._strike.name, outcome=outcome, reason=reason))

    def _carry_out(self) -> tuple[StrikeOutcome, str | None]:
        self._arm_failpoint()
        reached = self._await_strike_point()
        if isinstance(reached, Missed):
            return StrikeOutcome.MISSED, reached.reason
        self._journal.append(reached)
        if missed := self._delay():
            return StrikeOutcome.MISSED, missed.reason
        ends = self._injector.inject(self._strike, self._lease, self._eyes.spawned(reached))
        if not self._strike.fault.keeps_failpoint:
            self._let_go_on()
        self._hold(ends, reached)
        self._injector.recover(self._strike.name, RecoveredBy.HOLD_ENDED)
        return StrikeOutcome.STRUCK, None

    def _arm_failpoint(self) -> None:
        if watch := self._eyes.failpoint:
            place = watch.failpoint
            self._journal.append(FailpointArmed(strike=self._strike.name, stage=place.stage, failpoint=place.name))
            watch.arm()

    def _let_go_on(self) -> None:
        """Release whoever waits at the failpoint; nobody is to wait for a strike that is over."""
        if watch := self._eyes.failpoint:
            watch.disarm()

    def _await_strike_point(self) -> StrikePointReached | Missed:
        while not self._stopped.wait(WAIT_SECONDS):
            if not self._is_armed():
                return Missed(reason="the lease ended before the strike point was reached")
            if found := self._eyes.point.look():
                return found
        return Missed(reason="the experiment run was stopped before the strike point was reached")

    def _delay(self) -> Missed | None:
        """Wait between the strike point and the strike; a lease that ends meanwhile ends the wait."""
        after = self._strike.strike_point.after
        if self._eyes.failpoint:
            self._eyes.failpoint.arm(after + ARMED_FOR)
        ends = self._clock.monotonic() + after.total_seconds()
        while (left := ends - self._clock.monotonic()) > 0:
            if self._stopped.wait(min(WAIT_SECONDS, left)):
                return Missed(reason="the experiment run was stopped between the strike point and the strike")
            if not self._is_armed():
                return Missed(reason="the lease ended between the strike point and the strike")
        return None

    def _hold(self, ends: float, reached: StrikePointReached) -> None:
        """Wait until the hold ends, or until somebody else recovered, and see to it that the fault stays in force."""
        next_look = self._clock.monotonic() + IN_FORCE_SECONDS
        next_strike = 0.0 if self._strike.fault.strikes_again else math.inf
        while (left := ends - self._clock.monotonic()) > 0 and self._is_injected():
            if self._stopped.wait(min(WAIT_SECONDS, left)):
                return
            if next_strike <= self._clock.monotonic():
                self._strike_again(reached)
                next_strike = self._clock.monotonic() + STRIKE_AGAIN_SECONDS
            if next_look <= self._clock.monotonic() < ends - IN_FORCE_SECONDS:
                self._look_for_loss()
                next_look = self._clock.monotonic() + IN_FORCE_SECONDS

    def _strike_again(self, reached: StrikePointReached) -> None:
        with contextlib.suppress(PlatformError):  # what cannot be seen now is looked for again
            self._injector.strike_again(self._strike, self._eyes.spawned(reached))

    def _look_for_loss(self) -> None:
        lost = self._injector.lost(self._strike)
        for injection_id in (lost & self._lost) - self._noted:
            self._injector.note_lost(self._strike, injection_id)
            self._noted |= {injection_id}
        self._lost = lost

    def _is_armed(self) -> bool:
        return self._injector.state(self._strike.name) is LeaseState.ARMED

    def _is_injected(self) -> bool:
        return self._injector.state(self._strike.name) is LeaseState.INJECTED

"""The strikes of one experiment run: each begun once, each brought to an end in the journal."""

import threading
from collections.abc import Callable

from include.chaos.agent.injector import Injector
from include.chaos.agent.strike_eyes import StrikeEyes
from include.chaos.agent.strikes import StrikeThread
from include.chaos.events import StrikeEnded
from include.chaos.experiment import Experiment, Strike
from include.chaos.journal import Clock, JournalWriter
from include.chaos.model import StrikeOutcome
from include.errors import AgentError

DIED_DURING_STRIKE = "the agent died during the strike; when it came back it undid what was injected"


class StrikeCrew:
    """Begins strikes, and ends those that nobody else does."""

    def __init__(self, *, experiment: Experiment, injector: Injector, journal: JournalWriter, clock: Clock) -> None:
        """Begin nothing yet."""
        self._experiment = experiment
        self._injector = injector
        self._journal = journal
        self._clock = clock
        self._threads: dict[str, StrikeThread] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, eyes: Callable[[Strike], StrikeEyes]) -> None:
        """Let the strike wait for its moment; asked again, it goes on as it was. Without a lease it is refused."""
        with self._lock:
            if name in self._threads or name in self._ended():
                return
            strike = self._experiment.strike(name)
            try:
                lease, seen = self._injector.arm(strike), eyes(strike)
            except AgentError as error:
                self._end(name, StrikeOutcome.REFUSED, str(error))
                return
            self._threads[name] = StrikeThread(
                strike=strike,
                lease=lease,
                injector=self._injector,
                eyes=seen,
                journal=self._journal,
                clock=self._clock,
            )
            self._threads[name].start()

    def stop(self) -> None:
        """Let no strike wait or hold any more; returns when each has come to its end."""
        for thread in list(self._threads.values()):
            thread.stop()

    @property
    def waits(self) -> bool:
        """Whether a strike has not come to its end, or was not begun yet."""
        return len(self._ended()) < len(self._experiment.strikes)

    def end_orphans(self) -> None:
        """End the strikes that were armed by an agent that did not live to end them."""
        ended = self._ended()
        for strike in self._experiment.strikes:
            if self._injector.state(strike.name) is not None and strike.name not in ended:
                self._end(strike.name, StrikeOutcome.BROKEN, DIED_DURING_STRIKE)

    def _ended(self) -> set[str]:
        return {entry.body.strike for entry in self._journal.entries if isinstance(entry.body, StrikeEnded)}

    def _end(self, name: str, outcome: StrikeOutcome, reason: str) -> None:
        self._journal.append(StrikeEnded(strike=name, outcome=outcome, reason=reason))

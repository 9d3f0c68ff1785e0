"""Watch the conditions of `abort_when` while something is injected."""

from collections.abc import Iterable
from datetime import timedelta

from include.chaos.events import ExperimentAborted, Injected, InjectionPrepared, ProbeSampled, Recovered
from include.chaos.journal import JournalEntry
from include.chaos.model import AbortCause, AbortCondition


class AbortWatch:
    """Folds a run's journal entries; all times are of the monotonic clock, in seconds."""

    def __init__(self, conditions: tuple[AbortCondition, ...]) -> None:
        """Watch these conditions; the first that comes true counts."""
        self._conditions = conditions
        self._last_ok: dict[str, float] = {}
        self._last_look_ok: dict[str, bool] = {}
        self._open_since: dict[str, float] = {}

    def observe(self, entries: Iterable[JournalEntry]) -> None:
        """Take new entries into account."""
        for entry in entries:
            match entry.body:
                case ProbeSampled(probe=probe, measurement=look):
                    self._last_look_ok[probe] = look.ok
                    if look.ok:
                        self._last_ok[probe] = entry.mono
                case InjectionPrepared(injection_id=injection_id) | Injected(injection_id=injection_id):
                    self._open_since[injection_id] = entry.mono
                case Recovered(injection_id=injection_id):
                    self._open_since.pop(injection_id, None)
                case _:
                    pass

    def reached(self, now: float) -> ExperimentAborted | None:
        """Give the first condition that holds now; none does while nothing is injected."""
        if not self._open_since:
            return None
        since = min(self._open_since.values())
        return next((found for c in self._conditions if (found := self._evaluate(c, since, now))), None)

    def _evaluate(self, condition: AbortCondition, since: float, now: float) -> ExperimentAborted | None:
        if condition.after is not None:
            return _overdue(condition.after) if now - since >= condition.after.total_seconds() else None
        if condition.probe is None or condition.out_of_tolerance_for is None:
            return None
        absent = now - max(self._last_ok.get(condition.probe, since), since)
        if absent < condition.out_of_tolerance_for.total_seconds():
            return None
        return _absent(condition.probe, absent, blind=self._last_look_ok.get(condition.probe, True))


def _overdue(after: timedelta) -> ExperimentAborted:
    reason = f"the fault was not undone {after.total_seconds():g} s after its injection"
    return ExperimentAborted(cause=AbortCause.AFTER, reason=reason)


def _absent(probe: str, seconds: float, *, blind: bool) -> ExperimentAborted:
    """Tell a probe that saw something wrong from one that saw nothing at all: only the first accuses the pipeline."""
    if blind:
        return ExperimentAborted(cause=AbortCause.BLIND, reason=f"{probe} could not look for {seconds:.1f} s")
    return ExperimentAborted(
        cause=AbortCause.OUT_OF_TOLERANCE, reason=f"{probe} was out of tolerance for {seconds:.1f} s"
    )

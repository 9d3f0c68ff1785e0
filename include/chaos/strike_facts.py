"""What became of each strike, read from a journal's entries. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from include.chaos.entries import bodies, first_instant, last, last_instant
from include.chaos.events import (
    Event,
    HoldStarted,
    Injected,
    InjectionFailed,
    InjectionLost,
    InjectionPrepared,
    LeaseArmed,
    LeaseRevoked,
    PlannedStrike,
    Recovered,
    RecoveryFailed,
    RecoveryStarted,
    RunOpened,
    StrikeEnded,
)
from include.chaos.journal import JournalEntry
from include.chaos.model import RecoveredBy
from include.chaos.steadiness import (
    EFFECT_WITHIN,
    Instant,
    Sample,
    Span,
    between,
    first_effect,
    last_broken,
    out_of_tolerance_at,
    steady_since,
)

HOLD_TOLERANCE = timedelta(milliseconds=50)
"""What a hold may be short by and still count as whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeFacts:
    """The times and facts of one strike; None is "was not seen".

    `out_before` names the probes that were out of tolerance already when the strike began.
    """

    planned: PlannedStrike
    acting_since: Instant | None
    injected_at: Instant | None
    hold_started_at: Instant | None
    undoing_since: Instant | None
    recovered_at: Instant | None
    recovered_by: RecoveredBy | None
    revoked_by: RecoveredBy | None
    failures: tuple[InjectionFailed, ...]
    losses: tuple[InjectionLost, ...]
    recovery_errors: tuple[str, ...]
    open_injections: frozenset[str]
    ended: StrikeEnded | None
    effect: Sample | None
    out_before: frozenset[str]
    steady_at: Instant | None

    @property
    def held_for(self) -> timedelta | None:
        """From the confirmed injection of all instances to the begin of the undo."""
        began = self.hold_started_at or self.injected_at
        return began.until(self.undoing_since) if began and self.undoing_since else None

    @property
    def time_to_effect(self) -> timedelta | None:
        """From the injection to the first probe that saw it."""
        return between(self.injected_at, self.effect.instant if self.effect else None)

    @property
    def time_to_recover(self) -> timedelta | None:
        """From the effect to the steady state again."""
        return between(self.effect.instant if self.effect else None, self.steady_at)

    @property
    def cut_short(self) -> bool:
        """Whether the undo began before the planned hold was over."""
        return self.held_for is not None and self.planned.hold_for - self.held_for > HOLD_TOLERANCE


def read_strikes(
    entries: Sequence[JournalEntry], samples: Sequence[Sample], opened: RunOpened
) -> tuple[StrikeFacts, ...]:
    """Give the facts of every planned strike, in the plan's order."""
    own = {strike.name: _entries_of(entries, strike.name) for strike in opened.strikes}
    begun = [since for entries_of in own.values() if (since := _acting_since(entries_of))]
    return tuple(_facts(strike, own[strike.name], begun, samples, opened) for strike in opened.strikes)


def _facts(
    planned: PlannedStrike,
    own: Sequence[JournalEntry],
    begun: Sequence[Instant],
    samples: Sequence[Sample],
    opened: RunOpened,
) -> StrikeFacts:
    span = _span_of_effect(own, begun)
    effect = first_effect(samples, span) if span else None
    recovered, revoked = last(own, Recovered), last(own, LeaseRevoked)
    undoing_since = first_instant(own, RecoveryStarted) or first_instant(own, Recovered)
    return StrikeFacts(
        planned=planned,
        acting_since=span.begins if span else None,
        injected_at=first_instant(own, Injected),
        hold_started_at=first_instant(own, HoldStarted),
        undoing_since=undoing_since,
        recovered_at=last_instant(own, Recovered),
        recovered_by=recovered.by if recovered else None,
        revoked_by=revoked.by if revoked else None,
        failures=tuple(bodies(own, InjectionFailed)),
        losses=tuple(bodies(own, InjectionLost)),
        recovery_errors=tuple(failed.error for failed in bodies(own, RecoveryFailed)),
        open_injections=_open_injections(own),
        ended=last(own, StrikeEnded),
        effect=effect,
        out_before=out_of_tolerance_at(samples, span.begins) if span else frozenset(),
        steady_at=_steady_at(samples, effect, span, undoing_since, opened) if effect and span else None,
    )


def _steady_at(
    samples: Sequence[Sample], effect: Sample, span: Span, undoing_since: Instant | None, opened: RunOpened
) -> Instant | None:
    ends = [moment for moment in (span.ends, undoing_since.at if undoing_since else None) if moment]
    broken = last_broken(samples, effect, min(ends, default=None))
    return steady_since(samples, broken, opened.probes, opened.settle_for)


def _entries_of(entries: Sequence[JournalEntry], strike: str) -> list[JournalEntry]:
    leases = {armed.lease.lease_id for armed in bodies(entries, LeaseArmed) if armed.lease.strike == strike}
    injections = {prepared.injection_id for prepared in bodies(entries, InjectionPrepared) if prepared.strike == strike}

    def concerns(event: Event) -> bool:
        match event:
            case LeaseArmed(lease=lease):
                return lease.strike == strike
            case LeaseRevoked(lease_id=lease_id):
                return lease_id in leases
            case InjectionPrepared(strike=name) | HoldStarted(strike=name) | StrikeEnded(strike=name):
                return name == strike
            case Injected() | InjectionFailed() | InjectionLost() | RecoveryStarted() | Recovered() | RecoveryFailed():
                return event.injection_id in injections
            case _:
                return False

    return [entry for entry in entries if concerns(entry.body)]


def _acting_since(own: Sequence[JournalEntry]) -> Instant | None:
    return first_instant(own, InjectionPrepared) if bodies(own, Injected) else None


def _open_injections(own: Sequence[JournalEntry]) -> frozenset[str]:
    prepared = {injection.injection_id for injection in bodies(own, InjectionPrepared)}
    return frozenset(prepared - {recovered.injection_id for recovered in bodies(own, Recovered)})


def _span_of_effect(own: Sequence[JournalEntry], begun: Sequence[Instant]) -> Span | None:
    """Give the time in which an effect is this strike's: what breaks after another one has begun is the other's."""
    since = _acting_since(own)
    if since is None:
        return None
    ends = [instant.at for instant in begun if instant.at > since.at]
    recovered_at = last_instant(own, Recovered)
    if recovered_at and not _open_injections(own):
        ends.append(recovered_at.at + EFFECT_WITHIN)
    return Span(begins=since, ends=min(ends, default=None))

"""Arm leases, inject under them, and undo: the only code that acts on targets.

Each act is on disk before it is done. One lock a strike orders its inject and recover, so that no fault can follow its
own undo, and no strike waits for another one's.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol
from uuid import uuid4

from include.chaos.agent.aim import Aim, Resolver
from include.chaos.agent.at_once import all_at_once
from include.chaos.agent.leases import Held, LeaseBook
from include.chaos.agent.successors import Successors
from include.chaos.events import (
    HoldStarted,
    Injected,
    InjectionFailed,
    InjectionLost,
    InjectionPrepared,
    LeaseArmed,
    LeaseRevoked,
    Recovered,
    RecoveryFailed,
    RecoveryStarted,
    StruckAgain,
    TargetsFound,
)
from include.chaos.experiment import Experiment, Strike
from include.chaos.faults.base import FaultKind
from include.chaos.journal import Clock, JournalEntry, JournalWriter
from include.chaos.model import SPAWNED, Lease, LeaseState, RecoveredBy, Target, TargetInstance
from include.errors import GuardrailError, LeaseError, PlatformError

LEASE_FOR = timedelta(seconds=120)
"""A lease that nobody renews ends after this; long enough for Airflow to bring a killed task back."""

GRACE = timedelta(seconds=10)
"""How long after its hold a fault may last at most, when the strike that should end it cannot."""

RETRY_AFTER = timedelta(seconds=1)
"""When an undo that failed is tried again."""

Permit = Callable[[], None]
"""Raises `GuardrailError` while nothing may be armed or injected."""

Recorded = (
    LeaseArmed
    | TargetsFound
    | LeaseRevoked
    | InjectionPrepared
    | Injected
    | StruckAgain
    | HoldStarted
    | InjectionLost
    | InjectionFailed
    | RecoveryStarted
    | Recovered
    | RecoveryFailed
)


class Platform(Resolver, Protocol):
    """What the injector needs of a platform."""

    def resolve_spawned(self, target: Target, tasks: Mapping[str, int]) -> tuple[TargetInstance, ...]:
        """Find what the running pipeline has spawned, whose tasks' processes `tasks` gives by their places."""
        ...

    def ability(self, wanted: type[object]) -> Any:  # noqa: ANN401  # whatever implements the Protocol that is wanted
        """Give what implements that Protocol; raise `PlatformError` when the platform has nothing of the kind."""
        ...


def permit_always() -> None:
    """Forbid nothing."""


class Injector:
    """The leases and injections of one experiment run."""

    def __init__(
        self,
        *,
        experiment: Experiment,
        journal: JournalWriter,
        platform: Platform,
        clock: Clock,
        permit: Permit = permit_always,
        seed: str = "",
    ) -> None:
        """Take up the journal where it stands; nothing is acted upon yet. `seed` decides which targets are selected."""
        self._experiment = experiment
        self._journal = journal
        self._platform = platform
        self._clock = clock
        self._permit = permit
        self._book = LeaseBook()
        self._aim = Aim(radius=experiment.blast_radius, platform=platform, book=self._book, seed=seed)
        self._successors = Successors(platform=platform, book=self._book)
        self._deadlines: dict[str, float] = {}
        self._locks = {strike.name: threading.RLock() for strike in experiment.strikes}
        self._claiming = threading.RLock()
        for entry in journal.entries:
            self._book.apply(entry.body)

    def arm(self, strike: Strike) -> Lease:
        """Give a lease on the strike's targets; the same one when asked again.

        Raises:
            LeaseError: the targets are none, or more than the blast radius allows, or the lease has ended already.
            GuardrailError: nothing may be armed now.
            PlatformError: a target is not there.
        """
        with self._locks[strike.name], self._claiming:
            if lease := self._book.armed_for(strike.name):
                return self._book.require_injectable(lease.lease_id)
            self._permit()
            aim = self._aim.at_standing(strike)
            expires_at = self._clock.now() + LEASE_FOR
            lease = Lease(lease_id=uuid4().hex, strike=strike.name, instances=aim.instances, expires_at=expires_at)
            self._record(LeaseArmed(lease=lease, eligible=aim.eligible, seed=aim.seed))
            self._set_deadline(lease, LEASE_FOR)
            return lease

    def renew(self, strike: str) -> LeaseState | None:
        """Put off the end of a lease that was not used yet; give its state."""
        with self._locks[strike]:
            lease = self._book.armed_for(strike)
            if lease and self.state(strike) is LeaseState.ARMED:
                self._set_deadline(lease, LEASE_FOR)
            return self.state(strike)

    def held(self) -> list[Held]:
        """List the leases that stand, with the times at which they and what is injected under them end."""
        now, mono = self._clock.now(), self._clock.monotonic()
        return [
            Held(
                lease=lease,
                state=state,
                expires_at=now + timedelta(seconds=max(self._deadlines.get(lease.lease_id, mono) - mono, 0)),
                hold_until=self._book.hold_until(lease.lease_id),
            )
            for lease in self._book.live()
            if (state := self._book.state_of(lease.strike))
        ]

    def state(self, strike: str) -> LeaseState | None:
        """Give the state of a strike's lease, or None when it was never armed."""
        return self._book.state_of(strike)

    def inject(self, strike: Strike, lease: Lease, spawned: Sequence[TargetInstance] = ()) -> float:
        """Inject into every instance of the lease; give the monotonic time at which the hold ends.

        The hold counts from the moment at which the last instance is confirmed to be struck. `spawned` are the
        instances that there are now, of a component that exists only while the pipeline runs.

        Raises:
            LeaseError: the lease has ended, or another strike holds an instance; what was done so far is undone.
            GuardrailError: nothing may be injected now; what was done so far is undone.
            PlatformError: an instance could not be struck; what was done so far is undone.
        """
        with self._locks[strike.name]:
            try:
                if strike.target.component in SPAWNED:
                    lease = self._take_aim(strike, lease, spawned)
                for instance in lease.instances:
                    self._inject_one(strike, lease, instance)
                return self._start_hold(strike, lease)
            except Exception:
                self.recover(strike.name, RecoveredBy.INJECTION_FAILED)
                raise

    def strike_again(self, strike: Strike, spawned: Sequence[TargetInstance]) -> None:
        """Strike what has come in place of what was struck; nothing once it is undone, or while that is forbidden."""
        with self._locks[strike.name]:
            lease = self._book.armed_for(strike.name)
            for injection in self._book.open_under(lease.lease_id) if lease else []:
                successor = self._successors.of(injection, spawned)
                if successor and self._strikes_again(strike, successor):
                    self._record(StruckAgain(injection_id=injection.injection_id, instance=successor))

    def lost(self, strike: Strike) -> frozenset[str]:
        """Give the ids of open injections that are in force no longer; a platform that cannot tell accuses none.

        No lock is held, for the look may take its time: look twice before `note_lost`.
        """
        lease = self._book.armed_for(strike.name)
        injections = self._book.open_under(lease.lease_id) if lease else []
        return frozenset(i.injection_id for i in injections if not self._is_in_force(strike, i))

    def note_lost(self, strike: Strike, injection_id: str) -> None:
        """Record that an injection was lost, unless it is undone by now."""
        with self._locks[strike.name]:
            if injection := self._book.open_injections.get(injection_id):
                self._record(InjectionLost(injection_id=injection_id, strike=strike.name, instance=injection.instance))

    def recover(self, strike: str, by: RecoveredBy) -> bool:
        """Undo all that was injected under the strike's lease and end it; tell whether that is confirmed."""
        with self._locks[strike]:
            lease = self._book.armed_for(strike)
            if lease is None:
                return True
            if self.state(strike) is LeaseState.ARMED:
                self._record(LeaseRevoked(lease_id=lease.lease_id, by=by))
            injections = self._book.open_under(lease.lease_id)
            return all_at_once(lambda injection: self._recover_one(injection, by), injections)

    def recover_everything(self, by: RecoveredBy) -> bool:
        """Undo and end whatever is live, all at once; tell whether that is confirmed."""
        return all_at_once(lambda lease: self.recover(lease.strike, by), self._book.live())

    def expire(self) -> None:
        """End the leases whose time is over; a strike that is acting right now is left for the next time."""
        for lease in self._book.live():
            lock = self._locks[lease.strike]
            if lock.acquire(blocking=False):
                try:
                    if self._clock.monotonic() >= self._deadlines.get(lease.lease_id, 0.0):
                        self.recover(lease.strike, RecoveredBy.LEASE_EXPIRED)
                finally:
                    lock.release()

    def _take_aim(self, strike: Strike, lease: Lease, spawned: Sequence[TargetInstance]) -> Lease:
        """Put what was found at the strike point into the lease."""
        with self._claiming:
            self._book.require_injectable(lease.lease_id)
            selection = self._aim.at_spawned(strike, spawned)
            self._record(
                TargetsFound(
                    lease_id=lease.lease_id,
                    instances=selection.instances,
                    eligible=selection.eligible,
                    seed=selection.seed,
                )
            )
            return self._book.leases[lease.lease_id]

    def _at_work(self, strike: Strike) -> tuple[FaultKind[Any], Any]:
        """Give a strike's fault with the ability through which it acts."""
        fault: FaultKind[Any] = strike.fault
        return fault, self._platform.ability(fault.ability())

    def _inject_one(self, strike: Strike, lease: Lease, instance: TargetInstance) -> None:
        prepared = self._claim(strike, lease, instance)
        try:
            fault, ability = self._at_work(strike)
            struck = fault.inject(prepared, ability)
        except Exception as error:
            said = str(error) if isinstance(error, PlatformError) else repr(error)
            self._record(InjectionFailed(injection_id=prepared.injection_id, error=said))
            raise
        self._record(Injected(injection_id=prepared.injection_id, instance=struck))

    def _strikes_again(self, strike: Strike, successor: TargetInstance) -> bool:
        """Strike if it is due; what ends by itself meanwhile is not struck, and the next one has its turn."""
        try:
            self._permit()
            fault, ability = self._at_work(strike)
            return fault.strike_again(successor, ability)
        except (GuardrailError, PlatformError):
            return False

    def _claim(self, strike: Strike, lease: Lease, instance: TargetInstance) -> InjectionPrepared:
        """Write down what undo needs; refused where another strike holds the instance with the same kind of fault."""
        with self._claiming:
            self._permit()
            self._book.require_injectable(lease.lease_id)
            for held in self._book.open_on(instance.name):
                if self._experiment.strike(held.strike).fault.kind == strike.fault.kind:
                    raise LeaseError(f"{instance.name} is held by strike {held.strike}; one undo would end both")
            fault, ability = self._at_work(strike)
            prepared = InjectionPrepared(
                injection_id=uuid4().hex,
                lease_id=lease.lease_id,
                strike=strike.name,
                instance=instance,
                hold_for=strike.hold_for,
                hold_until=self._clock.now() + strike.hold_for + GRACE,
                saved=fault.prepare(instance, ability),
            )
            self._record(prepared)
            return prepared

    def _start_hold(self, strike: Strike, lease: Lease) -> float:
        """Begin the hold now, and move the deadlines that were set before the injection was confirmed."""
        until = self._clock.now() + strike.hold_for
        started = self._record(HoldStarted(strike=strike.name, until=until))
        self._set_deadline(lease, strike.hold_for + GRACE)
        fault, ability = self._at_work(strike)
        for injection in self._book.open_under(lease.lease_id):
            fault.extend(injection, until + GRACE, ability)
        return started.mono + strike.hold_for.total_seconds()

    def _is_in_force(self, strike: Strike, injection: InjectionPrepared) -> bool:
        try:
            fault, ability = self._at_work(strike)
            return fault.in_force(injection, ability)
        except PlatformError:
            return True

    def _recover_one(self, injection: InjectionPrepared, by: RecoveredBy) -> bool:
        try:
            self._record(RecoveryStarted(injection_id=injection.injection_id, by=by))
        finally:  # an undo does not wait for a disk that is full
            error = self._undo(injection)
        if error is None:
            self._record(Recovered(injection_id=injection.injection_id, by=by))
            return True
        self._record(RecoveryFailed(injection_id=injection.injection_id, error=error))
        self._deadlines[injection.lease_id] = self._clock.monotonic() + RETRY_AFTER.total_seconds()
        return False

    def _undo(self, injection: InjectionPrepared) -> str | None:
        """Undo one injection; give what kept that from being done."""
        try:
            fault, ability = self._at_work(self._experiment.strike(injection.strike))
            fault.recover(injection, ability)
        except PlatformError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001  # recorded as a failed undo and tried again; the others are owed too
            return repr(error)
        return None

    def _set_deadline(self, lease: Lease, after: timedelta) -> None:
        self._deadlines[lease.lease_id] = self._clock.monotonic() + after.total_seconds()

    def _record(self, event: Recorded) -> JournalEntry:
        entry = self._journal.append(event)
        self._book.apply(event)
        return entry

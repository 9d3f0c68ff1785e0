"""Arm leases, inject under them, and undo: the only code that acts on targets.

Each act is on disk before it is done. One lock orders inject and recover, so that no fault can follow its own undo.
"""

import threading
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

from include.chaos.agent.leases import LeaseBook
from include.chaos.events import (
    Injected,
    InjectionFailed,
    InjectionPrepared,
    LeaseArmed,
    LeaseRevoked,
    Recovered,
    RecoveryFailed,
)
from include.chaos.experiment import Experiment, Strike
from include.chaos.faults.kill import ProcessControl
from include.chaos.journal import Clock, JournalWriter
from include.chaos.model import Lease, LeaseState, RecoveredBy, Target, TargetInstance
from include.errors import LeaseError, PlatformError

LEASE_FOR = timedelta(seconds=120)
"""A lease that nobody renews ends after this; long enough for Airflow to bring a killed task back."""

GRACE = timedelta(seconds=10)
"""How long after its hold a fault may last at most, when the strike that should end it cannot."""


class Platform(ProcessControl, Protocol):
    """What the injector needs of a platform."""

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        """Find the instances that a target names; raise `PlatformError` when there are none."""
        ...


class Injector:
    """The leases and injections of one experiment run."""

    def __init__(self, *, experiment: Experiment, journal: JournalWriter, platform: Platform, clock: Clock) -> None:
        """Take up the journal where it stands; nothing is acted upon yet."""
        self._experiment = experiment
        self._journal = journal
        self._platform = platform
        self._clock = clock
        self._book = LeaseBook()
        self._deadlines: dict[str, float] = {}
        self._lock = threading.RLock()
        for entry in journal.entries:
            self._book.apply(entry.body)

    def arm(self, strike: Strike) -> Lease:
        """Give a lease on the strike's targets; the same one when asked again.

        Raises:
            LeaseError: the targets are more than the blast radius allows, or the lease has ended already.
            PlatformError: a target is not there.
        """
        with self._lock:
            if lease := self._book.armed_for(strike.name):
                return self._book.require_injectable(lease.lease_id)
            instances = self._platform.resolve(strike.target)
            if len(instances) > self._experiment.blast_radius.max_targets:
                raise LeaseError(
                    f"strike {strike.name} selects {len(instances)} instances; "
                    f"blast_radius.max_targets allows {self._experiment.blast_radius.max_targets}"
                )
            lease = Lease(
                lease_id=uuid4().hex, strike=strike.name, instances=instances, expires_at=self._clock.now() + LEASE_FOR
            )
            self._record(LeaseArmed(lease=lease))
            self._deadlines[lease.lease_id] = self._clock.monotonic() + LEASE_FOR.total_seconds()
            return lease

    def renew(self, strike: str) -> LeaseState | None:
        """Put off the end of a lease that was not used yet; give its state."""
        with self._lock:
            lease = self._book.armed_for(strike)
            if lease is None:
                return None
            if self._book.states[lease.lease_id] is LeaseState.ARMED:
                self._deadlines[lease.lease_id] = self._clock.monotonic() + LEASE_FOR.total_seconds()
            return self._book.states[lease.lease_id]

    def state(self, strike: str) -> LeaseState | None:
        """Give the state of a strike's lease, or None when it was never armed."""
        lease = self._book.armed_for(strike)
        return self._book.states[lease.lease_id] if lease else None

    def inject(self, strike: Strike, lease: Lease) -> None:
        """Inject into every instance of the lease.

        Raises:
            LeaseError: the lease has ended; nothing was done.
            PlatformError: an instance could not be struck; what was done so far is undone.
        """
        with self._lock:
            try:
                for instance in lease.instances:
                    self._inject_one(strike, lease, instance)
            except PlatformError:
                self.recover(strike.name, RecoveredBy.INJECTION_FAILED)
                raise
            self._deadlines[lease.lease_id] = self._clock.monotonic() + (strike.hold_for + GRACE).total_seconds()

    def recover(self, strike: str, by: RecoveredBy) -> bool:
        """Undo all that was injected under the strike's lease and end it; tell whether that is confirmed."""
        with self._lock:
            lease = self._book.armed_for(strike)
            if lease is None:
                return True
            if self._book.states[lease.lease_id] is LeaseState.ARMED:
                self._record(LeaseRevoked(lease_id=lease.lease_id, by=by))
            undone = [self._recover_one(injection, by) for injection in self._book.open_under(lease.lease_id)]
            return all(undone)

    def recover_everything(self, by: RecoveredBy) -> bool:
        """Undo and end whatever is live, as after a restart."""
        undone = [self.recover(self._book.leases[lease_id].strike, by) for lease_id in self._book.live()]
        return all(undone)

    def expire(self) -> None:
        """End the leases whose time is over."""
        now = self._clock.monotonic()
        for lease_id in self._book.live():
            if now >= self._deadlines.get(lease_id, 0.0):
                self.recover(self._book.leases[lease_id].strike, RecoveredBy.LEASE_EXPIRED)

    def _inject_one(self, strike: Strike, lease: Lease, instance: TargetInstance) -> None:
        self._book.require_injectable(lease.lease_id)
        prepared = InjectionPrepared(
            injection_id=uuid4().hex,
            lease_id=lease.lease_id,
            strike=strike.name,
            instance=instance,
            hold_for=strike.hold_for,
            hold_until=self._clock.now() + strike.hold_for + GRACE,
        )
        self._record(prepared)
        try:
            struck = strike.fault.inject(prepared, self._platform)
        except PlatformError as error:
            self._record(InjectionFailed(injection_id=prepared.injection_id, error=str(error)))
            raise
        self._record(Injected(injection_id=prepared.injection_id, instance=struck))

    def _recover_one(self, injection: InjectionPrepared, by: RecoveredBy) -> bool:
        fault = self._experiment.strike(injection.strike).fault
        try:
            fault.recover(injection, self._platform)
        except PlatformError as error:
            self._record(RecoveryFailed(injection_id=injection.injection_id, error=str(error)))
            return False
        self._record(Recovered(injection_id=injection.injection_id, by=by))
        return True

    def _record(
        self,
        event: LeaseArmed | LeaseRevoked | InjectionPrepared | Injected | InjectionFailed | Recovered | RecoveryFailed,
    ) -> None:
        self._journal.append(event)
        self._book.apply(event)

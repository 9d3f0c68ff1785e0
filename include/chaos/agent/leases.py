"""Which leases stand and which injections are open, folded from journal entries.

The same fold serves the live agent and one that comes back after a crash: the journal is the only copy.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime

from include.chaos.events import (
    Event,
    Injected,
    InjectionPrepared,
    LeaseArmed,
    LeaseRevoked,
    Recovered,
    StruckAgain,
    TargetsFound,
)
from include.chaos.model import Lease, LeaseState, TargetInstance
from include.errors import LeaseError

_LIVE = (LeaseState.ARMED, LeaseState.INJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A lease that stands; `hold_until` is when the last injection under it ends by itself, if there is one."""

    lease: Lease
    state: LeaseState
    expires_at: datetime
    hold_until: datetime | None


@dataclass(slots=True, kw_only=True)
class LeaseBook:
    """The leases of one experiment run; safe to share between the threads of its strikes."""

    leases: dict[str, Lease] = field(default_factory=dict)
    states: dict[str, LeaseState] = field(default_factory=dict)
    open_injections: dict[str, InjectionPrepared] = field(default_factory=dict)
    _struck: dict[str, TargetInstance] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def apply(self, event: Event) -> None:
        """Take one event of the journal into account."""
        with self._lock:
            match event:
                case LeaseArmed(lease=lease):
                    self.leases[lease.lease_id] = lease
                    self.states[lease.lease_id] = LeaseState.ARMED
                case TargetsFound(lease_id=lease_id, instances=instances, eligible=eligible):
                    self._known |= set(eligible)
                    self.leases[lease_id] = self.leases[lease_id].model_copy(update={"instances": instances})
                case LeaseRevoked(lease_id=lease_id):
                    self.states[lease_id] = LeaseState.REVOKED
                case InjectionPrepared(injection_id=injection_id, lease_id=lease_id):
                    self.open_injections[injection_id] = event
                    self.states[lease_id] = LeaseState.INJECTED
                case (
                    Injected(injection_id=injection_id, instance=instance)
                    | StruckAgain(injection_id=injection_id, instance=instance)
                ):
                    self._struck[injection_id] = instance
                    self._known.add(instance.name)
                case Recovered(injection_id=injection_id):
                    self._close(injection_id)
                case _:
                    pass

    def open_under(self, lease_id: str) -> list[InjectionPrepared]:
        """Give the injections under a lease that are not recovered yet."""
        with self._lock:
            return [injection for injection in self.open_injections.values() if injection.lease_id == lease_id]

    def open_on(self, instance: str) -> list[InjectionPrepared]:
        """Give the injections into an instance that are not recovered yet."""
        with self._lock:
            return [injection for injection in self.open_injections.values() if injection.instance.name == instance]

    def last_struck(self, injection: InjectionPrepared) -> TargetInstance:
        """Give what an injection struck last: the target, or what came in its place."""
        with self._lock:
            return self._struck.get(injection.injection_id, injection.instance)

    def is_known(self, instance: TargetInstance) -> bool:
        """Tell whether an instance was struck, or was there at a strike point among those that could be."""
        with self._lock:
            return instance.name in self._known

    def armed_for(self, strike: str) -> Lease | None:
        """Find the lease that was armed for a strike, whatever became of it."""
        with self._lock:
            return next((lease for lease in self.leases.values() if lease.strike == strike), None)

    def state_of(self, strike: str) -> LeaseState | None:
        """Give the state of a strike's lease, or None when it was never armed."""
        with self._lock:
            lease = self.armed_for(strike)
            return self.states[lease.lease_id] if lease else None

    def selected(self) -> set[str]:
        """Name the instances of all leases, whatever became of them."""
        with self._lock:
            return {instance.name for lease in self.leases.values() for instance in lease.instances}

    def live(self) -> list[Lease]:
        """List the leases that are armed or injected."""
        with self._lock:
            return [self.leases[lease_id] for lease_id, state in self.states.items() if state in _LIVE]

    def hold_until(self, lease_id: str) -> datetime | None:
        """Tell when the last injection under a lease ends by itself; None while nothing is injected under it."""
        return max((injection.hold_until for injection in self.open_under(lease_id)), default=None)

    def require_injectable(self, lease_id: str) -> Lease:
        """Give the lease if a fault may be injected under it now; raise `LeaseError` otherwise."""
        with self._lock:
            state = self.states.get(lease_id)
            if state not in _LIVE:
                raise LeaseError(f"lease {lease_id} is {state or 'unknown'}: nothing may be injected under it")
            return self.leases[lease_id]

    def _close(self, injection_id: str) -> None:
        prepared = self.open_injections.pop(injection_id, None)
        if prepared and not self.open_under(prepared.lease_id):
            self.states[prepared.lease_id] = LeaseState.RECOVERED

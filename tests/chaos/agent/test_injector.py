"""Leases bound every injection; undo is known before the fault, and comes whatever happens."""

from pathlib import Path

import pytest

from include.chaos.agent.injector import GRACE, LEASE_FOR, Injector
from include.chaos.agent.selection import select_instances
from include.chaos.events import (
    HoldStarted,
    Injected,
    InjectionPrepared,
    LeaseArmed,
    LeaseRevoked,
    Recovered,
    RecoveryFailed,
    RecoveryStarted,
)
from include.chaos.experiment import Experiment, load_experiment
from include.chaos.journal import JournalWriter, read_journal
from include.chaos.model import LeaseState, RecoveredBy, TargetMode
from include.errors import LeaseError, PlatformError
from tests.chaos.fakes import FakeClock, FakePlatform


class Bench:
    """An injector over fakes, with its journal on disk; `restart` is what a killed agent's successor does."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "run.jsonl"
        self.platform = FakePlatform()
        self.clock = FakeClock()
        self.experiment: Experiment = load_experiment("warehouse_killed_while_landing")
        self.strike = self.experiment.strikes[0]
        self.injector = self.restart()

    def restart(self) -> Injector:
        self.injector = Injector(
            experiment=self.experiment,
            journal=JournalWriter(self.path, clock=self.clock),
            platform=self.platform,
            clock=self.clock,
        )
        return self.injector

    def events(self) -> list[type]:
        return [type(entry.body) for entry in read_journal(self.path).entries]

    def state(self) -> LeaseState | None:
        return self.injector.state(self.strike.name)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_strike_runs_from_lease_to_undo(bench: Bench) -> None:
    """Arm, inject and recover leave nothing held and the process running."""
    bench.injector.inject(bench.strike, bench.injector.arm(bench.strike))
    assert bench.platform.held == {"warehouse"}
    assert bench.injector.recover(bench.strike.name, RecoveredBy.HOLD_ENDED)
    assert bench.events() == [LeaseArmed, InjectionPrepared, Injected, HoldStarted, RecoveryStarted, Recovered]
    assert bench.platform.held == set()
    assert bench.platform.running == {"warehouse"}
    assert bench.state() is LeaseState.RECOVERED


def test_undo_is_on_disk_before_the_act(bench: Bench) -> None:
    """When the act itself fails, what undo needs was journaled first, and is used."""
    lease = bench.injector.arm(bench.strike)
    bench.platform.refuses_signal = True
    with pytest.raises(PlatformError, match="not permitted"):
        bench.injector.inject(bench.strike, lease)
    assert InjectionPrepared in bench.events()
    assert Injected not in bench.events()
    assert bench.platform.held == set()


def test_recover_twice_is_harmless(bench: Bench) -> None:
    """The second undo does and records nothing."""
    bench.injector.inject(bench.strike, bench.injector.arm(bench.strike))
    bench.injector.recover(bench.strike.name, RecoveredBy.HOLD_ENDED)
    events, acts = bench.events(), list(bench.platform.acts)
    assert bench.injector.recover(bench.strike.name, RecoveredBy.RECOVER_REQUESTED)
    assert (bench.events(), bench.platform.acts) == (events, acts)


def test_nothing_is_injected_under_a_revoked_lease(bench: Bench) -> None:
    """An undo that comes before its inject forbids the inject."""
    lease = bench.injector.arm(bench.strike)
    bench.injector.recover(bench.strike.name, RecoveredBy.RECOVER_REQUESTED)
    with pytest.raises(LeaseError, match="revoked"):
        bench.injector.inject(bench.strike, lease)
    assert bench.platform.acts == []


def test_arm_asked_twice_gives_the_same_lease(bench: Bench) -> None:
    """A task that runs twice takes one lease."""
    assert bench.injector.arm(bench.strike) == bench.injector.arm(bench.strike)
    assert bench.events() == [LeaseArmed]


def test_a_lease_ended_is_not_armed_again(bench: Bench) -> None:
    """A late second try of `arm` cannot bring a strike back."""
    bench.injector.arm(bench.strike)
    bench.injector.recover(bench.strike.name, RecoveredBy.RECOVER_REQUESTED)
    with pytest.raises(LeaseError, match="revoked"):
        bench.injector.arm(bench.strike)


def test_an_injection_outlived_by_everybody_is_undone_when_its_lease_expires(bench: Bench) -> None:
    """Expiry counts from the confirmed injection: hold and grace, no more."""
    bench.injector.inject(bench.strike, bench.injector.arm(bench.strike))
    bench.clock.advance((bench.strike.hold_for + GRACE).total_seconds() - 0.1)
    bench.injector.expire()
    assert bench.state() is LeaseState.INJECTED
    bench.clock.advance(0.2)
    bench.injector.expire()
    assert bench.state() is LeaseState.RECOVERED
    assert bench.platform.held == set()


def test_a_lease_nobody_renews_is_revoked(bench: Bench) -> None:
    """A strike task that died before the strike point takes its right to strike with it."""
    bench.injector.arm(bench.strike)
    bench.clock.advance(LEASE_FOR.total_seconds() - 1)
    bench.injector.renew(bench.strike.name)
    bench.clock.advance(2)
    bench.injector.expire()
    assert bench.state() is LeaseState.ARMED
    bench.clock.advance(LEASE_FOR.total_seconds())
    bench.injector.expire()
    assert bench.events()[-1] is LeaseRevoked


def test_more_targets_than_the_blast_radius_allows_are_refused(bench: Bench) -> None:
    """Nothing is armed when the selector reaches too far."""
    bench.platform.running = {"warehouse_1", "warehouse_2"}
    with pytest.raises(LeaseError, match="max_targets allows 1"):
        bench.injector.arm(bench.strike)
    assert bench.events() == []


def test_the_choice_of_targets_is_in_the_journal_and_made_the_same_way_again(bench: Bench) -> None:
    """Seed, eligible and selected instances are written down; the same seed selects the same."""
    bench.platform.running = {f"warehouse_{n}" for n in range(5)}
    target = bench.strike.target.model_copy(update={"exclude": ("warehouse_0",), "mode": TargetMode.ONE})
    strike = bench.strike.model_copy(update={"target": target})
    lease = bench.injector.arm(strike)
    (armed,) = [e.body for e in read_journal(bench.path).entries if isinstance(e.body, LeaseArmed)]
    assert armed.lease == lease
    assert armed.eligible == tuple(f"warehouse_{n}" for n in range(1, 5))
    eligible = bench.platform.resolve(target)[1:]
    assert select_instances(target, eligible, seed=armed.seed) == lease.instances


def test_more_of_a_component_than_its_share_is_refused(bench: Bench) -> None:
    """One of two is half of them, and too many where a third may be struck."""
    bench.platform.running = {"warehouse_1", "warehouse_2"}
    radius = bench.experiment.blast_radius.model_copy(update={"max_share": 1 / 3})
    bench.experiment = bench.experiment.model_copy(update={"blast_radius": radius})
    target = bench.strike.target.model_copy(update={"mode": TargetMode.ONE})
    with pytest.raises(LeaseError, match="1 of 2 instances"):
        bench.restart().arm(bench.strike.model_copy(update={"target": target}))


def test_a_failed_undo_is_said_and_tried_again(bench: Bench) -> None:
    """An undo that is not confirmed stays open until it is."""
    bench.injector.inject(bench.strike, bench.injector.arm(bench.strike))
    bench.platform.refuses_recovery = True
    assert not bench.injector.recover(bench.strike.name, RecoveredBy.HOLD_ENDED)
    assert bench.events()[-1] is RecoveryFailed
    bench.platform.refuses_recovery = False
    bench.clock.advance(60)
    bench.injector.expire()
    assert bench.events()[-1] is Recovered


@pytest.mark.parametrize("written", range(7))
def test_an_agent_killed_at_any_entry_leaves_nothing_injected(bench: Bench, written: int) -> None:
    """Whatever the journal held when the agent died, its successor ends with nothing held and no live lease."""
    bench.injector.inject(bench.strike, bench.injector.arm(bench.strike))
    bench.injector.recover(bench.strike.name, RecoveredBy.HOLD_ENDED)
    lines = bench.path.read_text().splitlines(keepends=True)
    bench.path.write_text("".join(lines[:written]))
    if written >= 2:
        bench.platform.held, bench.platform.running = {"warehouse"}, set()
    if written >= 6:
        bench.platform.held, bench.platform.running = set(), {"warehouse"}
    bench.restart().recover_everything(RecoveredBy.AGENT_RESTARTED)
    assert bench.platform.held == set()
    assert bench.platform.running == {"warehouse"}
    assert bench.state() in (None, LeaseState.REVOKED, LeaseState.RECOVERED)

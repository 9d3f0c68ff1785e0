"""Lies that chaos tools are known to tell, each provoked here: none may end in `passed`.

Chaos Toolkit: a failed action, a bad baseline, a forgotten dip, skipped rollbacks. Chaos Mesh: a clock that runs before
the fault, a replaced target, a fault that a restart ends. Litmus: no probes. Krkn: exclusion after selection. Jepsen:
duplicates that set-full cannot count, and a rule of ours from it: a checker that crashed has not passed.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from include.chaos import events as e
from include.chaos.agent.injector import GRACE, Injector
from include.chaos.agent.selection import eligible_instances, select_instances
from include.chaos.exit_codes import EXIT_CODES
from include.chaos.experiment import SteadyState
from include.chaos.integrity import Key, RelationRows, Row, account_relation
from include.chaos.journal import JournalEntry, JournalWriter
from include.chaos.model import (
    LeaseState,
    RecoveredBy,
    StrikeOutcome,
    Target,
    TargetInstance,
    TargetMode,
    VerdictValue,
)
from include.chaos.verdict import judge
from include.errors import AgentError, LeaseError
from tests.chaos import journals
from tests.chaos.agent.world import RUN_ID, STRIKE, World, bodies, land, quick, struck, world_in
from tests.chaos.fakes import FakeClock, FakePlatform
from tests.waiting import await_


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as made:
        yield made


def _injector(folder: Path, platform: FakePlatform, clock: FakeClock) -> Injector:
    journal = JournalWriter(folder / "run.jsonl", clock=clock)
    return Injector(experiment=quick(10), journal=journal, platform=platform, clock=clock)


def _dip(begins: float, ends: float) -> list[JournalEntry]:
    def spoil(t: float, body: e.Event) -> e.Event:
        return journals.look(ok=False) if isinstance(body, e.ProbeSampled) and begins < t < ends else body

    return journals.where(spoil)


def test_a_failed_action_does_not_end_green(world: World) -> None:
    """The signal is refused; everything else is well, every row lands, and still the run has not passed."""
    world.platform.refuses_signal = True
    run = world.open()
    struck(world, run)
    await_(lambda: run.status().all_strikes_ended)
    verdict = land(world, run)
    assert verdict.value is VerdictValue.NOT_EXERCISED
    assert "operation not permitted" in verdict.reasons[0]


def test_an_action_that_failed_on_its_second_target_does_not_end_green() -> None:
    """One of two targets was struck and an effect was seen, but not that of the planned strike."""
    failed = e.InjectionFailed(injection_id="J", error="operation not permitted")
    ended = e.StrikeEnded(strike="kill", outcome=StrikeOutcome.REFUSED, reason="operation not permitted")
    other = TargetInstance(name="warehouse_2", component="warehouse")
    second = next(body for _, body in journals.passing_steps() if isinstance(body, e.InjectionPrepared))
    prepared = second.model_copy(update={"injection_id": "J", "instance": other})
    steps = [(t, ended if isinstance(b, e.StrikeEnded) else b) for t, b in journals.passing_steps()]
    undone = e.Recovered(injection_id="J", by=RecoveredBy.INJECTION_FAILED)
    steps += [(10.0005, prepared), (10.0006, failed), (15.405, undone)]
    verdict = judge(journals.number(sorted(steps, key=lambda step: step[0])))
    assert verdict.value is VerdictValue.NOT_EXERCISED
    assert "not permitted" in verdict.reasons[0]


def test_a_bad_baseline_neither_strikes_nor_exits_with_zero(world: World) -> None:
    """What is broken before is not broken further, and every verdict but `passed` is an exit code other than 0."""
    world.warehouse.down = True
    run = world.open()
    run.measure_baseline()
    with pytest.raises(AgentError, match="healthy baseline"):
        run.arm(STRIKE)
    verdict = land(world, run)
    assert verdict.value is VerdictValue.INCONCLUSIVE
    assert [value for value, code in EXIT_CODES.items() if code == 0] == [VerdictValue.PASSED]


@pytest.mark.parametrize(("begins", "ends"), [(6, 7), (28, 29)], ids=["before the strike", "after recovery"])
def test_a_dip_that_healed_is_not_forgotten(begins: float, ends: float) -> None:
    """Looks at the beginning and at the end are not enough: the looks between count."""
    verdict = judge(_dip(begins, ends))
    assert verdict.value is not VerdictValue.PASSED
    assert any("broke" in reason for reason in verdict.reasons)


def test_the_undo_comes_though_every_probe_raises(world: World) -> None:
    """A defect in a probe is an unhealthy look; the hold ends on time all the same."""
    run = world.open(quick(hold_seconds=1))
    struck(world, run)
    await_(lambda: run.status().lease is LeaseState.INJECTED)
    world.warehouse.defect = RuntimeError("the probe has a defect")
    await_(lambda: run.status().all_strikes_ended)
    (recovered,) = bodies(run, e.Recovered)
    assert recovered.by is RecoveredBy.HOLD_ENDED
    assert world.platform.held == set()


def test_one_undo_that_crashes_does_not_cost_the_others_theirs(tmp_path: Path) -> None:
    """An undo with a defect is recorded as failed and tried again; the next instance is undone at once."""
    platform = FakePlatform(running={"warehouse_1", "warehouse_2"})
    experiment = quick(10)
    radius = experiment.blast_radius.model_copy(update={"max_targets": 2})
    clock = FakeClock()
    injector = Injector(
        experiment=experiment.model_copy(update={"blast_radius": radius}),
        journal=(journal := JournalWriter(tmp_path / "run.jsonl", clock=clock)),
        platform=platform,
        clock=clock,
    )
    injector.inject(experiment.strikes[0], injector.arm(experiment.strikes[0]))
    platform.breaks_lifting = "warehouse_1"
    assert not injector.recover(STRIKE, RecoveredBy.HOLD_ENDED)
    assert platform.held == {"warehouse_1"}
    platform.breaks_lifting = None
    clock.advance(2)
    injector.expire()
    assert platform.held == set()
    assert any(isinstance(entry.body, e.RecoveryFailed) for entry in journal.entries)


def test_the_fault_s_clock_starts_at_its_confirmed_injection(tmp_path: Path) -> None:
    """An injection that took half a minute is held for its ten seconds all the same; the outer deadline moves along."""
    clock, platform = FakeClock(), FakePlatform()
    platform.on_signal = lambda: clock.advance(30)
    injector = _injector(tmp_path, platform, clock)
    strike = quick(10).strikes[0]
    ends = injector.inject(strike, injector.arm(strike))
    assert ends == clock.monotonic() + 10
    assert platform.holds["warehouse"] == clock.now() + timedelta(seconds=10) + GRACE
    clock.advance(10 + GRACE.total_seconds() - 0.1)
    injector.expire()
    assert injector.state(STRIKE) is LeaseState.INJECTED


def test_a_target_that_somebody_freed_during_the_hold_is_said(world: World) -> None:
    """The warehouse runs again in the middle of its hold, by no doing of ours: nobody may call that a full strike."""
    run = world.open(quick(hold_seconds=3))
    struck(world, run)
    await_(lambda: run.status().effect_seen)
    world.platform.running.add("warehouse")
    await_(lambda: bool(bodies(run, e.InjectionLost)))
    await_(lambda: run.status().all_strikes_ended and run.status().steady_again)
    verdict = land(world, run)
    assert verdict.value is VerdictValue.INCONCLUSIVE
    assert any("warehouse was replaced or freed" in reason for reason in verdict.reasons)


def test_a_platform_that_cannot_tell_accuses_nobody_of_freeing_its_target(tmp_path: Path) -> None:
    """Silence about a target is no sight of it."""
    platform = FakePlatform()
    injector = _injector(tmp_path, platform, FakeClock())
    strike = quick(10).strikes[0]
    injector.inject(strike, injector.arm(strike))
    assert injector.lost(strike) == frozenset()
    platform.running.add("warehouse")
    assert len(injector.lost(strike)) == 1
    platform.silent = True
    assert injector.lost(strike) == frozenset()


@pytest.mark.parametrize(
    "by", [RecoveredBy.AGENT_RESTARTED, RecoveredBy.AGENT_STOPPED, RecoveredBy.RECOVER_REQUESTED, RecoveredBy.HALTED]
)
def test_a_fault_that_ended_early_is_not_a_pass(by: RecoveredBy) -> None:
    """Held for two seconds instead of five, whoever ended it; a confirmation that came late does not count as hold."""
    steps = [
        (12.0, e.RecoveryStarted(injection_id="I", by=by))
        if isinstance(body, e.RecoveryStarted)
        else (t, e.Recovered(injection_id="I", by=by) if isinstance(body, e.Recovered) else body)
        for t, body in journals.passing_steps()
    ]
    verdict = judge(journals.number(sorted(steps, key=lambda step: step[0])))
    assert verdict.value is VerdictValue.INCONCLUSIVE
    assert any("held for 2.0 s only, not for 5.0 s" in reason for reason in verdict.reasons)


def test_a_restart_after_the_hold_is_noted_and_takes_nothing_away() -> None:
    """The whole hold was there, so the claim was put to the test; the journal says who undid the fault."""
    by = RecoveredBy.AGENT_RESTARTED
    change: dict[type, e.Event] = {
        e.RecoveryStarted: e.RecoveryStarted(injection_id="I", by=by),
        e.Recovered: e.Recovered(injection_id="I", by=by),
        e.StrikeEnded: e.StrikeEnded(strike="kill", outcome=StrikeOutcome.BROKEN, reason="the agent died"),
    }
    verdict = judge(journals.where(lambda _t, body: change.get(type(body), body)))
    assert verdict.value is VerdictValue.PASSED
    assert any("the agent had died" in note for note in verdict.notes)


def test_without_probes_there_is_no_experiment_and_no_pass() -> None:
    """No probe is no evidence: the file is refused, and a journal without probes is inconclusive."""
    with pytest.raises(ValidationError):
        SteadyState(probes=())
    nothing = journals.opened().model_copy(update={"probes": ()})
    assert judge(journals.replacing(e.RunOpened, nothing)).value is VerdictValue.INCONCLUSIVE


def test_a_probe_that_never_looked_is_no_healthy_start() -> None:
    """A probe that is named and gives no look is not taken for a good one."""
    two = journals.opened().model_copy(update={"probes": ("answers", "mute")})
    verdict = judge(journals.replacing(e.RunOpened, two))
    assert verdict.value is VerdictValue.INCONCLUSIVE
    assert any("mute gave no look" in reason for reason in verdict.reasons)


def test_exclusion_comes_before_selection() -> None:
    """Whatever the seed, one of two is excluded and the other one is struck; never nobody."""
    workers = [TargetInstance(name=f"spark_worker_{n}", component="spark_worker") for n in (1, 2)]
    target = Target(component="spark_worker", exclude=("spark_worker_1",), mode=TargetMode.ONE)
    eligible = eligible_instances(target, workers)
    assert all(select_instances(target, eligible, seed=str(seed)) == (workers[1],) for seed in range(20))


def test_a_strike_with_no_target_left_is_refused(tmp_path: Path) -> None:
    """Everything excluded is not "nothing to do": there is no lease, and so no green."""
    injector = _injector(tmp_path, FakePlatform(), FakeClock())
    target = Target(component="warehouse", exclude=("warehouse",))
    with pytest.raises(LeaseError, match="nothing is left to strike"):
        injector.arm(quick(10).strikes[0].model_copy(update={"target": target}))


def test_duplicates_are_counted_copy_by_copy() -> None:
    """Three copies of a row are two too many, also when as many other rows are missing, and fail the run."""
    expected: dict[Key, Row] = {("a",): (), ("b",): (), ("c",): ()}
    account = account_relation(
        RelationRows(relation="filename_instrument", expected=expected, landed=[(("a",), ())] * 3)
    )
    assert (account.duplicated, account.lost, account.landed) == (2, 2, 1)
    verdict = judge(journals.replacing(e.RowsVerified, journals.rows(account)))
    assert verdict.value is VerdictValue.FAILED
    assert "2 lost, 2 duplicated" in verdict.reasons[0]


@pytest.mark.parametrize("earlier", [False, True], ids=["the first check", "a check after one that passed"])
def test_a_checker_that_crashed_has_not_passed(*, earlier: bool) -> None:
    """Where the last comparison failed, what the rows are is unknown, whatever an earlier one had said."""
    steps = [step for step in journals.passing_steps() if earlier or not isinstance(step[1], e.RowsVerified)]
    verdict = judge(journals.number([*steps, (50, e.VerificationFailed(error="the oracle crashed"))]))
    assert verdict.value is VerdictValue.INCONCLUSIVE
    assert any("the oracle crashed" in reason for reason in verdict.reasons)


def test_a_judge_that_crashed_has_not_passed() -> None:
    """A defect in the judge itself becomes a reason, not a pass."""

    class Unreadable(list[JournalEntry]):
        def __reversed__(self) -> Iterator[JournalEntry]:
            raise ZeroDivisionError

    verdict = judge(Unreadable(journals.passing()))
    assert verdict.value is VerdictValue.INCONCLUSIVE
    assert "The judge crashed" in verdict.reasons[0]


def test_rows_of_which_none_was_expected_prove_nothing() -> None:
    """An empty oracle agrees with an empty table, and with nothing else."""
    empty = account_relation(RelationRows(relation="filename_instrument", expected={}, landed=[]))
    assert judge(journals.replacing(e.RowsVerified, journals.rows(empty))).value is VerdictValue.INCONCLUSIVE


def test_the_null_experiment_is_not_exercised(world: World) -> None:
    """Nothing is done, everything else is: no effect is seen, and the verdict says so, as the file expects."""
    run = world.open(quick(experiment_id="null"))
    struck_name = run.experiment.strikes[0].name
    run.measure_baseline()
    run.arm(struck_name)
    run.begin_strike(struck_name)
    await_(lambda: run.status().all_strikes_ended)
    verdict = land(world, run)
    assert verdict.value is VerdictValue.NOT_EXERCISED
    assert verdict.reasons == ("The fault was injected, but no probe saw an effect.",)
    assert any("expects `not_exercised`, as expected" in note for note in verdict.notes)
    assert world.platform.acts == []


def test_a_run_in_which_all_is_well_does_pass(world: World) -> None:
    """The other tests are worth something: the same way through agent and judge ends `passed` when nothing is wrong."""
    run = world.open(quick(hold_seconds=0.5))
    struck(world, run)
    await_(lambda: run.status().all_strikes_ended and run.status().steady_again)
    assert land(world, run).value is VerdictValue.PASSED
    assert run.experiment_run_id == RUN_ID

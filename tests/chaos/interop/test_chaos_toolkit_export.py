"""Our journals become Chaos Toolkit journals that its own code reads, and none that is not a pass looks like one."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from chaoslib.experiment import ensure_experiment_is_valid
from chaosreport import generate_report, generate_report_header
from typer.testing import CliRunner

from include.chaos import events as e
from include.chaos.experiment import load_experiment
from include.chaos.interop import recorded
from include.chaos.interop.chaos_toolkit_export import export_journal
from include.chaos.interop.chaos_toolkit_journal import ActivityStatus, ChaosToolkitJournal, JournalStatus
from include.chaos.interop_commands import export_file
from include.chaos.journal import JournalEntry
from include.chaos.model import RelationAccount, StrikeOutcome
from include.chaos.verdict import judge
from include.errors import ConfigurationError
from tests.chaos import journals

Change = Callable[[float, e.Event], e.Event | None]

EXPERIMENT = load_experiment("warehouse_killed_while_landing")
STRIKE, PROBE = EXPERIMENT.strikes[0], EXPERIMENT.hypothesis.steady_state.probes[0]

app = typer.Typer()
app.command()(export_file)


def _run(change: Change = lambda _t, body: body) -> list[JournalEntry]:
    """Give the passing run as one of a real experiment file with one probe, with each event changed."""
    steady_state = EXPERIMENT.hypothesis.steady_state.model_copy(
        update={"probes": (PROBE.model_copy(update={"name": "answers"}),)}
    )
    experiment = EXPERIMENT.model_copy(
        update={
            "hypothesis": EXPERIMENT.hypothesis.model_copy(update={"steady_state": steady_state}),
            "strikes": (STRIKE.model_copy(update={"name": "kill"}),),
        }
    )

    def with_file(t: float, body: e.Event) -> e.Event | None:
        changed = change(t, body)
        return (
            changed.model_copy(update={"experiment": experiment.to_yaml()})
            if isinstance(changed, e.RunOpened)
            else changed
        )

    return journals.where(with_file)


def _lose_a_row(_t: float, body: e.Event) -> e.Event:
    lossy = RelationAccount(relation="filename_instrument", expected=10, landed=9, lost=1)
    return journals.rows(lossy) if isinstance(body, e.RowsVerified) else body


def _never_recover(t: float, body: e.Event) -> e.Event | None:
    if isinstance(body, e.Recovered):
        return e.RecoveryFailed(injection_id="I", error="no such process")
    return journals.look(ok=t < 10) if isinstance(body, e.ProbeSampled) else body


def _miss(_t: float, body: e.Event) -> e.Event | None:
    if isinstance(body, e.StrikeEnded):
        return e.StrikeEnded(strike="kill", outcome=StrikeOutcome.MISSED, reason="the stage is too short")
    if isinstance(body, e.ProbeSampled):
        return journals.look(ok=True)
    return None if isinstance(body, e.InjectionPrepared | e.Injected | e.Recovered) else body


def _no_baseline(_t: float, body: e.Event) -> e.Event | None:
    return None if isinstance(body, e.BaselineMeasured) else body


def _as_json(journal: ChaosToolkitJournal) -> Any:  # noqa: ANN401  # as any reader of JSON has it
    return json.loads(journal.model_dump_json(by_alias=True))


@pytest.mark.parametrize(
    ("change", "status", "deviated"),
    [
        (lambda _t, body: body, "completed", False),
        (_lose_a_row, "completed", True),
        (_never_recover, "completed", True),
        (_miss, "aborted", False),
        (_no_baseline, "failed", False),
    ],
)
def test_only_a_pass_is_what_their_command_exits_with_0_on(change: Change, status: str, deviated: bool) -> None:  # noqa: FBT001
    """`completed` without `deviated` is kept for `passed`; every other verdict is told apart, with its reasons."""
    entries = _run(change)
    exported, verdict = export_journal(entries), judge(entries)
    assert (exported.status, exported.deviated) == (status, deviated)
    assert (exported.chaos_control.verdict, exported.chaos_control.reasons) == (verdict.value, verdict.reasons)
    assert (exported.status is JournalStatus.COMPLETED and not exported.deviated) == (verdict.value == "passed")


@pytest.mark.parametrize("change", [lambda _t, body: body, _lose_a_row, _never_recover, _miss, _no_baseline])
def test_their_report_tool_reads_it_and_shows_the_verdict(change: Change, tmp_path: Path) -> None:
    """`chaosreport` renders a report of each kind of run, in which the verdict and its first reason are to be read."""
    entries = _run(change)
    path = tmp_path / "journal.json"
    path.write_text(export_journal(entries).model_dump_json(by_alias=True))
    report = generate_report(json.loads(path.read_text()))
    verdict = judge(entries)
    assert f"'{verdict.value}: " in report or f'"{verdict.value}: ' in report
    assert verdict.reasons[0].split("'")[0][:20] in " ".join(report.split())
    assert EXPERIMENT.title in report
    assert "warehouse" in generate_report_header([str(path)])


def test_the_recorded_experiment_is_one_to_the_official_library() -> None:
    """The journal's experiment passes the Chaos Toolkit's own validation."""
    ensure_experiment_is_valid(_as_json(export_journal(_run()))["experiment"])


def test_a_recorded_activity_cannot_be_run_to_a_false_green() -> None:
    """Whoever runs the record with their tool gets an error that says what to do."""
    for call in (recorded.look, recorded.strike, recorded.undo):
        with pytest.raises(ConfigurationError, match="experiment run"):
            call("kill")
    with pytest.raises(ConfigurationError, match="record"):
        recorded.accept(equals=1)
    with pytest.raises(ConfigurationError, match="record"):
        recorded.judge("run")


def test_the_documented_properties_are_there_with_their_types() -> None:
    """Times are RFC 3339 with a zone, durations are numbers that fit them, outputs are text or null."""
    journal = _as_json(export_journal(_run()))
    assert {"experiment", "status", "start", "end", "duration", "steady_states", "run", "rollbacks"} <= set(journal)
    looks = [*journal["steady_states"]["before"]["probes"], *journal["steady_states"]["after"]["probes"]]
    assert looks
    for one in [journal, *looks, *journal["run"], *journal["rollbacks"]]:
        start, end = datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"])
        assert start.tzinfo is not None
        assert one["duration"] == pytest.approx((end - start).total_seconds(), abs=1e-3)
    for one in [*looks, *journal["run"], *journal["rollbacks"]]:
        assert one["output"] is None or isinstance(one["output"], str)
        assert one["status"] in ("succeeded", "failed")


def test_the_steady_state_is_told_before_during_and_after() -> None:
    """Met before; during, the one dip and its end; after, met only when it came back."""
    states = export_journal(_run()).steady_states
    assert states.before is not None
    assert states.after is not None
    assert states.before.steady_state_met
    assert states.after.steady_state_met
    assert [state.steady_state_met for state in states.during] == [False, True]
    down = export_journal(_run(_never_recover)).steady_states
    assert down.after is not None
    assert not down.after.steady_state_met
    assert export_journal(_run(_miss)).steady_states.after is None
    assert export_journal(_run(_no_baseline)).steady_states.before is None


def test_strikes_and_undos_say_how_they_ended() -> None:
    """A strike that missed and an undo that is not confirmed have failed, with their reason."""
    strike, _ = export_journal(_run()).run
    [undo] = export_journal(_run()).rollbacks
    assert strike.status is ActivityStatus.SUCCEEDED
    assert strike.duration == pytest.approx(5, abs=0.1)
    assert undo.status is ActivityStatus.SUCCEEDED
    missed, _ = export_journal(_run(_miss)).run
    assert (missed.status, missed.exception) == (ActivityStatus.FAILED, ("the stage is too short",))
    assert export_journal(_run(_miss)).rollbacks == ()
    [stuck] = export_journal(_run(_never_recover)).rollbacks
    assert (stuck.status, stuck.exception) == (ActivityStatus.FAILED, ("no such process",))


def test_the_command_writes_the_journal_of_a_file(tmp_path: Path) -> None:
    """What is written is JSON that reads back, with what a torn last line lost said on standard error."""
    path = journals.write(tmp_path / "run.jsonl", _run())
    path.write_text(path.read_text() + '{"seq":')
    result = CliRunner().invoke(app, [str(path)])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["status"] == "completed"
    assert "torn last line" in result.stderr

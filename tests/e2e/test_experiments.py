"""The whole thread on real servers: PostgreSQL is killed while rows land, and the verdict is what happened."""

import pytest

from include.chaos import events as e
from include.chaos.journal import JournalEntry
from include.chaos.layers import Layer
from include.chaos.model import RecoveredBy, VerdictValue
from include.chaos.recovery import read_recovery
from include.chaos.timeline import Timeline, build_timeline
from include.chaos.verdict import judge
from tests.e2e.site import Site, await_

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


def _undone(site: Site, entries: tuple[JournalEntry, ...]) -> Timeline:
    """Check that nothing is left injected: every injection is recovered, no hold file stays, the server answers."""
    timeline = build_timeline(entries)
    assert timeline.open_injections == frozenset()
    assert not list(site.lab.home.holds.iterdir())
    assert site.published("filename_instrument")
    return timeline


def test_scale_survives_the_warehouse_killed_while_landing(site: Site) -> None:
    """Every row lands exactly once, as in the undisturbed run, and the verdict is `passed`."""
    before = {relation: site.published(relation) for relation in ("filename_instrument", "filepair_similarity_score")}
    run, entries = site.await_experiment(site.start_experiment())
    verdict = judge(entries)
    assert verdict.value is VerdictValue.PASSED, verdict
    assert run.state == "success"
    timeline = _undone(site, entries)
    assert timeline.time_to_effect is not None
    assert timeline.time_to_recover is not None
    assert timeline.time_to_land is not None
    assert timeline.slower_than_twin is not None
    assert {relation: site.published(relation) for relation in before} == before


def test_appending_without_a_ledger_is_caught(site: Site) -> None:
    """The planted opposite: the same strike on `landing: append` ends `failed`, naming duplicates or losses."""
    run, entries = site.await_experiment(site.start_experiment({"landing": "append"}))
    verdict = judge(entries)
    assert verdict.value is VerdictValue.FAILED, verdict
    assert run.state == "failed"
    assert any("duplicated" in reason or "lost" in reason for reason in verdict.reasons), verdict.reasons
    _undone(site, entries)


def test_an_agent_killed_during_the_hold_is_succeeded_by_one_that_undoes(site: Site) -> None:
    """SIGKILL takes the agent; the supervisor's new one recovers the warehouse at once and the verdict says so."""
    run_id = site.start_experiment()
    site.await_injected(run_id)
    site.kill("agent")
    _, entries = site.await_experiment(run_id)
    timeline = _undone(site, entries)
    assert timeline.agent_restarts == 1
    assert timeline.strikes[0].recovered_by is not None
    assert timeline.strikes[0].recovered_by is RecoveredBy.AGENT_RESTARTED
    verdict = judge(entries)
    assert verdict.value in (VerdictValue.PASSED, VerdictValue.INCONCLUSIVE), verdict
    assert any("agent had died" in note for note in verdict.notes)


def test_a_scheduler_killed_during_the_hold_changes_nothing_about_the_undo(site: Site) -> None:
    """SIGKILL takes Airflow's scheduler; the agent undoes on time, and the run still ends with a verdict."""
    run_id = site.start_experiment()
    site.await_injected(run_id)
    killed = site.kill("airflow_scheduler")
    await_(lambda: site.pid("airflow_scheduler") != killed, "the supervisor to start the scheduler again")
    _, entries = site.await_experiment(run_id)
    timeline = _undone(site, entries)
    assert timeline.strikes[0].recovered_by is not None
    assert timeline.strikes[0].recovered_by is RecoveredBy.HOLD_ENDED
    assert judge(entries).value is VerdictValue.PASSED, judge(entries)


def test_a_crash_between_commit_and_report_stages_nothing_twice(site: Site) -> None:
    """A Spark task ends itself at a failpoint, after its commit: Spark runs it again, and says so in its own log."""
    experiment_id = "crash_at_partition_committed"
    _, entries = site.await_experiment(site.start_experiment(experiment_id=experiment_id), experiment_id)
    assert judge(entries).value is VerdictValue.PASSED, judge(entries)
    recovery = read_recovery(entries)
    assert recovery is not None
    assert recovery.saved_by is Layer.SPARK_TASK_RETRY
    assert recovery.is_known, recovery.unread
    assert not list(site.lab.home.failpoints.rglob("armed"))


def test_a_stage_too_short_to_strike_is_not_exercised(site: Site) -> None:
    """With a handful of songs all rows are staged at once: nothing is struck, and nothing is called a pass."""
    site.generate_corpus(songs=5, seed=3, prefix="few/")
    run, entries = site.await_experiment(site.start_experiment({"prefix": "few/"}))
    verdict = judge(entries)
    assert verdict.value is VerdictValue.NOT_EXERCISED, verdict
    assert run.state == "failed"
    assert not any(isinstance(entry.body, e.Injected) for entry in entries)


def test_a_verdict_computed_from_the_journal_file_is_the_published_one(site: Site) -> None:
    """For every run so far, `judge` gives from the file what the run has published."""
    journals = sorted((site.lab.home.path / "agent" / "journals").glob("warehouse_killed_while_landing__*.jsonl"))
    assert journals
    for journal in journals:
        entries = site.journal(journal.stem.removeprefix("warehouse_killed_while_landing__"))
        (published,) = [entry.body for entry in entries if isinstance(entry.body, e.VerdictReached)]
        assert judge(entries).value is published.verdict
        assert judge(entries).reasons == published.reasons

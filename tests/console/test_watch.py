"""One run as it goes on: how far it has come, in words, and only what is new."""

from pathlib import Path

import pytest

from include.chaos import events as e
from include.chaos.journal import JournalEntry
from include.chaos.model import VerdictValue
from include.console.progress import State, read_steps
from include.console.watch import read_watch
from tests.chaos import journals
from tests.chaos.agent.world import RUN_ID, STRIKE, land, quick, struck
from tests.console.site import ADMIN, ConsoleSite
from tests.waiting import await_


def until(kind: type) -> list[JournalEntry]:
    """Give the passing run up to the first event of a kind."""
    entries = journals.passing()
    found = next(number for number, entry in enumerate(entries) if isinstance(entry.body, kind))
    return entries[: found + 1]


def states(entries: list[JournalEntry]) -> dict[str, State]:
    return {step.name: step.state for step in read_steps(entries)}


def test_a_run_that_was_just_opened_measures_its_steady_state() -> None:
    """Everything else is to come."""
    found = states(until(e.RunOpened))
    assert found["steady state measured"] is State.UNDER_WAY
    assert set(found.values()) == {State.UNDER_WAY, State.TO_COME}


def test_a_fault_in_force_is_told_with_its_end() -> None:
    """What is struck, and when that ends by itself."""
    entries = until(e.Injected)
    assert states(entries)["fault in force"] is State.DONE
    assert states(entries)["fault removed"] is State.UNDER_WAY
    assert read_watch(entries).now == "kill is in force on warehouse; it ends by itself at 00:00:25 UTC at the latest."


def test_what_never_was_is_left_out_and_not_to_come() -> None:
    """A strike that never struck, in a run that is over."""
    verdict = e.VerdictReached(verdict=VerdictValue.NOT_EXERCISED, reasons=("it was not",), judged_until=9)
    steps = [step for step in journals.passing_steps() if not isinstance(step[1], e.Injected | e.Recovered)]
    found = states(journals.number([*steps, (50, verdict), (51, e.RunClosed())]))
    assert (found["fault in force"], found["fault removed"]) == (State.LEFT_OUT, State.LEFT_OUT)
    assert found["verdict"] is State.DONE


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (e.BaselineMeasured, "Waiting for: armed."),
        (e.PipelineStarted, "Waiting for: strike point reached."),
        (e.StrikeEnded, "Strikes ended: kill struck. Waiting for the pipeline to end and the steady state to return."),
    ],
)
def test_what_is_waited_for_is_said(kind: type, said: str) -> None:
    """In the same words as long as it is the same, for a screen reader reads every change."""
    assert read_watch(until(kind)).now == said


def test_a_probe_that_has_not_looked_is_unknown_and_not_healthy() -> None:
    """Its first look may be still to come."""
    [probe] = read_watch(until(e.RunOpened)).probes
    assert (probe.ok, probe.seen) == (None, "no look yet")


def test_the_page_follows_a_run_from_its_strike_to_its_report(site: ConsoleSite) -> None:
    """Each question gives what has changed since, and nothing where nothing has."""
    run = site.world.open(quick(hold_seconds=60))
    browser = site.visit(ADMIN)
    page = browser.get(f"runs/{RUN_ID}").text
    assert f'data-live="/chaos/runs/{RUN_ID}/live"' in page
    struck(site.world, run)
    await_(lambda: "is in force on warehouse" in browser.get(f"runs/{RUN_ID}/live").json()["parts"].get("now", ""))
    await_(lambda: run.status().effect_seen)
    run.recover(STRIKE)
    await_(lambda: run.status().steady_again)
    verdict = land(site.world, run)
    run.close(e.VerdictReached(verdict=verdict.value, reasons=verdict.reasons, judged_until=len(run.entries_since(0))))
    told = browser.get(f"runs/{RUN_ID}/live?seen=1").json()
    assert told["is_over"]
    assert "Open the full report" in told["parts"]["verdict"]
    assert browser.get(f"runs/{RUN_ID}/live?seen={told['seen']}").json() == {"seen": told["seen"], "parts": {}}
    assert "data-live" not in browser.get(f"runs/{RUN_ID}").text
    assert browser.get(f"runs/{RUN_ID}/report").status_code == 200


def test_leases_are_followed_as_well(site: ConsoleSite) -> None:
    """From armed to none."""
    browser = site.visit(ADMIN)
    run = site.world.open(quick(hold_seconds=60))
    run.measure_baseline()
    run.arm(STRIKE)
    assert "Armed:" in browser.get("leases/live").json()["parts"]["leases"]
    struck(site.world, run)
    await_(lambda: "In force:" in browser.get("leases/live").json()["parts"]["leases"])
    run.recover(STRIKE)
    assert "nothing is struck" in browser.get("leases/live").json()["parts"]["leases"]


def test_many_runs_can_be_watched(site: ConsoleSite, tmp_path: Path) -> None:
    """More than are kept in mind; each is read anew then, and shown whole."""
    browser = site.visit(ADMIN)
    for number in range(20):
        opened = journals.opened().model_copy(update={"experiment_run_id": f"run{number}"})
        journals.write(site.journals / f"run{number}.jsonl", journals.number([(0, opened)]))
    for _ in range(2):
        assert {browser.get(f"runs/run{number}").status_code for number in range(20)} == {200}

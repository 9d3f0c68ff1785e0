"""An agent that dies at any entry of a strike, or at any act, leaves nothing injected and no journal unreadable.

Each death is a real process that ends itself with SIGKILL, with its journal on disk; its successor is a real registry.
"""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from include.chaos import events as e
from include.chaos.agent.experiment_run import ExperimentRun
from include.chaos.agent.opening import opening_entry
from include.chaos.agent.registry import Registry
from include.chaos.agent.run_status import OpenRequest
from include.chaos.agent.services import Services
from include.chaos.experiment import Experiment
from include.chaos.journal import JournalEntry, JournalWriter, SystemClock, read_journal
from include.chaos.model import LeaseState, VerdictValue
from include.chaos.platforms.airflow import DagRunState, TaskState
from include.chaos.platforms.failpoint_board import FailpointBoard
from include.chaos.timeline import build_timeline
from include.chaos.verdict import judge
from tests.chaos.agent.world import RUN_ID, STRIKE, at_failpoint, on_executors, quick
from tests.chaos.disk_platform import DiskPlatform
from tests.chaos.fakes import FakeAirflow, FakeWarehouse
from tests.waiting import await_

ENTRIES = (
    "run_opened",
    "baseline_measured",
    "lease_armed",
    "stage_observed",
    "strike_point_reached",
    "injection_prepared",
    "injected",
    "hold_started",
    "recovery_started",
    "recovered",
    "strike_ended",
)
OF_OTHER_STRIKES: dict[str, Callable[[], Experiment]] = {
    "failpoint_armed": at_failpoint,
    "targets_found": on_executors,
}
"""Entries that only some strikes write, with what gives an experiment that does."""

ACTS = ("hold", "signal", "lift", "start")
DEATHS = (
    *(f"entry {event}" for event in (*ENTRIES, *OF_OTHER_STRIKES)),
    *(f"{moment} {act}" for act in ACTS for moment in ("before", "after")),
)


def _die(now: bool) -> None:  # noqa: FBT001
    if now:
        os.kill(os.getpid(), signal.SIGKILL)


def _services(platform: DiskPlatform) -> Services:
    stage = TaskState(task_id="extract_instruments", state="running", try_number=1)
    airflow = FakeAirflow(run=DagRunState(dag_run_id=f"chaos__{RUN_ID}", state="running"), stages=[stage])
    warehouse = FakeWarehouse(staged=(6, 10))
    return Services(
        platform=platform,
        airflow=airflow,
        open_warehouse=lambda _name, _purpose: warehouse,
        clock=SystemClock(),
        failpoints=FailpointBoard(platform.folder / "failpoints"),
    )


def _strike_and_die(folder: Path, death: str) -> None:
    """Carry a strike out until the moment of death; a strike that comes to its end is an agent that did not die."""

    def hear(entry: JournalEntry) -> None:
        _die(death == f"entry {entry.body.event}")

    platform = DiskPlatform(
        folder,
        before_act=lambda act: _die(death == f"before {act}"),
        after_act=lambda act: _die(death == f"after {act}"),
    )
    services = _services(platform)
    journal = JournalWriter(_journal(folder), clock=services.clock, listener=hear)
    make = OF_OTHER_STRIKES.get(death.removeprefix("entry "), lambda: quick(0.5))
    request = OpenRequest(experiment_run_id=RUN_ID, experiment_id="x", experiment=make(), dag_run_id=f"chaos__{RUN_ID}")
    journal.append(opening_entry(request))
    run = ExperimentRun(journal=journal, services=services, permit=lambda _experiment: None)
    run.start()
    run.measure_baseline()
    run.arm(STRIKE)
    run.begin_strike(STRIKE)
    await_(lambda: run.status().all_strikes_ended)


@pytest.fixture(scope="module")
def graves(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Let an agent die every death, all at once; give the folder that each left."""
    fork = multiprocessing.get_context("fork")
    folders = {death: tmp_path_factory.mktemp("agent") for death in DEATHS}
    agents = {death: fork.Process(target=_strike_and_die, args=(folders[death], death)) for death in DEATHS}
    for agent in agents.values():
        agent.start()
    for agent in agents.values():
        agent.join(60)
    assert {death: agent.exitcode for death, agent in agents.items()} == dict.fromkeys(DEATHS, -signal.SIGKILL)
    return folders


@pytest.fixture
def left_by(graves: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """Give a copy of what an agent left that died a certain death."""
    return lambda death: Path(shutil.copytree(graves[death], tmp_path / "agent"))


@pytest.fixture
def succeed() -> Iterator[Callable[[Path], Registry]]:
    """Give what starts a dead agent's successor in its folder; it is stopped when the test is over."""
    successors = []

    def start(folder: Path) -> Registry:
        successors.append(Registry(journals=folder / "journals", services=_services(DiskPlatform(folder))))
        return successors[-1]

    yield start
    for successor in successors:
        successor.stop()


def _journal(folder: Path) -> Path:
    return folder / "journals" / f"{RUN_ID}.jsonl"


@pytest.mark.parametrize("death", DEATHS)
def test_nothing_is_left_injected_and_the_journal_is_readable(
    left_by: Callable[[str], Path], succeed: Callable[[Path], Registry], death: str
) -> None:
    """The successor undoes what stood, ends every lease, and the journal goes on without a gap."""
    folder = left_by(death)
    registry = succeed(folder)
    assert registry.take_over() == []
    assert DiskPlatform(folder).is_whole
    entries = read_journal(_journal(folder)).entries
    assert build_timeline(entries).open_injections == frozenset()
    assert any(isinstance(entry.body, e.AgentStarted) for entry in entries)
    assert registry.get(RUN_ID).status().lease in (None, LeaseState.REVOKED, LeaseState.RECOVERED)


@pytest.mark.parametrize("death", DEATHS)
def test_a_strike_that_its_agent_did_not_live_to_end_is_ended_and_no_pass(
    left_by: Callable[[str], Path], succeed: Callable[[Path], Registry], death: str
) -> None:
    """Whatever was armed comes to an end in the journal, and a run that was cut off does not pass."""
    registry = succeed(left_by(death))
    registry.take_over()
    status = registry.get(RUN_ID).status()
    assert status.strike_ended is not None or status.lease is None
    assert judge(registry.get(RUN_ID).entries_since(0)).value is not VerdictValue.PASSED


def test_a_line_that_the_death_tore_is_cut_off_and_said(
    left_by: Callable[[str], Path], succeed: Callable[[Path], Registry]
) -> None:
    """Half a line at the end is what a crash leaves: it is tolerated, and the journal says how much was lost."""
    folder = left_by("entry injected")
    with _journal(folder).open("ab") as journal:
        journal.write(b'{"seq":99,"at":"20')
    registry = succeed(folder)
    assert registry.take_over() == []
    assert DiskPlatform(folder).is_whole
    (started,) = [b.body for b in registry.get(RUN_ID).entries_since(0) if isinstance(b.body, e.AgentStarted)]
    assert started.torn_bytes == 18


def test_a_journal_with_a_gap_is_an_error_and_left_as_it_is(
    left_by: Callable[[str], Path], succeed: Callable[[Path], Registry]
) -> None:
    """A line that is missing in the middle is no crash: nobody guesses what it said, and it is said where it is."""
    folder = left_by("entry injected")
    lines = _journal(folder).read_bytes().splitlines(keepends=True)
    gapped = b"".join(lines[:2] + lines[3:])
    _journal(folder).write_bytes(gapped)
    (problem,) = succeed(folder).take_over()
    assert "entries are missing" in problem
    assert _journal(folder).read_bytes() == gapped

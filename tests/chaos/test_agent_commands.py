"""`agent status` and `agent journal` on the command line, against an agent that really listens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from include.chaos.agent_commands import app
from include.chaos.journal import parse_journal
from tests.chaos.agent.world import RUN_ID, World, quick, served_in


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world whose agent listens."""
    with served_in(tmp_path, monkeypatch) as world:
        yield world


def test_an_idle_agent_says_that_it_holds_nothing(world: World) -> None:
    """And that strikes are allowed."""
    said = CliRunner().invoke(app, ["status"]).output
    assert "strikes are allowed" in said
    assert "no experiment run is open" in said


def test_an_open_run_is_shown_with_its_leases_and_a_halt_with_its_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is live is what somebody looks for in a hurry."""
    monkeypatch.setenv("COLUMNS", "200")
    run = world.open(quick())
    run.measure_baseline()
    run.arm("kill_warehouse")
    said = CliRunner().invoke(app, ["status"]).output
    assert RUN_ID in said
    assert "armed" in said
    world.registry.halt("smoke in the server room")
    assert "smoke in the server room" in CliRunner().invoke(app, ["status"]).output


def test_a_journal_is_printed_as_it_is(world: World) -> None:
    """What comes out can be judged like the file."""
    run = world.open()
    printed = CliRunner().invoke(app, ["journal", RUN_ID]).output
    assert parse_journal(printed, source="stdout").entries[0] == run.entries_since(0)[0]

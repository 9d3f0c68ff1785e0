"""`halt`, `resume` and `close` on the command line, against an agent that really listens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from include.chaos import events as e
from include.chaos import halt_commands
from include.chaos.model import LeaseState, VerdictValue
from tests.chaos.agent.world import RUN_ID, World, bodies, quick, served_in, struck
from tests.waiting import await_

app = typer.Typer()
app.command()(halt_commands.halt)
app.command()(halt_commands.resume)
app.command()(halt_commands.close)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world whose agent listens."""
    with served_in(tmp_path, monkeypatch) as world:
        yield world


def test_halt_undoes_and_resume_allows_again(world: World) -> None:
    """The reason reaches the journal, and the exit code says that the undo is confirmed."""
    run = world.open(quick(hold_seconds=60))
    struck(world, run)
    await_(lambda: run.status().lease is LeaseState.INJECTED)
    assert CliRunner().invoke(app, ["halt", "--reason", "enough"]).exit_code == 0
    assert world.platform.held == set()
    assert [halted.reason for halted in bodies(run, e.Halted)] == ["enough"]
    assert CliRunner().invoke(app, ["resume"]).exit_code == 0
    assert world.registry.halted is None


def test_a_halt_of_which_the_undo_is_not_confirmed_says_so(world: World) -> None:
    """Nobody goes home on an exit code of 0 while something is still injected."""
    run = world.open(quick(hold_seconds=60))
    struck(world, run)
    await_(lambda: run.status().lease is LeaseState.INJECTED)
    world.platform.refuses_recovery = True
    halted = CliRunner().invoke(app, ["halt"])
    assert halted.exit_code == halt_commands.UNCONFIRMED
    assert "not confirmed" in halted.output
    world.platform.refuses_recovery = False


def test_close_ends_a_run_that_nobody_conducts(world: World) -> None:
    """It gets the verdict that its journal bears, and the pipeline is free for the next one."""
    run = world.open()
    closed = CliRunner().invoke(app, ["close", RUN_ID])
    assert closed.exit_code == 0
    assert run.closed
    assert [reached.verdict for reached in bodies(run, e.VerdictReached)] == [VerdictValue.INCONCLUSIVE]

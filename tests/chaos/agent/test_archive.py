"""What the agent tells of all runs, over its API, and how it starts among thousands."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import SecretStr

from include.chaos.agent.archive import is_closed_for_certain
from include.chaos.agent.client import AgentClient
from include.chaos.agent.server import build_app
from include.chaos.journal import parse_journal
from include.chaos.model import LeaseState
from include.chaos.run_overview import Wanted
from include.settings import AgentSettings
from tests.chaos import journals
from tests.chaos.agent.world import RUN_ID, STRIKE, World, quick, served_in, struck, world_in
from tests.chaos.many_runs import plant
from tests.waiting import await_


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as made:
        yield made


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with served_in(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def agent(served: World) -> AgentClient:
    return AgentClient(AgentSettings.from_environment())


def test_all_runs_are_told_by_experiment_and_page_by_page(served: World, agent: AgentClient) -> None:
    """Over HTTP, as the console asks; what one answer had no time to read, a later one has."""
    ids = plant(served.folder / "journals", 150)
    await_(lambda: agent.overview().unread == 0)
    overview = agent.overview()
    assert overview.runs == 150
    assert sum(experiment.runs for experiment in overview.experiments) == 150
    assert any(experiment.runs == 0 for experiment in overview.experiments)
    page = agent.list_runs(Wanted(offset=100, limit=30))
    assert [run.experiment_run_id for run in page.runs] == ids[::-1][100:130]
    assert page.total == 150
    assert agent.health().runs == 150


def test_coverage_knows_stages_that_nothing_strikes(agent: AgentClient) -> None:
    """From the landing contract; and fault kinds that no experiment has."""
    coverage = agent.coverage()
    scale = next(found for found in coverage.pipelines if found.pipeline == "scale")
    assert scale.stages[0] == "freeze_manifest"
    assert "noop" in coverage.kinds


def test_a_lease_is_told_while_it_stands(served: World, agent: AgentClient) -> None:
    """With what it is on, and until when; after the undo it is gone."""
    run = served.open(quick(hold_seconds=60))
    run.measure_baseline()
    run.arm(STRIKE)
    [held] = agent.held_leases()
    assert (held.state, held.fault, held.instances, held.hold_until) == (LeaseState.ARMED, "kill", ("warehouse",), None)
    assert held.expires_at > agent.health().now
    struck(served, run)
    await_(lambda: agent.held_leases()[0].state is LeaseState.INJECTED)
    assert agent.held_leases()[0].hold_until is not None
    assert agent.halt("enough")
    assert agent.held_leases() == ()


def test_a_journal_can_be_read_on_from_where_one_was(served: World, agent: AgentClient) -> None:
    """Of a run that goes on, and of one that is over."""
    run = served.open()
    whole = agent.journal(RUN_ID)
    rest = parse_journal(agent.journal(RUN_ID, after=1), source="rest", after=1)
    assert whole.splitlines()[0] not in agent.journal(RUN_ID, after=1)
    assert all(entry.seq > 1 for entry in rest.entries)
    assert run.entries_since(0)[0].seq == 1
    [closed] = plant(served.folder / "journals", 1)
    text = agent.journal(closed)
    assert agent.journal(closed, after=3) == "".join(text.splitlines(keepends=True)[3:])


def test_a_closed_run_is_told_from_its_last_line(tmp_path: Path) -> None:
    """One that is open, torn or damaged there has to be read whole."""
    [run_id] = plant(tmp_path, 1)
    path = tmp_path / f"{run_id}.jsonl"
    assert is_closed_for_certain(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    assert not is_closed_for_certain(path)
    path.write_bytes(whole[:-5] + b"x" + whole[-4:])
    assert not is_closed_for_certain(path)
    assert not is_closed_for_certain(journals.write(tmp_path / "open.jsonl", journals.passing()))
    assert not is_closed_for_certain(tmp_path / "none.jsonl")


def test_the_mirror_needs_not_read_a_closed_run_again(world: World) -> None:
    """Once its length is known."""
    [run_id] = plant(world.folder / "journals", 1)
    [run] = world.registry.archive.index.look().runs
    path = world.folder / "journals" / f"{run_id}.jsonl"
    read_at = path.stat()
    path.write_bytes(b"x" + path.read_bytes()[1:])
    os.utime(path, ns=(read_at.st_atime_ns, read_at.st_mtime_ns))
    assert world.registry.entries_since(run_id, run.entries) == ((), True)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic dG9rZW4="}])
def test_no_call_whatever_is_answered_without_the_token(world: World, headers: dict[str, str]) -> None:
    """Every route that the agent has, now and later."""
    app = build_app(world.registry, SecretStr("token"))
    client = TestClient(app)
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    named = {"run_id": RUN_ID, "strike": STRIKE, "campaign_id": "weekly__manual"}
    asked = [(method, route.path.format(**named)) for route in routes for method in route.methods]
    assert len(asked) > 15
    assert {client.request(method, path, headers=headers).status_code for method, path in asked} == {401}
    assert world.registry.halted is None

"""A halt undoes everything, forbids everything, and outlives the agent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from include.chaos import events as e
from include.chaos.agent.server import build_app
from include.chaos.model import LeaseState, RecoveredBy, VerdictValue
from include.errors import GuardrailError
from tests.chaos.agent.world import STRIKE, World, bodies, land, quick, struck, world_in
from tests.waiting import await_


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as made:
        yield made


def test_a_halt_ends_a_hold_at_once_and_says_so_in_the_journal(world: World) -> None:
    """What is injected is undone, the journal has the reason, and a hold that was cut short is no pass."""
    run = world.open(quick(hold_seconds=60))
    struck(world, run)
    await_(lambda: run.status().effect_seen)
    assert world.registry.halt("smoke in the server room")
    assert world.platform.held == set()
    await_(lambda: run.status().all_strikes_ended and run.status().steady_again)
    assert [recovered.by for recovered in bodies(run, e.Recovered)] == [RecoveredBy.HALTED]
    verdict = land(world, run)
    assert verdict.value is VerdictValue.INCONCLUSIVE
    assert any("smoke" in note for note in verdict.notes)


def test_a_halt_ends_leases_that_were_not_used_yet(world: World) -> None:
    """A strike that waits for its moment does not strike when it comes."""
    run = world.open()
    run.measure_baseline()
    run.arm(STRIKE)
    run.begin_strike(STRIKE)
    world.registry.halt("not now")
    await_(lambda: run.status().all_strikes_ended)
    assert run.status().lease is LeaseState.REVOKED
    verdict = land(world, run)
    assert verdict.value is VerdictValue.NOT_EXERCISED
    assert "the agent was halted (not now)" in verdict.reasons[0]
    assert world.platform.acts == []


def test_nothing_is_opened_or_armed_until_resume(world: World) -> None:
    """The refusal says since when and why, and how to lift it."""
    run = world.open()
    run.measure_baseline()
    world.registry.halt("not now")
    with pytest.raises(GuardrailError, match=r"not now.*chaos-control resume"):
        run.arm(STRIKE)
    world.registry.resume()
    assert run.arm(STRIKE).strike == STRIKE
    assert [type(event) for event in [*bodies(run, e.Halted), *bodies(run, e.Resumed)]] == [e.Halted, e.Resumed]


def test_a_halt_outlives_the_agent(tmp_path: Path) -> None:
    """The successor is halted, too; after `resume` the one after it is not."""
    with world_in(tmp_path) as world:
        world.registry.halt("not now")
    with world_in(tmp_path) as world:
        with pytest.raises(GuardrailError, match="not now"):
            world.open()
        world.registry.resume()
    with world_in(tmp_path) as world:
        assert world.registry.halted is None
        world.open()


def test_a_halt_that_cannot_be_read_halts(tmp_path: Path) -> None:
    """When in doubt, nothing is broken on purpose."""
    (tmp_path / "halt.json").write_text("{")
    with world_in(tmp_path) as world, pytest.raises(GuardrailError, match="cannot be read"):
        world.open()


def test_halt_and_resume_are_calls_of_the_api(world: World) -> None:
    """Health tells of the halt."""
    client = TestClient(build_app(world.registry, SecretStr("token")), headers={"Authorization": "Bearer token"})
    assert client.post("/halt", json={"reason": "not now"}).json() == {"confirmed": True}
    assert client.get("/health").json()["halted"]["reason"] == "not now"
    client.post("/resume")
    assert client.get("/health").json()["halted"] is None

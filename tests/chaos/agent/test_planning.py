"""What an experiment would do is told with everything that speaks against it, and nothing is touched."""

from pathlib import Path

import pytest

from include.chaos.agent.client import AgentClient
from include.chaos.agent.planning import plan_experiment
from include.chaos.experiment import load_experiment
from include.errors import GuardrailError, PlatformError
from include.settings import AgentSettings
from tests.chaos.agent.world import quick, served_in
from tests.chaos.fakes import FakePlatform


class _Unable(FakePlatform):
    def ability(self, wanted: type[object]) -> FakePlatform:
        raise PlatformError(f"it has no {wanted.__name__}")


def test_a_plan_names_the_instances_and_the_way_back() -> None:
    """As validation says it beside a lab that is up."""
    platform = FakePlatform()
    plan = plan_experiment(quick(), platform, rules=())
    assert plan.objections == ()
    assert "1 of 1 eligible instances: warehouse" in plan.strikes[0].where
    assert plan.strikes[0].undo
    assert platform.acts == []


def test_everything_that_speaks_against_it_is_told_at_once() -> None:
    """Rules, what the platform cannot do, and targets that are not there."""

    def forbid(_: object) -> None:
        raise GuardrailError("forbidden while incident is on")

    plan = plan_experiment(load_experiment("warehouse_killed_while_landing"), _Unable(running=set()), rules=(forbid,))
    said = "\n".join(plan.objections)
    for part in ("forbidden while incident is on", "`kill`: it has no ", "strikes[0].target: ", "not running"):
        assert part in said
    assert plan.strikes


def test_an_agent_plans_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A halted one says so in its plan."""
    with served_in(tmp_path, monkeypatch) as world:
        client = AgentClient(AgentSettings.from_environment())
        assert client.plan(quick()).objections == ()
        world.registry.halt("not now")
        assert "not now" in client.plan(quick()).objections[0]
        assert world.registry.run_ids() == []

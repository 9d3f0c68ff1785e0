"""What a site forbids, it forbids whatever the experiment's file says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from include.chaos.agent.guardrails import SiteGuardrails
from include.chaos.agent.run_status import OpenRequest
from include.chaos.events import VerdictReached
from include.chaos.experiment import Experiment
from include.chaos.model import Guardrails, VerdictValue
from include.errors import GuardrailError
from tests.chaos.agent.world import STRIKE, World, quick, world_in


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as made:
        yield made


def _raise_flag(world: World, name: str) -> Path:
    flag = world.folder / "flags" / name
    flag.parent.mkdir(exist_ok=True)
    flag.touch()
    return flag


def _second(experiment: Experiment | None = None) -> OpenRequest:
    return OpenRequest(
        experiment_run_id="another", experiment_id="x", experiment=experiment or quick(), dag_run_id="chaos__another"
    )


def test_a_second_experiment_on_the_same_pipeline_is_refused_until_the_first_is_closed(world: World) -> None:
    """Two experiments on one pipeline could not be told apart."""
    run = world.open()
    with pytest.raises(GuardrailError, match=r"one at a time.*chaos-control close"):
        world.registry.open(_second())
    run.close(VerdictReached(verdict=VerdictValue.INCONCLUSIVE, reasons=("because",), judged_until=1))
    world.registry.open(_second())


def test_an_experiment_that_is_open_is_joined_not_refused(world: World) -> None:
    """A task that runs twice is no second experiment."""
    assert world.open() is world.open()


@pytest.mark.parametrize("flag", ["incident", "backfill"])
def test_nothing_is_opened_while_an_incident_or_a_backfill_is_on(world: World, flag: str) -> None:
    """The flag is a file, and taking it away is enough."""
    raised = _raise_flag(world, flag)
    with pytest.raises(GuardrailError, match=f"forbidden while {flag} is on"):
        world.open()
    raised.unlink()
    world.open()


def test_a_flag_that_comes_up_later_forbids_to_arm(world: World) -> None:
    """An experiment may name further flags, and they are looked at before every act."""
    run = world.open(quick().model_copy(update={"guardrails": Guardrails(forbidden_while=("month_end",))}))
    run.measure_baseline()
    _raise_flag(world, "month_end")
    with pytest.raises(GuardrailError, match="month_end"):
        run.arm(STRIKE)


def test_outside_the_lab_everything_is_denied_that_is_not_listed(tmp_path: Path) -> None:
    """The platform and the target both need to be on the agent's lists."""
    nothing = SiteGuardrails(flags=tmp_path, platform="kubernetes")
    platform = SiteGuardrails(flags=tmp_path, platform="kubernetes", allowed_platforms=frozenset({"kubernetes"}))
    both = SiteGuardrails(
        flags=tmp_path,
        platform="kubernetes",
        allowed_platforms=frozenset({"kubernetes"}),
        allowed_targets=frozenset({"warehouse"}),
    )
    with pytest.raises(GuardrailError, match="the platform kubernetes is not in"):
        nothing.require_allowed(quick())
    with pytest.raises(GuardrailError, match="warehouse is not in"):
        platform.require_allowed(quick())
    both.require_allowed(quick())


def test_the_lab_is_there_to_be_broken(tmp_path: Path) -> None:
    """On the lab's own platform nothing needs to be listed."""
    SiteGuardrails(flags=tmp_path).require_allowed(quick())

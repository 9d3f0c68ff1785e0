"""An agent's stress of its machine: found by its mark alone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from include.chaos.faults.stress_work import CpuWork
from include.chaos.platforms.local_stress import LocalStress
from include.chaos.platforms.local_supervisor import LocalSupervisor
from include.settings import LocalSite, LocalSiteSettings
from tests.waiting import await_

WORK = CpuWork(workers=1, load=0.5)
ID, OTHER = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture
def new_agent(tmp_path: Path) -> Iterator[Callable[[], LocalStress]]:
    site = LocalSite(lab_id="a lab", home=tmp_path, supervisor_url="http://127.0.0.1:1/RPC2", components=())
    file = tmp_path / "site.json"
    file.write_text(site.model_dump_json())
    settings = LocalSiteSettings(file=file, supervisor_user="lab", supervisor_password=SecretStr("secret"))

    def make() -> LocalStress:
        return LocalStress(LocalSupervisor(settings))

    try:
        yield make
    finally:
        for injection_id in (ID, OTHER):
            make().stop_stress(injection_id)


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=60)


def test_a_successor_ends_what_it_never_started(new_agent: Callable[[], LocalStress]) -> None:
    """All that it knows is the injection's id."""
    dead, successor = new_agent(), new_agent()
    dead.start_stress(ID, WORK, _soon())
    assert successor.is_stressing(ID)
    successor.stop_stress(ID)
    await_(lambda: not dead.is_stressing(ID), "its end")
    dead.stop_stress(ID)


def test_an_undo_ends_its_own_stress_only(new_agent: Callable[[], LocalStress]) -> None:
    """Two injections on one machine do not know each other."""
    agent = new_agent()
    agent.start_stress(ID, WORK, _soon())
    agent.start_stress(OTHER, WORK, _soon())
    agent.stop_stress(ID)
    assert not agent.is_stressing(ID)
    assert agent.is_stressing(OTHER)


def test_what_is_ended_is_not_prolonged(new_agent: Callable[[], LocalStress], tmp_path: Path) -> None:
    """No deadline is left behind that nobody will ever read."""
    agent = new_agent()
    agent.extend_stress(ID, _soon())
    assert not list((tmp_path / "run").glob("stress/*"))

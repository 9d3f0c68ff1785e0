"""A process that is stopped for a while goes on at the deadline, whoever is dead."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from include.chaos.faults.abilities import Cycle
from include.chaos.model import Component, TargetInstance
from include.chaos.platforms.local_stop_and_go import LocalStopAndGo
from include.chaos.platforms.local_supervisor import LocalSupervisor, instance_of
from include.settings import LocalSite, LocalSiteSettings
from tests.waiting import await_

ALWAYS = Cycle(stopped=1.0, period=timedelta(seconds=1))


@pytest.fixture
def orders(tmp_path: Path) -> LocalStopAndGo:
    """A lab on paper: nothing is asked of its supervisor."""
    site = LocalSite(lab_id="lab", home=tmp_path, supervisor_url="http://127.0.0.1:1", components=())
    file = tmp_path / "site.json"
    file.write_text(site.model_dump_json())
    settings = LocalSiteSettings(file=file, supervisor_user="u", supervisor_password=SecretStr("p"))
    return LocalStopAndGo(LocalSupervisor(settings))


@pytest.fixture
def process() -> Iterator[TargetInstance]:
    """Something that runs."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        yield instance_of(running.pid, name="it", component=Component.AIRFLOW_SCHEDULER)
        running.kill()


def is_stopped(process: TargetInstance) -> bool:
    return bool(psutil.Process(process.pid).status() == psutil.STATUS_STOPPED)


def test_it_goes_on_at_the_deadline_though_nobody_ends_the_order(
    orders: LocalStopAndGo, process: TargetInstance
) -> None:
    """As when the agent is killed in the hold."""
    orders.begin(process, "order", ALWAYS, datetime.now(UTC) + timedelta(seconds=60))
    assert is_stopped(process)
    assert orders.stands(process, "order")
    orders.extend("order", datetime.now(UTC))
    await_(lambda: not is_stopped(process), "the process to go on")
    assert not orders.stands(process, "order")


def test_an_order_that_was_taken_back_is_not_begun(orders: LocalStopAndGo, process: TargetInstance) -> None:
    """Its end leaves nothing, and moving its deadline brings nothing back."""
    orders.begin(process, "order", ALWAYS, datetime.now(UTC) + timedelta(seconds=60))
    orders.end(process, "order")
    orders.extend("order", datetime.now(UTC) + timedelta(seconds=60))
    assert not is_stopped(process)
    assert not orders.stands(process, "order")


def test_two_orders_do_not_know_each_other(orders: LocalStopAndGo, process: TargetInstance) -> None:
    """The end of one leaves the other's process alone."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as second:
        other = instance_of(second.pid, name="other", component=Component.AIRFLOW_SCHEDULER)
        until = datetime.now(UTC) + timedelta(seconds=60)
        orders.begin(process, "one", ALWAYS, until)
        orders.begin(other, "two", ALWAYS, until)
        orders.end(process, "one")
        assert is_stopped(other)
        orders.end(other, "two")
        second.kill()

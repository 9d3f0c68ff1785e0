"""The recommender as a component of a lab: reached, struck by faults, and back by itself."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import psutil
import pytest

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import NetworkControl, ProcessControl
from include.chaos.faults.kill import Kill
from include.chaos.faults.partition import Partition
from include.chaos.faults.pause import Freezer, Pause
from include.chaos.model import Component, Target, TargetInstance
from include.chaos.platforms.local import LocalPlatform
from include.lab.lab import Lab
from tests.e2e.site import await_
from tests.e2e.test_lab import lab_of, leftovers

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

PARTS = frozenset({"warehouse", "fault_proxy", "webapp"})


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab of the recommender and what it needs."""
    with lab_of(PARTS) as lab:
        lab.up()
        yield lab


@pytest.fixture
def platform(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> LocalPlatform:
    """The platform on which faults act."""
    for name, value in lab.environment().items():
        monkeypatch.setenv(name, value)
    return LocalPlatform(lab.plan().site())


def status(lab: Lab, path: str, *, login: bool = True) -> int | None:
    """Ask as listeners do; None when nobody answers."""
    webapp = lab.plan().webapp()
    auth = (webapp.user, webapp.password.get_secret_value()) if login else None
    try:
        return httpx.get(webapp.url + path, auth=auth, trust_env=False, timeout=5).status_code
    except httpx.HTTPError:
        return None


def await_answers(lab: Lab) -> None:
    await_(lambda: status(lab, "/api/songs?family=piano") == 200, "answers from the warehouse")


def only(platform: LocalPlatform, component: Component) -> TargetInstance:
    (instance,) = platform.resolve(Target(component=component))
    return instance


def prepared(instance: TargetInstance, hold_for: timedelta = timedelta(seconds=60)) -> InjectionPrepared:
    return InjectionPrepared(
        injection_id="it",
        lease_id="lease",
        strike="strike",
        instance=instance,
        hold_for=hold_for,
        hold_until=datetime.now(UTC) + hold_for,
        saved={},
    )


def test_listeners_reach_it_with_a_login(lab: Lab) -> None:
    """Through the fault proxy; probes need none."""
    assert lab.plan().webapp().url == lab.plan().url("webapp_proxied")
    await_answers(lab)
    assert [status(lab, path) for path in ("/", "/healthz", "/readyz")] == [200, 200, 200]
    assert [status(lab, path, login=False) for path in ("/", "/healthz", "/readyz")] == [401, 200, 200]


def test_it_lives_without_the_warehouse(lab: Lab, platform: LocalPlatform) -> None:
    """What it was not asked before, it refuses in words as soon as it misses it.

    A backend may outlive its killed server for a moment and answer once more, so each time it is another song.
    """
    songs = itertools.count()
    await_answers(lab)
    injection, processes = prepared(only(platform, Component.WAREHOUSE)), platform.ability(ProcessControl)
    Kill().inject(injection, processes)
    try:
        await_(lambda: status(lab, f"/song?filename=never-{next(songs)}") == 503, "the refusal")
        assert status(lab, "/") == 200
    finally:
        Kill().recover(injection, processes)
    await_answers(lab)


def test_killed_it_is_gone_with_its_workers_and_comes_back(lab: Lab, platform: LocalPlatform) -> None:
    """So that the port is free, and nobody answers from before."""
    before = only(platform, Component.WEBAPP)
    workers = psutil.Process(before.pid).children()
    injection, processes = prepared(before), platform.ability(ProcessControl)
    Kill().inject(injection, processes)
    assert status(lab, "/healthz") is None
    psutil.wait_procs(workers, timeout=10)
    assert not any(worker.is_running() for worker in workers)
    Kill().recover(injection, processes)
    await_answers(lab)
    assert only(platform, Component.WEBAPP).pid != before.pid


def test_paused_it_stands_still_with_its_workers(lab: Lab, platform: LocalPlatform) -> None:
    """The workers too, for they are what answers; and the same go on afterwards."""
    await_answers(lab)
    instance = only(platform, Component.WEBAPP)
    workers = psutil.Process(instance.pid).children()
    injection, freezer = prepared(instance), platform.ability(Freezer)
    Pause().inject(injection, freezer)
    assert {worker.status() for worker in workers} == {psutil.STATUS_STOPPED}
    Pause().recover(injection, freezer)
    await_answers(lab)
    assert psutil.Process(instance.pid).children() == workers


def test_the_way_to_it_can_be_cut(lab: Lab, platform: LocalPlatform) -> None:
    """As that to any server behind the fault proxy."""
    injection, network = prepared(only(platform, Component.WEBAPP)), platform.ability(NetworkControl)
    Partition().inject(injection, network)
    assert status(lab, "/healthz") is None
    Partition().recover(injection, network)
    await_answers(lab)


def test_nothing_of_it_outlives_the_lab() -> None:
    """Neither gunicorn nor its workers."""
    with lab_of(PARTS) as lab:
        lab.up()
        lab.down()
        assert not leftovers(lab)

"""The order and the failures of a start, with a supervisor that exists only here."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from include.errors import LabError
from include.lab.component import Component, Phase, silent
from include.lab.startup import ComponentError, Start
from include.lab.supervision import Program

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class FakeSupervisor:
    """Runs what it is told to run; `crashing` programs end at once, each time at a later second."""

    states: dict[str, str] = field(default_factory=dict)
    crashing: frozenset[str] = frozenset()
    started: list[str] = field(default_factory=list)
    _asked: int = 0

    def programs(self) -> dict[str, Program]:
        self._asked += 1
        at = LONG_AGO + timedelta(seconds=self._asked)
        return {n: Program(name=n, state=state, pid=1, started_at=at) for n, state in self.states.items()}

    def start(self, name: str) -> None:
        self.started.append(name)
        self.states[name] = "BACKOFF" if name in self.crashing else "RUNNING"


def healthy(since: datetime) -> None:
    """Find nothing wrong."""


def unhealthy(since: datetime) -> None:
    raise LabError("it answers nonsense")


def void(result: object) -> None:
    """Drop a result."""


def component(
    name: str,
    *,
    needs: tuple[str, ...] = (),
    check: Callable[[datetime], None] = healthy,
    prepare: Callable[[], None] = lambda: None,
    patience: float = 20,
) -> Component:
    return Component(
        name=name,
        component=name,
        port=None,
        command=(),
        environment={},
        check=check,
        needs=needs,
        prepare=prepare,
        patience=patience,
    )


def supervisor_of(*components: Component, crashing: frozenset[str] = frozenset()) -> FakeSupervisor:
    return FakeSupervisor(states=dict.fromkeys((c.name for c in components), "STOPPED"), crashing=crashing)


def test_a_component_starts_after_what_it_needs_is_healthy() -> None:
    """The database answers before its client is prepared."""
    order: list[str] = []
    database = component("database", check=lambda since: order.append("database healthy"))
    client = component("client", needs=("database",), prepare=lambda: order.append("client prepared"))
    supervisor = supervisor_of(database, client)
    Start(supervisor=supervisor, progress=silent).bring_up([database, client])
    assert order == ["database healthy", "client prepared"]


def test_independent_components_start_together() -> None:
    """Two that wait for each other in their preparation both come up: neither came first."""
    meeting = threading.Barrier(2, timeout=20)
    pair = [component(name, prepare=lambda: void(meeting.wait())) for name in ("one", "two")]
    Start(supervisor=supervisor_of(*pair), progress=silent).bring_up(pair)


def test_what_runs_already_is_not_started_again() -> None:
    """An interrupted `up` goes on where it was."""
    running, missing = component("running"), component("missing")
    supervisor = FakeSupervisor(states={"running": "RUNNING", "missing": "EXITED"})
    Start(supervisor=supervisor, progress=silent).bring_up([running, missing])
    assert supervisor.started == ["missing"]


def test_a_failure_names_the_component_and_the_reason() -> None:
    """Not the ones that were given up because of it."""
    ill = component("ill", check=unhealthy, patience=0)
    client = component("client", needs=("ill",))
    with pytest.raises(ComponentError, match=r"ill: .*it answers nonsense") as caught:
        Start(supervisor=supervisor_of(ill, client), progress=silent).bring_up([ill, client])
    assert caught.value.name == "ill"


def test_a_need_that_failed_keeps_its_client_from_starting() -> None:
    """A client of a missing database would only fill its log."""
    ill = component("ill", check=unhealthy, patience=0)
    client = component("client", needs=("ill",))
    supervisor = supervisor_of(ill, client)
    with pytest.raises(ComponentError):
        Start(supervisor=supervisor, progress=silent).bring_up([ill, client])
    assert supervisor.started == ["ill"]


def test_a_failure_ends_the_waiting_of_others() -> None:
    """A broken component is told at once, not when the slowest has run out of patience."""
    ill, slow = component("ill", check=unhealthy, patience=0), component("slow", check=unhealthy, patience=3600)
    with pytest.raises(ComponentError, match="ill"):
        Start(supervisor=supervisor_of(ill, slow), progress=silent).bring_up([ill, slow])


def test_a_program_that_keeps_dying_fails_early() -> None:
    """A crash loop is told as such, without waiting for the deadline."""
    broken = component("broken", patience=3600)
    supervisor = supervisor_of(broken, crashing=frozenset({"broken"}))
    with pytest.raises(ComponentError, match="broken: it ended at once 4 times"):
        Start(supervisor=supervisor, progress=silent).bring_up([broken])


def test_a_failing_preparation_is_the_components_failure() -> None:
    """initdb, for one."""

    def fail() -> None:
        raise LabError("initdb failed")

    broken = component("broken", prepare=fail)
    with pytest.raises(ComponentError, match="broken: initdb failed"):
        Start(supervisor=supervisor_of(broken), progress=silent).bring_up([broken])


def test_a_component_that_the_running_lab_lacks_is_explained() -> None:
    """The lab was started by an older version."""
    with pytest.raises(ComponentError, match=r"new: .*`chaos-control down`"):
        Start(supervisor=FakeSupervisor(), progress=silent).bring_up([component("new")])


def test_progress_tells_each_phase_in_order() -> None:
    """What the command line shows."""
    told: list[Phase] = []
    one = component("one")
    Start(supervisor=supervisor_of(one), progress=lambda name, phase, seconds: told.append(phase)).bring_up([one])
    assert told == [Phase.WAITING, Phase.PREPARING, Phase.STARTING, Phase.HEALTHY]

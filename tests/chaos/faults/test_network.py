"""What faults in the network put into the way, with a proxy that only remembers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from include.chaos.events import InjectionPrepared
from include.chaos.faults.abilities import Stream, Toxic
from include.chaos.faults.blackhole import Blackhole
from include.chaos.faults.corrupt import Corrupt
from include.chaos.faults.latency import Latency
from include.chaos.faults.network import Direction, ToxicFault
from include.chaos.faults.partition import Partition
from include.chaos.model import Component, Target, TargetInstance
from include.errors import PlatformError

WAREHOUSE = TargetInstance(name="warehouse", component=Component.WAREHOUSE)


@dataclass
class FakeNetwork:
    """A proxy that keeps what it is told, unless it is `deaf`."""

    there: dict[str, Toxic] = field(default_factory=dict)
    cut_by: str | None = None
    deaf: bool = False
    deadlines: dict[str, datetime] = field(default_factory=dict)

    def add(self, instance: TargetInstance, toxic: Toxic, until: datetime) -> None:
        if not self.deaf:
            self.there[toxic.name] = toxic
            self.deadlines[toxic.name] = until

    def keep(self, instance: TargetInstance, toxic: Toxic, until: datetime) -> None:
        self.deadlines[toxic.name] = until

    def toxics(self, instance: TargetInstance) -> frozenset[str]:
        return frozenset(self.there)

    def remove(self, instance: TargetInstance, name: str) -> None:
        if not self.deaf:
            self.there.pop(name, None)

    def cut(self, instance: TargetInstance, by: str, until: datetime) -> None:
        self.cut_by = None if self.deaf else by
        self.deadlines[by] = until

    def is_cut(self, instance: TargetInstance, by: str) -> bool:
        return self.cut_by == by

    def restore(self, instance: TargetInstance, by: str) -> None:
        if self.cut_by == by and not self.deaf:
            self.cut_by = None


def prepared(injection_id: str = "one") -> InjectionPrepared:
    hold_for = timedelta(seconds=5)
    return InjectionPrepared(
        injection_id=injection_id,
        lease_id="lease",
        strike="strike",
        instance=WAREHOUSE,
        hold_for=hold_for,
        hold_until=datetime(2026, 1, 1, tzinfo=UTC) + hold_for,
        saved={},
    )


def test_times_are_given_in_milliseconds() -> None:
    """As whole numbers: Toxiproxy reads no others."""
    network = FakeNetwork()
    fault = Latency(latency=timedelta(milliseconds=250), jitter=timedelta(milliseconds=50))
    fault.inject(prepared(), network)
    assert [dict(toxic.attributes) for toxic in network.there.values()] == [{"latency": 250, "jitter": 50}]
    assert all(type(value) is int for toxic in network.there.values() for value in toxic.attributes.values())


@pytest.mark.parametrize(
    ("direction", "streams"),
    [
        (Direction.TO_SERVER, {Stream.UPSTREAM}),
        (Direction.TO_CLIENT, {Stream.DOWNSTREAM}),
        (Direction.BOTH, {Stream.UPSTREAM, Stream.DOWNSTREAM}),
    ],
)
def test_a_direction_is_a_stream(direction: Direction, streams: set[Stream]) -> None:
    """What goes to the server is upstream."""
    network = FakeNetwork()
    Corrupt(share=0.5, direction=direction).inject(prepared(), network)
    assert {toxic.stream for toxic in network.there.values()} == streams


@pytest.mark.parametrize("fault", [Blackhole(), Partition(direction=Direction.TO_CLIENT), Partition()])
def test_an_undo_removes_its_own_only(fault: ToxicFault) -> None:
    """What another injection left stays where it is."""
    network = FakeNetwork()
    fault.inject(prepared("another"), network)
    there, cut_by = dict(network.there), network.cut_by
    fault.recover(prepared("one"), network)
    assert (network.there, network.cut_by) == (there, cut_by)
    assert fault.in_force(prepared("another"), network)
    assert not fault.in_force(prepared("one"), network)


def test_a_partition_of_one_direction_swallows_and_does_not_cut() -> None:
    """The other direction's data go on arriving."""
    network = FakeNetwork()
    Partition(direction=Direction.TO_SERVER).inject(prepared(), network)
    assert [(toxic.type, toxic.stream) for toxic in network.there.values()] == [("timeout", Stream.UPSTREAM)]
    assert network.cut_by is None


@pytest.mark.parametrize("fault", [Blackhole(), Partition()])
def test_a_fault_that_is_not_there_after_all_is_an_error(fault: ToxicFault) -> None:
    """A strike is only a strike when the proxy says so."""
    with pytest.raises(PlatformError):
        fault.inject(prepared(), FakeNetwork(deaf=True))


@pytest.mark.parametrize("fault", [Blackhole(), Partition()])
def test_an_undo_that_has_no_effect_is_an_error(fault: ToxicFault) -> None:
    """So that it is tried again."""
    network = FakeNetwork()
    fault.inject(prepared(), network)
    network.deaf = True
    with pytest.raises(PlatformError):
        fault.recover(prepared(), network)


@pytest.mark.parametrize("fault", [Blackhole(), Partition(), Partition(direction=Direction.TO_SERVER)])
def test_the_deadline_moves_with_the_hold(fault: ToxicFault) -> None:
    """It counts from the confirmed injection."""
    network = FakeNetwork()
    injection = prepared()
    fault.inject(injection, network)
    assert set(network.deadlines.values()) == {injection.hold_until}
    later = injection.hold_until + timedelta(seconds=9)
    fault.extend(injection, later, network)
    assert set(network.deadlines.values()) == {later}


def test_only_what_stands_behind_a_proxy_can_be_struck() -> None:
    """Said before anything is done."""
    fault = Blackhole()
    assert fault.objection(Target(component=Component.OBJECT_STORE), timedelta()) is None
    objection = fault.objection(Target(component=Component.SPARK_WORKER), timedelta())
    assert objection is not None
    assert "object_store, warehouse" in objection

"""What the kinds of stress refuse, and how much they take."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from include.chaos.events import InjectionPrepared
from include.chaos.faults.catalogue import Fault
from include.chaos.faults.stress import StressFault
from include.chaos.faults.stress_work import CpuWork, DiskWork, MemoryWork, StressWork
from include.chaos.model import Component, Target, TargetInstance
from include.chaos.platforms.local_stress import require_room
from include.errors import PlatformError

NODE = TargetInstance(name="node", component=Component.NODE)
HELD = timedelta(seconds=5)
GIB = 2**30


class FakeStressor:
    """A machine of four cores and ten gibibytes, and what it was told to do."""

    def __init__(self) -> None:
        self.told: list[StressWork] = []

    def start_stress(self, injection_id: str, work: StressWork, until: datetime) -> None:
        self.told.append(work)

    def extend_stress(self, injection_id: str, until: datetime) -> None:
        """Nothing ends."""

    def is_stressing(self, injection_id: str) -> bool:
        return bool(self.told)

    def stop_stress(self, injection_id: str) -> None:
        self.told.clear()

    def cores(self) -> int:
        return 4

    def available_memory(self) -> int:
        return 10 * GIB

    def data_folder(self, instance: TargetInstance) -> Path:
        return Path("/data") / instance.name


def _fault(**parameters: object) -> StressFault:
    fault = TypeAdapter[object](Fault).validate_python(parameters)
    assert isinstance(fault, StressFault)
    return fault


def _work(fault: StressFault, instance: TargetInstance = NODE) -> StressWork:
    stressor = FakeStressor()
    prepared = InjectionPrepared(
        injection_id="i",
        lease_id="l",
        strike="s",
        instance=instance,
        hold_for=HELD,
        hold_until=datetime(2026, 1, 1, tzinfo=UTC),
        saved={},
    )
    assert fault.inject(prepared, stressor) == instance
    (work,) = stressor.told
    return work


def test_every_core_is_kept_busy_four_times_unless_said() -> None:
    """The same file starves machines of any size."""
    assert _work(_fault(kind="cpu_stress")) == CpuWork(workers=16, load=1.0)
    assert _work(_fault(kind="cpu_stress", workers=1, load="50%")) == CpuWork(workers=1, load=0.5)


def test_memory_is_a_size_or_a_share_of_what_is_available() -> None:
    """Both are bytes in the end, and both leave the floor."""
    assert _work(_fault(kind="memory_stress", size="2GiB")) == MemoryWork(size=2 * GIB, keep_free=GIB)
    assert _work(_fault(kind="memory_stress", share="50%", keep_free="3GiB")) == MemoryWork(
        size=5 * GIB, keep_free=3 * GIB
    )


@pytest.mark.parametrize("parameters", [{}, {"size": "1GiB", "share": "10%"}, {"size": "1GiB", "keep_free": "1MiB"}])
def test_memory_without_a_size_or_a_floor_is_refused(parameters: dict[str, str]) -> None:
    """How much is said once, and the machine keeps enough to live."""
    with pytest.raises(ValidationError):
        _fault(kind="memory_stress", **parameters)


def test_the_disk_is_that_of_the_component() -> None:
    """It writes where the target keeps its data."""
    warehouse = TargetInstance(name="warehouse", component=Component.WAREHOUSE)
    assert _work(_fault(kind="io_stress"), warehouse) == DiskWork(workers=4, folder=Path("/data/warehouse"))


@pytest.mark.parametrize(
    ("fault", "component"),
    [
        (_fault(kind="cpu_stress"), Component.WAREHOUSE),
        (_fault(kind="memory_stress", size="1GiB"), Component.SPARK_EXECUTOR),
        (_fault(kind="io_stress"), Component.NODE),
        (_fault(kind="io_stress"), Component.SPARK_DRIVER),
    ],
)
def test_a_target_that_cannot_be_stressed_is_refused_when_the_file_is_read(
    fault: StressFault, component: Component
) -> None:
    """A machine has cores and memory, a server has a data folder."""
    assert "expected" in (fault.objection(Target(component=component), HELD) or "")


@pytest.mark.parametrize("work", [MemoryWork(size=2**50, keep_free=GIB), MemoryWork(size=1, keep_free=2**50)])
def test_what_would_leave_too_little_is_refused_before_anything_is_taken(work: MemoryWork) -> None:
    """The message says what there is, what was asked for and what must stay."""
    with pytest.raises(PlatformError, match=r"MiB are free, \d+ MiB are asked for, and \d+ MiB must stay free"):
        require_room(work)


def test_a_disk_that_is_nearly_full_is_not_written_to(tmp_path: Path) -> None:
    """The files are bounded, and there is room for them or no strike."""
    with pytest.raises(PlatformError, match="must stay free"):
        require_room(DiskWork(workers=10**9, folder=tmp_path))

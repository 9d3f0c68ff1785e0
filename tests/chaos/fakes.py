"""Our own Protocols, played by objects that tests can steer."""

import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from include.chaos.consumer_events import PublicationStamp
from include.chaos.model import Target, TargetInstance
from include.chaos.pipeline import Relation
from include.chaos.platforms.airflow import DagRunState, Parameters, TaskState
from include.errors import PlatformError


@dataclass
class FakeClock:
    """A clock that moves when told."""

    elapsed: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    def advance(self, seconds: float) -> None:
        self.elapsed += seconds


@dataclass
class FakePlatform:
    """Processes by name; records every act in order."""

    running: set[str] = field(default_factory=lambda: {"warehouse"})
    held: set[str] = field(default_factory=set)
    acts: list[str] = field(default_factory=list)
    holds: dict[str, datetime] = field(default_factory=dict)
    refuses_signal: bool = False
    refuses_recovery: bool = False
    breaks_lifting: str | None = None
    silent: bool = False
    spawned: tuple[TargetInstance, ...] = ()
    lives: dict[str, int] = field(default_factory=dict)
    on_signal: Callable[[], None] = lambda: None

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        names = [name for name in sorted(self.running) if name.startswith(target.component)]
        if not names:
            raise PlatformError(f"target {target.component}: not running")
        return tuple(
            TargetInstance(name=name, component=target.component, pid=7, started_at=1.0 + self.lives.get(name, 0))
            for name in names
        )

    def resolve_spawned(self, target: Target, tasks: Mapping[str, int]) -> tuple[TargetInstance, ...]:
        return self.spawned

    def ability(self, wanted: type[object]) -> "FakePlatform":
        return self

    def resolve_again(self, instance: TargetInstance) -> TargetInstance:
        if instance.name not in self.running:
            raise PlatformError(f"target {instance.name}: not running")
        return instance

    def hold_down(self, instance: TargetInstance, until: datetime) -> None:
        self.acts.append(f"hold {instance.name}")
        self.held.add(instance.name)
        self.holds[instance.name] = until

    def signal_process(self, instance: TargetInstance, number: signal.Signals) -> None:
        if self.refuses_signal:
            raise PlatformError("operation not permitted")
        self.on_signal()
        self.acts.append(f"{number.name} {instance.name}")
        self.running.discard(instance.name)

    def lift_hold(self, instance: TargetInstance) -> None:
        if instance.name == self.breaks_lifting:
            raise RuntimeError("the undo has a defect")
        self.acts.append(f"lift {instance.name}")
        self.held.discard(instance.name)

    def is_running(self, instance: TargetInstance) -> bool:
        if self.silent:
            raise PlatformError("the supervisor does not answer")
        return instance.name in self.running

    def come_back(self, name: str) -> None:
        """Be started again by whoever does that: another process."""
        self.lives[name] = self.lives.get(name, 0) + 1
        self.running.add(name)

    def await_running(self, instance: TargetInstance) -> None:
        if self.refuses_recovery:
            raise PlatformError(f"{instance.name}: not running again")
        self.running.add(instance.name)


@dataclass
class FakeWarehouse:
    """A warehouse that answers unless `down`, or while its process is; `staged` is (staged, expected)."""

    staged: tuple[int, int] = (0, 0)
    down: bool = False
    process: FakePlatform | None = None
    defect: Exception | None = None

    def fetch_value(self, query: str) -> int:
        self._refuse_when_down()
        return 1

    def count_rows(self, relation: str) -> int:
        self._refuse_when_down()
        return 5

    def fetch_rows(self, query: str, parameters: Mapping[str, str] | None = None) -> Sequence[Sequence[object]]:
        self._refuse_when_down()
        return [self.staged]

    def close(self) -> None:
        """Nothing to give back."""

    def _refuse_when_down(self) -> None:
        if self.defect:
            raise self.defect
        if self.down or (self.process and "warehouse" not in self.process.running):
            raise PlatformError("connection refused")


@dataclass
class FakeWatch:
    """What is known of a run's tasks."""

    seen: tuple[TaskState, ...] = ()
    silent: bool = False

    def tasks(self) -> tuple[TaskState, ...]:
        return self.seen


@dataclass
class FakeAirflow:
    """Airflow's REST API: what the test puts in, the reader gets."""

    run: DagRunState | None = None
    stages: list[TaskState] = field(default_factory=list)
    earlier: list[DagRunState] = field(default_factory=list)
    triggered: list[str] = field(default_factory=list)
    silent: bool = False
    defect: Exception | None = None

    def dag_run(self, dag_id: str, dag_run_id: str) -> DagRunState | None:
        if self.silent:
            raise PlatformError("Airflow does not answer")
        if self.defect:
            raise self.defect
        return self.run

    def tasks(self, dag_id: str, dag_run_id: str) -> list[TaskState]:
        return self.stages

    def trigger(self, dag_id: str, dag_run_id: str, conf: Parameters) -> None:
        self.triggered.append(dag_run_id)

    def active_runs(self, dag_id: str) -> Sequence[DagRunState]:
        return [self.run] if self.run and not self.run.ended else []

    def successful_runs(self, dag_id: str) -> Sequence[DagRunState]:
        return self.earlier


@dataclass
class FakeSnapshot:
    """What consumers see at one moment."""

    publication: PublicationStamp | None
    digests: Mapping[str, str]
    held: list["FakeSnapshot"]

    def read(self, relations: Sequence[Relation]) -> Mapping[str, tuple[int, str]] | None:
        return {relation.name: (1, self.digests.get(relation.name, "")) for relation in relations}

    def find_empty(self, relations: Sequence[Relation]) -> Mapping[str, bool] | None:
        return None

    def release(self) -> None:
        self.held.remove(self)


@dataclass
class FakeConsumers:
    """A database as consumers read it; `show` commits."""

    publication: PublicationStamp | None = None
    digests: dict[str, str] = field(default_factory=dict)
    down: bool = False
    held: list[FakeSnapshot] = field(default_factory=list)
    committed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.committed.set()  # whoever begins to look sees something new

    def show(self, run: str, digests: dict[str, str]) -> None:
        self.publication, self.digests = PublicationStamp(dag_run_id=run), digests
        self.committed.set()

    def await_news(self, *, any_commit: bool) -> bool:
        if self.down:
            raise PlatformError("connection refused")
        is_news = self.committed.wait(0.05)
        self.committed.clear()
        return is_news

    def take(self) -> FakeSnapshot:
        if self.down:
            raise PlatformError("connection refused")
        snapshot = FakeSnapshot(publication=self.publication, digests=self.digests, held=self.held)
        self.held.append(snapshot)
        return snapshot

    def close(self) -> None:
        """Nothing to give back."""

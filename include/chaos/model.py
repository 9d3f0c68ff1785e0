"""The words of chaos: targets, strike points, leases, measurements, row outcomes, verdicts.

Pure data. Nothing here touches the world, and nothing here knows a fault or probe kind; see `faults/` and `probes/`.
"""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

_DURATION = re.compile(r"(?P<count>\d+(?:\.\d+)?)(?P<unit>ms|s|m|h)")
_SECONDS_OF_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PERCENT = re.compile(r"(?P<count>\d+(?:\.\d+)?)\s*%")


def parse_duration(value: object) -> object:
    """Turn `250ms`, `5s`, `2m` or `1h` into a timedelta; leave anything else to pydantic."""
    if not isinstance(value, str) or not (match := _DURATION.fullmatch(value.strip())):
        return value
    return timedelta(seconds=float(match["count"]) * _SECONDS_OF_UNIT[match["unit"]])


def format_duration(value: timedelta) -> str:
    """Write a duration the way `parse_duration` reads it, in seconds."""
    return f"{value.total_seconds():g}s"


def parse_share(value: object) -> object:
    """Turn `40%` into 0.4; leave anything else to pydantic."""
    if not isinstance(value, str) or not (match := _PERCENT.fullmatch(value.strip())):
        return value
    return float(match["count"]) / 100


def _require_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("expected a time with a zone, such as 2026-01-31T12:00:00+00:00")
    return value.astimezone(UTC)


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(format_duration, return_type=str)]
Share = Annotated[float, BeforeValidator(parse_share), Field(gt=0, le=1)]
Moment = Annotated[datetime, AfterValidator(_require_utc)]
FlagName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Model(BaseModel):
    """What every value that enters as text or is kept in a journal has in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Component(StrEnum):
    """What an experiment can name as its target; each platform resolves the name."""

    WAREHOUSE = "warehouse"
    OBJECT_STORE = "object_store"
    SPARK_MASTER = "spark_master"
    SPARK_WORKER = "spark_worker"
    AIRFLOW_API_SERVER = "airflow_api_server"
    AIRFLOW_SCHEDULER = "airflow_scheduler"
    AIRFLOW_DAG_PROCESSOR = "airflow_dag_processor"
    AIRFLOW_TRIGGERER = "airflow_triggerer"
    AIRFLOW_POOL = "airflow_pool"
    CONTROL_DB = "control_db"
    WEBAPP = "webapp"
    AGENT = "agent"
    NODE = "node"
    AIRFLOW_TASK = "airflow_task"
    SPARK_DRIVER = "spark_driver"
    SPARK_EXECUTOR = "spark_executor"
    SPARK_PYTHON_WORKER = "spark_python_worker"
    PIPELINE = "pipeline"
    PIPELINE_RUN = "pipeline_run"


CONTROL_PLANE = frozenset({Component.CONTROL_DB, Component.AGENT})
"""What conducts and records an experiment: a target only for those who say `allow_control_plane: true`."""

CONTROL_NODE = "control"
"""The node on which the control plane runs; as `node`, it is a target only where it is named."""

SPAWNED = frozenset(
    {
        Component.AIRFLOW_TASK,
        Component.SPARK_DRIVER,
        Component.SPARK_EXECUTOR,
        Component.SPARK_PYTHON_WORKER,
        Component.PIPELINE,
        Component.PIPELINE_RUN,
    }
)
"""What exists only while the pipeline runs, and is found when the strike point has come.

`pipeline` is the process that waits at the strike's failpoint, whatever it is; `pipeline_run` is the DAG run.
"""


class TargetMode(StrEnum):
    """How many of the eligible instances are struck, in words."""

    ONE = "one"
    ALL = "all"


class FixedCount(Model):
    """Strike that many of the eligible instances; fewer than that is refused."""

    fixed: int = Field(ge=1)


class PercentOfInstances(Model):
    """Strike that share of the eligible instances, rounded up."""

    percent: Share


class Target(Model):
    """Where a fault goes: a component, and which of its instances.

    Eligible are the named instances, or all where none is named, without the excluded ones; then `mode` selects.
    """

    component: Component
    instances: tuple[str, ...] = ()
    exclude: tuple[str, ...] = Field(default=(), description="instances that are never struck; taken out before `mode`")
    mode: TargetMode | FixedCount | PercentOfInstances = TargetMode.ALL

    @property
    def reaches_control_plane(self) -> bool:
        """Whether it names what conducts experiments, or the node on which that runs."""
        return self.component in CONTROL_PLANE or (self.component is Component.NODE and CONTROL_NODE in self.instances)


class TargetInstance(Model):
    """One thing that a platform can act upon; `pid` and `started_at` are of the moment when it was resolved."""

    name: str
    component: Component
    pid: int | None = None
    started_at: float | None = Field(default=None, description="process start, unix seconds; with pid, an identity")


class StagePoint(StrEnum):
    """Moments in a stage's life that can be struck at."""

    START = "start"
    END = "end"


class StrikePoint(Model):
    """When to strike: a moment in a pipeline stage, never a moment of the clock."""

    stage: str = Field(description="task_id of the pipeline's stage")
    at: StagePoint | None = Field(default=None, description="`end` is after the stage and before the next one begins")
    staged_rows: Share | None = Field(default=None, description="share of the stage's expected rows that are staged")
    failpoint: FlagName | None = Field(
        default=None, description="named place in the stage; the process that reaches it waits there for the strike"
    )
    after: Duration = Field(default=timedelta(0), description="delay after the moment")

    @model_validator(mode="after")
    def _exactly_one_moment(self) -> Self:
        if sum(moment is not None for moment in (self.at, self.staged_rows, self.failpoint)) != 1:
            raise ValueError(
                "expected exactly one of `at: start`, `at: end`, `staged_rows: 40%` and `failpoint: its_name`"
            )
        return self


class BlastRadius(Model):
    """How far an experiment may reach; exceeding it is refused before anything is touched."""

    max_targets: int = Field(ge=1, description="distinct instances that all strikes together may select")
    max_share: Share = Field(default=1.0, description="share of any one component's instances that may be selected")
    max_duration: Duration = Field(description="the longest hold of any strike")
    allowed_targets: frozenset[Component]


class Guardrails(Model):
    """Rules of this experiment that forbid, on top of those that the agent always applies."""

    allow_control_plane: bool = Field(default=False, description="let strikes target what conducts experiments")
    forbidden_while: tuple[FlagName, ...] = Field(default=(), description="flags that forbid strikes while they are on")


class AbortCondition(Model):
    """When to undo everything before the hold is over: one of a probe's long absence, and a length of time."""

    probe: str | None = None
    out_of_tolerance_for: Duration | None = None
    after: Duration | None = Field(default=None, description="time since the first injection that is not undone")

    @model_validator(mode="after")
    def _exactly_one_condition(self) -> Self:
        has_probe = self.probe is not None and self.out_of_tolerance_for is not None
        half_probe = (self.probe is None) != (self.out_of_tolerance_for is None)
        if half_probe or has_probe == (self.after is not None):
            raise ValueError("expected either `probe` with `out_of_tolerance_for`, or `after`")
        return self


class AbortCause(StrEnum):
    """What made an experiment stop early."""

    OUT_OF_TOLERANCE = "out_of_tolerance"
    BLIND = "blind"
    AFTER = "after"


class Measurement(Model):
    """One look through a probe. `ok` says that the value was taken and lies within tolerance."""

    value: float | str | bool | None = None
    ok: bool
    latency: float = Field(description="seconds that the look took")
    error: str | None = Field(default=None, description="why no value could be taken")


class LeaseState(StrEnum):
    """The life of a lease. Only `armed` may turn into `injected`; the last two are final."""

    ARMED = "armed"
    INJECTED = "injected"
    RECOVERED = "recovered"
    REVOKED = "revoked"


class RecoveredBy(StrEnum):
    """Whose hand undid a fault."""

    HOLD_ENDED = "hold_ended"
    RECOVER_REQUESTED = "recover_requested"
    LEASE_EXPIRED = "lease_expired"
    AGENT_STOPPED = "agent_stopped"
    AGENT_RESTARTED = "agent_restarted"
    INJECTION_FAILED = "injection_failed"
    ABORTED = "aborted"
    HALTED = "halted"


class StrikeOutcome(StrEnum):
    """How a strike ended."""

    STRUCK = "struck"
    MISSED = "missed"
    REFUSED = "refused"
    BROKEN = "broken"


class Lease(Model):
    """The right to inject one strike on some targets, with an end. Undo is known before the fault is."""

    lease_id: str
    strike: str
    instances: tuple[TargetInstance, ...]
    expires_at: Moment


class RowOutcome(StrEnum):
    """What became of a row, or of an object of the manifest."""

    LANDED = "landed"
    LOST = "lost"
    DUPLICATED = "duplicated"
    CORRUPTED = "corrupted"
    UNEXPECTED = "unexpected"
    QUARANTINED = "quarantined"


class RelationAccount(Model):
    """What became of every row of one relation.

    `expected = landed + lost + corrupted`; `duplicated` counts surplus copies and `unexpected` rows with a foreign
    key, both beyond the expected ones. `samples` holds up to 20 rows of each outcome but `landed`.
    """

    relation: str
    expected: int
    landed: int
    lost: int = 0
    duplicated: int = 0
    corrupted: int = 0
    unexpected: int = 0
    samples: dict[RowOutcome, tuple[str, ...]] = {}

    @property
    def intact(self) -> bool:
        """Whether exactly the expected rows are there."""
        return not (self.lost or self.duplicated or self.corrupted or self.unexpected)


class QuarantineAccount(Model):
    """The quarantined rows that do not say why; `samples` holds up to 20 of their keys."""

    relation: str
    without_reason: int
    samples: tuple[str, ...] = ()


class RelationComparison(Model):
    """How one relation was compared: `rows_moved` had to leave the database, all those of the differing buckets."""

    relation: str
    buckets: int
    differing: int
    rows_moved: int


class ManifestAccount(Model):
    """What became of every object of the manifest: `objects = landed + quarantined + lost`."""

    objects: int
    landed: int
    quarantined: int
    lost: int
    samples: dict[RowOutcome, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _reconciles(self) -> Self:
        if self.objects != self.landed + self.quarantined + self.lost:
            raise ValueError(
                f"the manifest has {self.objects} objects, but {self.landed} landed + {self.quarantined} quarantined"
                f" + {self.lost} lost are accounted for"
            )
        return self


class VerdictValue(StrEnum):
    """The four things that an experiment can say."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_EXERCISED = "not_exercised"
    INCONCLUSIVE = "inconclusive"


class Verdict(Model):
    """A judgement with sentences that a person can act on; `notes` are facts that did not decide it."""

    value: VerdictValue
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()

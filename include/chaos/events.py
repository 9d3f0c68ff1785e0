"""What a journal can say: one class an event, told apart by `event`.

A verdict is computed from these alone, so each holds what the judge needs and nothing that can be derived.
"""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from include.chaos.consumer_events import (
    ConsumerRead,
    ReaderBlind,
    ReaderCounted,
    ReaderSees,
    ReaderStarted,
    WorkCounted,
    WritersRead,
)
from include.chaos.layers import Layer
from include.chaos.model import (
    AbortCause,
    Duration,
    Lease,
    ManifestAccount,
    Measurement,
    Model,
    Moment,
    QuarantineAccount,
    RecoveredBy,
    RelationAccount,
    RelationComparison,
    StrikeOutcome,
    StrikePoint,
    TargetInstance,
    VerdictValue,
)

Saved = dict[str, JsonValue]
"""What a fault must know to undo itself, read from its target before the act."""


class PlannedStrike(Model):
    """The part of a strike that the judge reads."""

    name: str
    fault: str
    strike_point: StrikePoint
    hold_for: Duration
    hinders_clients: bool = Field(
        default=True, description="whether a client of what is struck cannot simply go on, by the fault's kind"
    )


class RunOpened(Model):
    """An experiment run begins. `experiment` is the experiment file's whole content, as canonical YAML."""

    event: Literal["run_opened"] = "run_opened"
    experiment_run_id: str
    experiment_id: str
    title: str
    pipeline: str
    dag_id: str
    dag_run_id: str
    probes: tuple[str, ...]
    strikes: tuple[PlannedStrike, ...]
    settle_for: Duration = Field(description="how long all probes must hold to count as steady")
    freshness: Duration | None = Field(
        default=None, description="how long after its beginning the pipeline's run must have published at the latest"
    )
    experiment: str
    expected_verdict: VerdictValue | None = None


class AgentStarted(Model):
    """The agent came up (again) and took this journal over, without the last line where a crash had torn it."""

    event: Literal["agent_started"] = "agent_started"
    pid: int
    torn_bytes: int = 0


class ProbeSampled(Model):
    """A probe looked. `missed` counts the looks that its clock owed since the last one and could not take."""

    event: Literal["probe_sampled"] = "probe_sampled"
    probe: str
    measurement: Measurement
    missed: int = 0


class BaselineMeasured(Model):
    """The steady state before anything was done; `unhealthy` names the probes out of tolerance."""

    event: Literal["baseline_measured"] = "baseline_measured"
    unhealthy: tuple[str, ...]


class BaselineRowsVerified(Model):
    """Before anything was struck, the rows of an undisturbed run were held against what the oracle says of that run."""

    event: Literal["baseline_rows_verified"] = "baseline_rows_verified"
    dag_run_id: str
    relations: tuple[RelationAccount, ...]

    @property
    def intact(self) -> bool:
        """Whether the oracle expects exactly what has landed."""
        return all(account.intact for account in self.relations)


class TwinFound(Model):
    """The latest undisturbed run of the same pipeline with the same parameters."""

    event: Literal["twin_found"] = "twin_found"
    dag_run_id: str
    duration: float = Field(description="seconds")
    started_at: Moment | None = None
    ended_at: Moment | None = None


class LeaseArmed(Model):
    """The agent may strike these instances until the lease expires, and knows how to undo it.

    The instances were selected among `eligible` by their order in the hash of `seed`.
    """

    event: Literal["lease_armed"] = "lease_armed"
    lease: Lease
    eligible: tuple[str, ...] = ()
    seed: str = ""


class TargetsFound(Model):
    """What a strike hits that exists only while the pipeline runs; selected as `lease_armed` says."""

    event: Literal["targets_found"] = "targets_found"
    lease_id: str
    instances: tuple[TargetInstance, ...]
    eligible: tuple[str, ...]
    seed: str


class LeaseRevoked(Model):
    """A lease ended before it was used: nothing may be injected under it any more."""

    event: Literal["lease_revoked"] = "lease_revoked"
    lease_id: str
    by: RecoveredBy


class AirflowSilent(Model):
    """Airflow's API stopped answering: stages and runs are not seen from here on."""

    event: Literal["airflow_silent"] = "airflow_silent"
    error: str


class AirflowAnswers(Model):
    """Airflow's API answers again."""

    event: Literal["airflow_answers"] = "airflow_answers"


class PipelineStarted(Model):
    """The pipeline's DAG run was asked for, with these parameters, which keep the `ablated` layers from acting."""

    event: Literal["pipeline_started"] = "pipeline_started"
    dag_run_id: str
    conf: dict[str, JsonValue] = Field(default_factory=dict)
    ablated: tuple[Layer, ...] = ()


class StageObserved(Model):
    """Airflow reports another state for a stage's task; the times are Airflow's own."""

    event: Literal["stage_observed"] = "stage_observed"
    stage: str
    state: str | None
    try_number: int
    start_date: Moment | None = None
    end_date: Moment | None = None
    pid: int | None = None


class DagRunObserved(Model):
    """Airflow reports another state for the pipeline's DAG run."""

    event: Literal["dag_run_observed"] = "dag_run_observed"
    state: str
    start_date: Moment | None = None
    end_date: Moment | None = None


class ManifestFrozen(Model):
    """The stage that freezes the manifest was seen to have succeeded, and this is what the manifest was then."""

    event: Literal["manifest_frozen"] = "manifest_frozen"
    stage: str
    objects: int
    digest: str


class FailpointArmed(Model):
    """The next process of the pipeline that reaches this place waits there; the agent renews that, or it ends."""

    event: Literal["failpoint_armed"] = "failpoint_armed"
    strike: str
    stage: str
    failpoint: str


class StrikePointReached(Model):
    """The moment to strike has come.

    `staged` and `expected` are rows, where the point asks for a share; `waiting` is who waits at its failpoint.
    """

    event: Literal["strike_point_reached"] = "strike_point_reached"
    strike: str
    staged: int | None = None
    expected: int | None = None
    waiting: TargetInstance | None = None


class InjectionPrepared(Model):
    """Everything that undo needs, on disk before the act."""

    event: Literal["injection_prepared"] = "injection_prepared"
    injection_id: str
    lease_id: str
    strike: str
    instance: TargetInstance
    hold_for: Duration
    hold_until: Moment = Field(description="when the fault ends by itself, should nobody be left to end it")
    saved: Saved = Field(default_factory=dict)


class Injected(Model):
    """The fault is confirmed to have been done to this instance."""

    event: Literal["injected"] = "injected"
    injection_id: str
    instance: TargetInstance


class StruckAgain(Model):
    """What came in place of a struck instance was struck as well; the undo of the injection stays what it is."""

    event: Literal["struck_again"] = "struck_again"
    injection_id: str
    instance: TargetInstance


class HoldStarted(Model):
    """Every instance of the strike is confirmed to be struck: the hold counts from here."""

    event: Literal["hold_started"] = "hold_started"
    strike: str
    until: Moment


class InjectionLost(Model):
    """The fault was found to be no longer in force, though nobody here undid it; the instance was not struck again."""

    event: Literal["injection_lost"] = "injection_lost"
    injection_id: str
    strike: str
    instance: TargetInstance


class InjectionFailed(Model):
    """The fault could not be done; whatever was half done is undone next."""

    event: Literal["injection_failed"] = "injection_failed"
    injection_id: str
    error: str


class RecoveryStarted(Model):
    """The undo begins: the fault is in force no longer than this."""

    event: Literal["recovery_started"] = "recovery_started"
    injection_id: str
    by: RecoveredBy


class Recovered(Model):
    """The fault is removed, and the platform confirmed it."""

    event: Literal["recovered"] = "recovered"
    injection_id: str
    by: RecoveredBy


class RecoveryFailed(Model):
    """An undo was tried and did not succeed; it is tried again."""

    event: Literal["recovery_failed"] = "recovery_failed"
    injection_id: str
    error: str


class ExperimentAborted(Model):
    """A condition of `abort_when` came true during a hold; everything is undone next, and no strike follows."""

    event: Literal["experiment_aborted"] = "experiment_aborted"
    cause: AbortCause
    reason: str


class Halted(Model):
    """Somebody halted the agent; everything is undone next, and no strike follows until it resumes."""

    event: Literal["halted"] = "halted"
    reason: str


class Resumed(Model):
    """The halt was lifted."""

    event: Literal["resumed"] = "resumed"


class StrikeEnded(Model):
    """A strike is over, with the reason where it did not strike."""

    event: Literal["strike_ended"] = "strike_ended"
    strike: str
    outcome: StrikeOutcome
    reason: str | None = None


class LayerActed(Model):
    """A layer is found, in its own records, to have carried the run on after the strike."""

    event: Literal["layer_acted"] = "layer_acted"
    layer: Layer
    at: Moment
    what: str


class RecordsRead(Model):
    """The layers' records were read for the time since the first strike; `unread` says which could not be, and why."""

    event: Literal["records_read"] = "records_read"
    unread: tuple[str, ...] = ()


class RowsVerified(Model):
    """Every row of every relation was compared with the oracle's; how is in `comparisons`, in the same order."""

    event: Literal["rows_verified"] = "rows_verified"
    relations: tuple[RelationAccount, ...]
    comparisons: tuple[RelationComparison, ...] = ()
    manifest: ManifestAccount | None = Field(default=None, description="none where the pipeline has no manifest")
    manifest_digest: str | None = Field(default=None, description="of the manifest's rows, as `manifest_frozen` has it")
    quarantine: QuarantineAccount | None = Field(
        default=None, description="none where the contract does not say in which column a reason stands"
    )
    publication_read: bool = Field(
        default=True, description="whether it can be told what consumers read, and since when"
    )
    published_dag_run_id: str | None
    published_at: Moment | None


class VerificationFailed(Model):
    """The rows could not be compared; what they are is unknown."""

    event: Literal["verification_failed"] = "verification_failed"
    error: str


class VerdictReached(Model):
    """The judgement, as published; it rests on the entries up to number `judged_until`."""

    event: Literal["verdict_reached"] = "verdict_reached"
    verdict: VerdictValue
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    judged_until: int


class RunClosed(Model):
    """The experiment run is over; the agent samples no more."""

    event: Literal["run_closed"] = "run_closed"


Event = Annotated[
    RunOpened
    | AgentStarted
    | ProbeSampled
    | BaselineMeasured
    | BaselineRowsVerified
    | TwinFound
    | LeaseArmed
    | TargetsFound
    | LeaseRevoked
    | AirflowSilent
    | AirflowAnswers
    | PipelineStarted
    | StageObserved
    | DagRunObserved
    | ManifestFrozen
    | FailpointArmed
    | StrikePointReached
    | InjectionPrepared
    | Injected
    | StruckAgain
    | HoldStarted
    | InjectionLost
    | InjectionFailed
    | RecoveryStarted
    | Recovered
    | RecoveryFailed
    | ExperimentAborted
    | Halted
    | Resumed
    | StrikeEnded
    | LayerActed
    | RecordsRead
    | ReaderStarted
    | ConsumerRead
    | ReaderBlind
    | ReaderSees
    | ReaderCounted
    | WritersRead
    | WorkCounted
    | RowsVerified
    | VerificationFailed
    | VerdictReached
    | RunClosed,
    Field(discriminator="event"),
]

ClientEvent = Annotated[BaselineRowsVerified | RowsVerified | VerificationFailed, Field(discriminator="event")]
"""What a client may add to a journal; all other events are the agent's own."""

"""One experiment run as the agent lives it: probes look, the watcher watches, strikes strike, leases end."""

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import TypeVar

from include.chaos.agent.injector import Injector
from include.chaos.agent.keeper import Keeper
from include.chaos.agent.looks import sampler_of
from include.chaos.agent.manifest_witness import ManifestWitness
from include.chaos.agent.reader import ConsumerReader
from include.chaos.agent.records import read_records
from include.chaos.agent.run_status import HeldLease, RunStatus, StrikeStatus
from include.chaos.agent.sampler import Sampler
from include.chaos.agent.services import Services, WarehouseReader
from include.chaos.agent.sight import Sight, disarm_failpoints
from include.chaos.agent.strike_crew import StrikeCrew
from include.chaos.agent.twin import find_twin
from include.chaos.agent.watcher import Watcher
from include.chaos.agent.work import count_work
from include.chaos.agent.writers import ContractWriters, read_writers
from include.chaos.documents import parse_document
from include.chaos.events import (
    AgentStarted,
    BaselineMeasured,
    BaselineRowsVerified,
    ClientEvent,
    Halted,
    ManifestFrozen,
    PipelineStarted,
    ProbeSampled,
    RecordsRead,
    Resumed,
    RunClosed,
    RunOpened,
    TwinFound,
    VerdictReached,
)
from include.chaos.experiment import Experiment
from include.chaos.journal import JournalEntry, JournalWriter
from include.chaos.layers import Layer
from include.chaos.model import Lease, LeaseState, RecoveredBy
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.airflow import Parameters
from include.chaos.timeline import build_timeline
from include.errors import AgentError, GuardrailError

E = TypeVar("E")

Permit = Callable[[Experiment], None]
"""Raises `GuardrailError` while an experiment may neither be armed nor injected."""


class ExperimentRun:
    """One open experiment run. All state worth keeping is in its journal."""

    def __init__(
        self,
        *,
        journal: JournalWriter,
        services: Services,
        permit: Permit,
        taken_over: AgentStarted | None = None,
    ) -> None:
        """Take a journal up, new (its first entry is `run_opened`) or, where it is `taken_over`, from a dead agent.

        What a dead agent left injected is undone before anything else; `permit` says whether strikes are allowed now.
        """
        entries = journal.entries
        opened = entries[0].body if entries else None
        if not isinstance(opened, RunOpened):
            raise AgentError("the journal does not begin with `run_opened`")
        self._opened = opened
        self._journal = journal
        self._services = services
        self.experiment = parse_document(opened.experiment, Experiment, source=opened.experiment_run_id)
        self._permit = permit
        self._injector = Injector(
            experiment=self.experiment,
            journal=journal,
            platform=services.platform,
            clock=services.clock,
            permit=self._require_permission,
            seed=self.experiment.seed or opened.experiment_run_id,
        )
        self._crew = StrikeCrew(
            experiment=self.experiment, injector=self._injector, journal=journal, clock=services.clock
        )
        if taken_over:
            journal.append(taken_over)
            self._injector.recover_everything(RecoveredBy.AGENT_RESTARTED)
            disarm_failpoints(self.experiment, opened.dag_run_id, services.failpoints)
            self._crew.end_orphans()
        self._keeper = Keeper(
            injector=self._injector,
            journal=journal,
            clock=services.clock,
            conditions=self.experiment.abort_when,
        )
        self._watcher = Watcher(
            airflow=services.airflow,
            dag_id=opened.dag_id,
            dag_run_id=opened.dag_run_id,
            record=journal.append,
            is_awaited=lambda: self._crew.waits,
        )
        self._pipeline = load_pipeline(opened.pipeline)
        self._sight = Sight(
            pipeline=self._pipeline,
            dag_run_id=opened.dag_run_id,
            watcher=self._watcher,
            services=services,
            open_warehouse=partial(self._open_warehouse, "strike point"),
        )
        self._warehouses: list[WarehouseReader] = []
        self._samplers = self._make_samplers()
        self._reader = self._make_reader()
        self._witness = self._make_witness()
        self._closing = threading.Lock()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to sample, to watch and to keep leases."""
        for sampler in self._samplers:
            sampler.start()
        self._watcher.start()
        self._keeper.start()
        if self._reader:
            self._reader.start()
        if self._witness:
            self._witness.start()

    def measure_baseline(self) -> BaselineMeasured:
        """Watch the probes for `settle_for` and say which are out of tolerance; measured once a run."""
        if measured := self._find(BaselineMeasured):
            return measured
        begun = len(self._journal.entries)
        settle_for = self.experiment.hypothesis.steady_state.settle_for
        self._stopped.wait(max(settle_for, timedelta(seconds=1)).total_seconds())
        looks = [e.body for e in self._journal.since(begun) if isinstance(e.body, ProbeSampled)]
        healthy = {look.probe for look in looks} - {look.probe for look in looks if not look.measurement.ok}
        baseline = BaselineMeasured(unhealthy=tuple(p for p in self._opened.probes if p not in healthy))
        self._journal.append(baseline)
        return baseline

    def arm(self, strike: str) -> Lease:
        """Give a lease on the strike's targets; refused unless the baseline was healthy."""
        baseline = self._find(BaselineMeasured)
        if baseline is None or baseline.unhealthy:
            raise AgentError("no strike without a healthy baseline; measure the steady state first")
        if (checked := self._find(BaselineRowsVerified)) and not checked.intact:
            raise AgentError("no strike with an oracle that contradicts an undisturbed run; it could judge nothing")
        return self._injector.arm(self.experiment.strike(strike))

    def find_twin(self, conf: Parameters) -> TwinFound | None:
        """Name the latest undisturbed run with these parameters."""
        return find_twin(self._services.airflow, self._opened.dag_id, conf)

    def start_pipeline(self, conf: Parameters, ablated: Iterable[Layer] = ()) -> None:
        """Start the pipeline's DAG run, once, without some layers, and name its undisturbed twin."""
        if self._find(PipelineStarted):
            return
        layers = tuple(ablated)
        ablation = self._pipeline.without(layers)
        if twin := self.find_twin(conf):
            self._journal.append(twin)
        conf = {**conf, **ablation}
        self._services.airflow.trigger(self._opened.dag_id, self._opened.dag_run_id, conf)
        self._journal.append(PipelineStarted(dag_run_id=self._opened.dag_run_id, conf=conf, ablated=layers))

    def begin_strike(self, name: str) -> None:
        """Let the strike wait for its moment; asked again, it goes on as it was."""
        self._crew.begin(name, self._sight.eyes)

    def renew(self, strike: str) -> LeaseState | None:
        """Put off the end of a strike's unused lease."""
        return self._injector.renew(self.experiment.strike(strike).name)

    def recover(self, strike: str) -> bool:
        """Undo a strike now and end its lease; tell whether that is confirmed."""
        return self._injector.recover(self.experiment.strike(strike).name, RecoveredBy.RECOVER_REQUESTED)

    def halt(self, reason: str) -> bool:
        """Undo everything now and end all leases; tell whether that is confirmed."""
        return self._keeper.undo_everything(Halted(reason=reason), RecoveredBy.HALTED)

    def resume(self) -> None:
        """Note that strikes are allowed again; leases that the halt ended stay ended."""
        self._journal.append(Resumed())

    def held_leases(self) -> list[HeldLease]:
        """List what may be struck now, or is."""
        return [
            HeldLease(
                experiment_run_id=self._opened.experiment_run_id,
                experiment_id=self._opened.experiment_id,
                title=self._opened.title,
                pipeline=self._opened.pipeline,
                strike=held.lease.strike,
                fault=self.experiment.strike(held.lease.strike).fault.kind,
                state=held.state,
                instances=tuple(instance.name for instance in held.lease.instances),
                expires_at=held.expires_at,
                hold_until=held.hold_until,
            )
            for held in self._injector.held()
        ]

    def read_records(self) -> RecordsRead:
        """Read what the layers around the pipeline did since the first strike, and who wrote; once a run."""
        if read := self._find(RecordsRead):
            return read
        self._read_writers()
        count_work(self._journal, self._services.open_work_record, self._services.clock)
        return read_records(self._journal, self._services.open_records(self._opened.dag_id), self._services.clock)

    def note(self, event: ClientEvent) -> None:
        """Add what a client found out to the journal; what consumers read then is read before."""
        if self._reader and not isinstance(event, BaselineRowsVerified):
            self._reader.settle()
        self._journal.append(event)

    def status(self) -> RunStatus:
        """Tell where the run stands."""
        entries = self._journal.entries
        timeline = build_timeline(entries)
        return RunStatus(
            experiment_run_id=self._opened.experiment_run_id,
            experiment_id=self._opened.experiment_id,
            closed=self.closed,
            strikes=tuple(
                StrikeStatus(name=s.planned.name, lease=self._injector.state(s.planned.name), ended=s.ended)
                for s in timeline.strikes
            ),
            pipeline_started=self._find(PipelineStarted) is not None,
            dag_run_state=timeline.dag_run.state if timeline.dag_run else None,
            effect_seen=timeline.effect_at is not None,
            steady_again=timeline.steady_at is not None,
            watched_for=self._services.clock.now() - entries[0].at,
        )

    @property
    def experiment_run_id(self) -> str:
        """The run's id."""
        return self._opened.experiment_run_id

    @property
    def closed(self) -> bool:
        """Whether the run is over."""
        return self._find(RunClosed) is not None

    def entries_since(self, seq: int) -> tuple[JournalEntry, ...]:
        """Give the journal's entries after number `seq`."""
        return self._journal.since(seq)

    def close(self, verdict: VerdictReached) -> None:
        """End the run with its verdict: everything is recovered, and nothing is sampled any more."""
        with self._closing:
            if self.closed:
                return
            self.stop(RecoveredBy.RECOVER_REQUESTED)
            self._journal.append(verdict)
            self._journal.append(RunClosed())

    def stop(self, by: RecoveredBy = RecoveredBy.AGENT_STOPPED) -> None:
        """Undo what is injected and end all threads; the run stays open for the next agent."""
        self._injector.recover_everything(by)
        self._stopped.set()
        self._crew.stop()
        for sampler in self._samplers:
            sampler.stop()
        self._watcher.stop()
        self._keeper.stop()
        if self._witness:
            self._witness.stop()
        if self._reader:
            self._reader.stop()
        for warehouse in self._warehouses:
            warehouse.close()

    def _find(self, kind: type[E]) -> E | None:
        return next((entry.body for entry in self._journal.entries if isinstance(entry.body, kind)), None)

    def _require_permission(self) -> None:
        self._permit(self.experiment)
        if aborted := self._keeper.aborted():
            raise GuardrailError(f"the experiment was aborted: {aborted.reason}")

    def _make_samplers(self) -> list[Sampler]:
        return [
            sampler_of(
                probe,
                services=self._services,
                journal=self._journal,
                open_warehouse=partial(self._open_warehouse, f"probe {probe.name}"),
                watch=self._watcher,
                opened=self._opened,
            )
            for probe in self.experiment.hypothesis.steady_state.probes
        ]

    def _read_writers(self) -> None:
        records = list(self._services.open_writer_records(self._journal.entries[0].at))
        if statement := self._pipeline.writers:
            warehouse = partial(self._open_warehouse, "writers")
            own = ContractWriters(statement=statement, dag_run_id=self._opened.dag_run_id, open_reader=warehouse)
            records.append(own)
        self._journal.append(read_writers(records))

    def _make_reader(self) -> ConsumerReader | None:
        if self._services.open_consumer is None:
            return None
        return ConsumerReader(
            pipeline=self._pipeline,
            source=self._services.open_consumer(self._pipeline),
            record=self._journal.append,
            clock=self._services.clock,
        )

    def _make_witness(self) -> ManifestWitness | None:
        stage = self._pipeline.freezing_stage
        if self._pipeline.manifest is None or stage is None or self._find(ManifestFrozen) is not None:
            return None
        return ManifestWitness(
            manifest=self._pipeline.manifest,
            stage=stage,
            dag_run_id=self._opened.dag_run_id,
            watch=self._watcher,
            open_reader=partial(self._open_warehouse, "manifest"),
            record=self._journal.append,
        )

    def _open_warehouse(self, purpose: str) -> WarehouseReader:
        reader = self._services.open_warehouse(self._sight.pipeline.warehouse, f"chaos agent: {purpose}")
        self._warehouses.append(reader)
        return reader

"""One experiment run as the agent lives it: probes look, the watcher watches, strikes strike, leases end."""

import threading
from datetime import timedelta
from functools import partial
from typing import TypeVar

from include.chaos.agent.injector import Injector
from include.chaos.agent.sampler import Sampler
from include.chaos.agent.services import Services, WarehouseReader
from include.chaos.agent.strikes import StagedRows, StrikeThread
from include.chaos.agent.watcher import Watcher
from include.chaos.documents import parse_document
from include.chaos.events import (
    AgentStarted,
    BaselineMeasured,
    ClientEvent,
    PipelineStarted,
    PlannedStrike,
    ProbeSampled,
    RunClosed,
    RunOpened,
    StrikeEnded,
    TwinFound,
    VerdictReached,
)
from include.chaos.experiment import Experiment
from include.chaos.journal import JournalEntry, JournalWriter
from include.chaos.model import Duration, Lease, LeaseState, Model, RecoveredBy, StrikeOutcome
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.airflow import Parameters
from include.chaos.timeline import build_timeline
from include.errors import AgentError, PlatformError

E = TypeVar("E")

TICK_SECONDS = 0.2
DIED_DURING_STRIKE = "the agent died during the strike; when it came back it undid what was injected"


class OpenRequest(Model):
    """What it takes to open an experiment run."""

    experiment_run_id: str
    experiment_id: str
    experiment: Experiment
    dag_run_id: str


class RunStatus(Model):
    """Where an experiment run stands, for those who wait."""

    experiment_run_id: str
    experiment_id: str
    closed: bool
    lease: LeaseState | None
    strike_ended: StrikeEnded | None
    pipeline_started: bool
    dag_run_state: str | None
    effect_seen: bool
    steady_again: bool
    watched_for: Duration


class ExperimentRun:
    """One open experiment run. All state worth keeping is in its journal."""

    def __init__(self, *, journal: JournalWriter, services: Services, pid: int) -> None:
        """Take a journal up, new (its first entry is `run_opened`) or left behind by an agent that died."""
        entries = journal.entries
        opened = entries[0].body if entries else None
        if not isinstance(opened, RunOpened):
            raise AgentError("the journal does not begin with `run_opened`")
        self._opened = opened
        self._journal = journal
        self._services = services
        self.experiment = parse_document(opened.experiment, Experiment, source=opened.experiment_run_id)
        self._pipeline = load_pipeline(opened.pipeline)
        self._injector = Injector(
            experiment=self.experiment, journal=journal, platform=services.platform, clock=services.clock
        )
        self._watcher = Watcher(
            airflow=services.airflow, dag_id=opened.dag_id, dag_run_id=opened.dag_run_id, record=journal.append
        )
        self._warehouses: list[WarehouseReader] = []
        self._samplers = self._make_samplers()
        self._strike: StrikeThread | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="leases", daemon=True)
        if len(entries) > 1:
            self._take_over(entries, pid)

    @staticmethod
    def opening(request: OpenRequest) -> RunOpened:
        """Write the first entry of a new run's journal."""
        experiment = request.experiment
        pipeline = load_pipeline(experiment.pipeline)
        for strike in experiment.strikes:
            pipeline.stage(strike.strike_point.stage)
        return RunOpened(
            experiment_run_id=request.experiment_run_id,
            experiment_id=request.experiment_id,
            title=experiment.title,
            pipeline=experiment.pipeline,
            dag_id=pipeline.dag_id,
            dag_run_id=request.dag_run_id,
            probes=tuple(probe.name for probe in experiment.hypothesis.steady_state.probes),
            strikes=tuple(
                PlannedStrike(name=s.name, fault=s.fault.kind, strike_point=s.strike_point, hold_for=s.hold_for)
                for s in experiment.strikes
            ),
            settle_for=experiment.hypothesis.steady_state.settle_for,
            experiment=experiment.to_yaml(),
        )

    def start(self) -> None:
        """Begin to sample, to watch and to keep leases."""
        for sampler in self._samplers:
            sampler.start()
        self._watcher.start()
        self._ticker.start()

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
        return self._injector.arm(self.experiment.strike(strike))

    def start_pipeline(self, conf: Parameters) -> None:
        """Start the pipeline's DAG run, once, and name its undisturbed twin."""
        if self._find(PipelineStarted):
            return
        if twin := self._find_twin(conf):
            self._journal.append(twin)
        self._services.airflow.trigger(self._opened.dag_id, self._opened.dag_run_id, conf)
        self._journal.append(PipelineStarted(dag_run_id=self._opened.dag_run_id))

    def begin_strike(self, name: str) -> None:
        """Let the strike wait for its moment; asked again, it goes on as it was."""
        with self._lock:
            if self._strike or self._find(StrikeEnded):
                return
            strike = self.experiment.strike(name)
            self._strike = StrikeThread(
                strike=strike,
                lease=self._injector.arm(strike),
                injector=self._injector,
                watcher=self._watcher,
                staged_rows=self._staged_rows_reader(strike.strike_point.stage),
                journal=self._journal,
                clock=self._services.clock,
            )
            self._strike.start()

    def renew(self, strike: str) -> LeaseState | None:
        """Put off the end of a strike's unused lease."""
        return self._injector.renew(strike)

    def recover(self, strike: str) -> bool:
        """Undo a strike now and end its lease; tell whether that is confirmed."""
        return self._injector.recover(strike, RecoveredBy.RECOVER_REQUESTED)

    def note(self, event: ClientEvent) -> None:
        """Add what a client found out to the journal."""
        self._journal.append(event)

    def status(self) -> RunStatus:
        """Tell where the run stands."""
        entries = self._journal.entries
        timeline = build_timeline(entries)
        return RunStatus(
            experiment_run_id=self._opened.experiment_run_id,
            experiment_id=self._opened.experiment_id,
            closed=self.closed,
            lease=self._injector.state(self._opened.strikes[0].name),
            strike_ended=timeline.strike_ended,
            pipeline_started=self._find(PipelineStarted) is not None,
            dag_run_state=timeline.dag_run.state if timeline.dag_run else None,
            effect_seen=timeline.effect_at is not None,
            steady_again=timeline.steady_at is not None,
            watched_for=self._services.clock.now() - entries[0].at,
        )

    @property
    def closed(self) -> bool:
        """Whether the run is over."""
        return self._find(RunClosed) is not None

    def entries_since(self, seq: int) -> tuple[JournalEntry, ...]:
        """Give the journal's entries after number `seq`."""
        return self._journal.since(seq)

    def close(self, verdict: VerdictReached) -> None:
        """End the run with its verdict: everything is recovered, and nothing is sampled any more."""
        if self.closed:
            return
        self.stop(RecoveredBy.RECOVER_REQUESTED)
        self._journal.append(verdict)
        self._journal.append(RunClosed())

    def stop(self, by: RecoveredBy = RecoveredBy.AGENT_STOPPED) -> None:
        """Undo what is injected and end all threads; the run stays open for the next agent."""
        self._injector.recover_everything(by)
        self._stopped.set()
        if self._strike:
            self._strike.stop()
        for sampler in self._samplers:
            sampler.stop()
        self._watcher.stop()
        if self._ticker.is_alive():
            self._ticker.join()
        for warehouse in self._warehouses:
            warehouse.close()

    def _find(self, kind: type[E]) -> E | None:
        return next((entry.body for entry in self._journal.entries if isinstance(entry.body, kind)), None)

    def _take_over(self, entries: tuple[JournalEntry, ...], pid: int) -> None:
        """Undo what a dead agent left behind, before anything else."""
        self._journal.append(AgentStarted(pid=pid))
        self._injector.recover_everything(RecoveredBy.AGENT_RESTARTED)
        armed = self._injector.state(self._opened.strikes[0].name) is not None
        if armed and not any(isinstance(entry.body, StrikeEnded) for entry in entries):
            name = self._opened.strikes[0].name
            self._journal.append(StrikeEnded(strike=name, outcome=StrikeOutcome.BROKEN, reason=DIED_DURING_STRIKE))

    def _tick(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            self._injector.expire()

    def _make_samplers(self) -> list[Sampler]:
        return [
            Sampler(
                probe=probe.name,
                every=probe.every.total_seconds(),
                look=partial(probe.measure, self._open_warehouse(f"probe {probe.name}")),
                record=lambda sampled: self._journal.append(sampled, durable=False),
            )
            for probe in self.experiment.hypothesis.steady_state.probes
        ]

    def _open_warehouse(self, purpose: str) -> WarehouseReader:
        reader = self._services.open_warehouse(f"chaos agent: {purpose}")
        self._warehouses.append(reader)
        return reader

    def _staged_rows_reader(self, task_id: str) -> StagedRows:
        progress = self._pipeline.stage(task_id).staged_rows
        if progress is None:
            return lambda: None
        warehouse = self._open_warehouse("strike point")
        return partial(_read_staged_rows, warehouse, progress.read(), self._opened.dag_run_id)

    def _find_twin(self, conf: Parameters) -> TwinFound | None:
        """Find the newest successful run with the same parameters that no experiment disturbed."""
        try:
            runs = self._services.airflow.successful_runs(self._opened.dag_id)
        except PlatformError:
            return None
        for run in runs:
            undisturbed = not run.dag_run_id.startswith("chaos__")
            if undisturbed and (run.conf or {}) == conf and run.start_date and run.end_date:
                duration = (run.end_date - run.start_date).total_seconds()
                return TwinFound(dag_run_id=run.dag_run_id, duration=duration)
        return None


def _read_staged_rows(warehouse: WarehouseReader, query: str, dag_run_id: str) -> tuple[int, int] | None:
    """Give (staged, expected) rows of a stage, or None while that is unknown."""
    try:
        rows = warehouse.fetch_rows(query, {"dag_run_id": dag_run_id})
    except PlatformError:
        return None
    if not rows:
        return None
    staged, expected = rows[0]
    return (staged, expected) if isinstance(staged, int) and isinstance(expected, int) else None

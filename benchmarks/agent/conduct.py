"""Run Scale on the lab, watched by an open experiment run or alone, and measure what that takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from benchmarks.agent.meter import Meter, Usage
from include.chaos.agent.run_status import OpenRequest
from include.chaos.entries import bodies
from include.chaos.events import StrikeEnded, VerdictReached
from include.chaos.experiment import Experiment
from include.chaos.journal import JournalEntry, parse_journal
from include.chaos.pipeline import load_pipeline
from include.chaos.platforms.airflow import DagRunState, Parameters
from include.chaos.verdict import judge
from include.errors import AgentError
from tests.e2e.site import CORPUS, Site, stamp

_TURN_SECONDS = 20.0
"""Between two looks for strikes that are still waited for; their leases stand for six times as long."""

_DAG = "scale_pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run of Scale: how long it took by Airflow's clock, and what was used; no entries where nobody watched."""

    took: timedelta
    usage: Usage
    entries: tuple[JournalEntry, ...] = ()


def run_alone(site: Site) -> Ran:
    """Run Scale with nobody watching."""
    run_id = f"alone__{stamp()}"
    meter = Meter(site)
    site.airflow.trigger(_DAG, run_id, _conf())
    usage = meter.measure_until(lambda: _ended(site, run_id) is not None)
    return Ran(took=_took(site, run_id), usage=usage)


def run_watched(site: Site, experiment: Experiment) -> Ran:
    """Run Scale under an experiment run, whose strikes wait for their moments before it starts."""
    run_id = f"watched__{stamp()}"
    with _opened(site, experiment, run_id):
        meter = Meter(site)
        site.agent.start_pipeline(run_id, _conf())
        usage = meter.measure_until(lambda: _ended(site, run_id) is not None)
    return Ran(took=_took(site, run_id), usage=usage, entries=_journal(site, run_id))


def run_struck(site: Site, experiment: Experiment) -> Ran:
    """Run Scale under an experiment run and measure until the last strike is over, which may be after the run."""
    run_id = f"struck__{stamp()}"
    with _opened(site, experiment, run_id):
        meter = Meter(site)
        site.agent.start_pipeline(run_id, _conf())
        patience = _Patience(site=site, experiment=experiment, run_id=run_id)
        usage = meter.measure_until(patience.is_over)
        site.await_end(_DAG, run_id)
    return Ran(took=_took(site, run_id), usage=usage, entries=_journal(site, run_id))


@contextmanager
def _opened(site: Site, experiment: Experiment, run_id: str) -> Iterator[None]:
    """Open an experiment run with every strike begun, and close it with its verdict whatever happens."""
    site.agent.open(
        OpenRequest(experiment_run_id=run_id, experiment_id="benchmark", experiment=experiment, dag_run_id=run_id)
    )
    try:
        if unhealthy := site.agent.measure_baseline(run_id).unhealthy:
            raise AgentError(f"unhealthy before anything was done: {', '.join(unhealthy)}")
        for strike in experiment.strikes:
            site.agent.arm(run_id, strike.name)
        for strike in experiment.strikes:
            site.agent.begin_strike(run_id, strike.name)
        yield
    finally:
        entries = _journal(site, run_id)
        verdict = judge(entries)
        site.agent.close(
            run_id, VerdictReached(verdict=verdict.value, reasons=verdict.reasons, judged_until=len(entries))
        )


@dataclass(slots=True, kw_only=True)
class _Patience:
    """Waits for the strikes of a run, and renews their leases, as whoever conducts an experiment must."""

    site: Site
    experiment: Experiment
    run_id: str
    _next: float = field(default_factory=lambda: monotonic() + _TURN_SECONDS)

    def is_over(self) -> bool:
        """Tell whether every strike has ended; asked seldom, for to answer takes the agent's time."""
        if monotonic() < self._next:
            return False
        self._next += _TURN_SECONDS
        ended = {end.strike for end in bodies(_journal(self.site, self.run_id), StrikeEnded)}
        waiting = [strike.name for strike in self.experiment.strikes if strike.name not in ended]
        for strike in waiting:
            self.site.agent.renew(self.run_id, strike)
        return not waiting


def _conf() -> Parameters:
    return {**load_pipeline("scale").conf, "prefix": CORPUS}


def _ended(site: Site, run_id: str) -> DagRunState | None:
    run = site.airflow.dag_run(_DAG, run_id)
    return run if run and run.ended else None


def _took(site: Site, run_id: str) -> timedelta:
    """Give the time of a run that succeeded; one that did not shows nothing."""
    run = site.await_end(_DAG, run_id)
    if run.state != "success" or run.start_date is None or run.end_date is None:
        raise AgentError(f"{run_id} ended `{run.state}`, though nothing that it needs was struck")
    return run.end_date - run.start_date


def _journal(site: Site, run_id: str) -> tuple[JournalEntry, ...]:
    return parse_journal(site.agent.journal(run_id), source=run_id).entries

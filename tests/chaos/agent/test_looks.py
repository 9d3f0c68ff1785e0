"""Looks are held against the baseline that the journal gives, and can be judged again from the journal alone."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from include.chaos.agent.looks import sampler_of
from include.chaos.agent.pipeline_run import PipelineRun
from include.chaos.agent.services import Services
from include.chaos.baseline import baseline_median
from include.chaos.events import BaselineMeasured, ProbeSampled
from include.chaos.journal import JournalEntry, JournalWriter, SystemClock, read_journal
from include.chaos.platforms.airflow import DagRunState
from include.chaos.probes.sql import SqlProbe
from include.chaos.tolerances import Bounds, Tolerance
from tests.chaos.fakes import FakeAirflow, FakePlatform, FakeWarehouse, FakeWatch
from tests.chaos.journals import opened

PATIENCE = 30.0
PROBE = SqlProbe(
    name="lag",
    kind="sql",
    query="SELECT lag",
    every=timedelta(milliseconds=5),
    tolerance=Tolerance(ratio_to_baseline=Bounds(at_most=2)),
)


@dataclass
class Lagging(FakeWarehouse):
    """A warehouse with one figure, which a test can change."""

    lag: int = 10

    def fetch_value(self, query: str) -> int:
        return self.lag


class Heard:
    """A journal's listener that one can wait on."""

    def __init__(self) -> None:
        self._entries: list[JournalEntry] = []
        self._changed = threading.Condition()

    def __call__(self, entry: JournalEntry) -> None:
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()

    def await_sample(self, wanted: Callable[[ProbeSampled], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(
                lambda: any(isinstance(e.body, ProbeSampled) and wanted(e.body) for e in self._entries), PATIENCE
            )


def sample(journal: JournalWriter, heard: Heard) -> None:
    """Let the probe look at a lag of 10, measure the baseline, and let it look at a lag of 21."""
    warehouse = Lagging()
    services = Services(
        platform=FakePlatform(),
        airflow=FakeAirflow(),
        open_warehouse=lambda _name, _purpose: warehouse,
        clock=SystemClock(),
    )
    sampler = sampler_of(
        PROBE, services=services, journal=journal, open_warehouse=lambda: warehouse, watch=FakeWatch(), opened=opened()
    )
    sampler.start()
    heard.await_sample(lambda sampled: sampled.measurement.value == 10)
    journal.append(BaselineMeasured(unhealthy=()))
    warehouse.lag = 21
    heard.await_sample(lambda sampled: not sampled.measurement.ok)
    sampler.stop()


def test_a_ratio_is_held_against_the_looks_before_the_strike(tmp_path: Path) -> None:
    """More than twice the median is unhealthy, and each later look's judgement follows from the journal's text."""
    heard = Heard()
    journal = JournalWriter(tmp_path / "journal.jsonl", clock=SystemClock(), listener=heard)
    sample(journal, heard)
    journal.close()
    entries = read_journal(tmp_path / "journal.jsonl").entries
    baseline = baseline_median(entries, PROBE.name)
    looks = [entry.body.measurement for entry in entries if isinstance(entry.body, ProbeSampled)]
    assert baseline == 10
    last = looks[-1]
    assert last.value == 21
    assert last.ok == PROBE.tolerance.accepts(last.value, baseline=baseline)
    assert all(look.ok for look in looks if look.value == 10)


def test_the_pipelines_run_has_no_state_before_it_is_started() -> None:
    """Airflow knows no such run yet, which is not the same as silence."""
    airflow = FakeAirflow()
    run = PipelineRun(
        airflow=airflow, watch=FakeWatch(), clock=SystemClock(), dag_id="scale_pipeline", dag_run_id="run"
    )
    assert run.run_state() is None
    airflow.run = DagRunState(dag_run_id="run", state="queued")
    assert run.run_state() == "queued"

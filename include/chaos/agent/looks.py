"""Bring probes and readers together: which kind looks through what, and what its looks are held against."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from include.chaos.agent.pipeline_run import PipelineRun, TaskWatch
from include.chaos.agent.sampler import Sampler
from include.chaos.agent.services import Services, WarehouseReader
from include.chaos.baseline import baseline_median
from include.chaos.events import RunOpened
from include.chaos.journal import JournalEntry, JournalWriter
from include.chaos.model import Measurement
from include.chaos.probes.airflow import AirflowProbe
from include.chaos.probes.airflow_dag import AirflowDagProbe, DagReader
from include.chaos.probes.catalogue import Probe
from include.chaos.probes.command import CommandProbe
from include.chaos.probes.dag_run import DagRunProbe, RunStateReader
from include.chaos.probes.http import HttpProbe
from include.chaos.probes.pgbench import PgbenchProbe
from include.chaos.probes.process import ProcessProbe
from include.chaos.probes.prometheus import PrometheusProbe
from include.chaos.probes.rows_landed import RowsLandedProbe
from include.chaos.probes.s3 import S3Probe
from include.chaos.probes.spark import SparkProbe
from include.chaos.probes.sql import SqlProbe
from include.chaos.probes.tcp import TcpProbe
from include.chaos.site_readers import SiteReaders

GRACE_SECONDS = 0.25
"""What a look may take over its timeout before it counts as hanging: its reader should have ended it by then."""

JudgedLook = Callable[[float | None], Measurement]
OpenWarehouse = Callable[[], WarehouseReader]


class RunFigures(RunStateReader, DagReader, Protocol):
    """What probes read of the pipeline's run and its DAG."""


def look_of(  # noqa: C901, PLR0911  # one line for each kind
    probe: Probe, *, open_warehouse: OpenWarehouse, site: SiteReaders, run: RunFigures
) -> JudgedLook:
    """Give a look through the probe, that takes the probe's baseline median."""
    match probe:
        case SqlProbe() | RowsLandedProbe():
            return partial(probe.measure, open_warehouse())
        case TcpProbe():
            return partial(probe.measure, site.connector)
        case HttpProbe() | PrometheusProbe():
            return partial(probe.measure, site.http)
        case S3Probe():
            return partial(probe.measure, site.objects)
        case ProcessProbe():
            return partial(probe.measure, site.processes)
        case AirflowProbe():
            return partial(probe.measure, site.airflow)
        case DagRunProbe() | AirflowDagProbe():
            return partial(probe.measure, run)
        case SparkProbe():
            return partial(probe.measure, site.spark)
        case PgbenchProbe():
            return partial(probe.measure, site.bencher)
        case CommandProbe():
            return partial(probe.measure, site.commands)


def sampler_of(
    probe: Probe,
    *,
    services: Services,
    journal: JournalWriter,
    open_warehouse: OpenWarehouse,
    watch: TaskWatch,
    opened: RunOpened,
) -> Sampler:
    """Make a probe's sampler, with readers of its own."""
    run = PipelineRun(
        airflow=services.airflow,
        watch=watch,
        clock=services.clock,
        dag_id=opened.dag_id,
        dag_run_id=opened.dag_run_id,
    )
    look = look_of(probe, open_warehouse=open_warehouse, site=services.open_site(), run=run)
    return Sampler(
        probe=probe.name,
        every=probe.every.total_seconds(),
        patience=probe.patience + GRACE_SECONDS,
        look=_against_baseline(probe, look, lambda: journal.entries),
        record=lambda sampled: journal.append(sampled, durable=False),
    )


def _against_baseline(
    probe: Probe, look: JudgedLook, entries: Callable[[], Iterable[JournalEntry]]
) -> Callable[[], Measurement]:
    """Hold each look against the median that the journal gives; it is read until known, and where it is asked for."""
    if probe.tolerance.ratio_to_baseline is None:
        return partial(look, None)
    known: list[float] = []

    def take() -> Measurement:
        if not known and (found := baseline_median(entries(), probe.name)) is not None:
            known.append(found)
        return look(known[0] if known else None)

    return take

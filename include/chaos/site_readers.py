"""What probes look through, beside the warehouse and the pipeline's run; each platform opens its own."""

from dataclasses import dataclass

from include.chaos.probes.airflow import HealthReader
from include.chaos.probes.command import CommandRunner
from include.chaos.probes.http import HttpReader
from include.chaos.probes.pgbench import Bencher
from include.chaos.probes.process import ProcessReader
from include.chaos.probes.s3 import ObjectReader
from include.chaos.probes.spark import SparkReader
from include.chaos.probes.tcp import Connector


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReaders:
    """One probe's readers."""

    connector: Connector
    http: HttpReader
    objects: ObjectReader
    processes: ProcessReader
    airflow: HealthReader
    bencher: Bencher
    commands: CommandRunner
    spark: SparkReader

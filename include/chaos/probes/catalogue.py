"""The catalogue of probe kinds: a new kind is one line here, and one in `include.chaos.agent.looks.look_of`."""

from typing import Annotated

from pydantic import Field

from include.chaos.probes.airflow import AirflowProbe
from include.chaos.probes.airflow_dag import AirflowDagProbe
from include.chaos.probes.command import CommandProbe
from include.chaos.probes.dag_run import DagRunProbe
from include.chaos.probes.http import HttpProbe
from include.chaos.probes.pgbench import PgbenchProbe
from include.chaos.probes.process import ProcessProbe
from include.chaos.probes.prometheus import PrometheusProbe
from include.chaos.probes.rows_landed import RowsLandedProbe
from include.chaos.probes.s3 import S3Probe
from include.chaos.probes.spark import SparkProbe
from include.chaos.probes.sql import SqlProbe
from include.chaos.probes.tcp import TcpProbe

Probe = Annotated[
    SqlProbe
    | RowsLandedProbe
    | TcpProbe
    | HttpProbe
    | S3Probe
    | ProcessProbe
    | AirflowProbe
    | DagRunProbe
    | AirflowDagProbe
    | SparkProbe
    | PgbenchProbe
    | PrometheusProbe
    | CommandProbe,
    Field(discriminator="kind"),
]

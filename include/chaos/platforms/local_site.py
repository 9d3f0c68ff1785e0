"""The readers of a lab. The environment is read when a probe first looks, so that only what is used need be there."""

from include.chaos.platforms.addresses import LocalAddresses
from include.chaos.platforms.airflow_health import AirflowHealth
from include.chaos.platforms.commands import ProgramRunner
from include.chaos.platforms.http import HttpGetter
from include.chaos.platforms.local import LocalPlatform
from include.chaos.platforms.pgbench import Pgbench
from include.chaos.platforms.process_meter import ProcessMeter
from include.chaos.platforms.s3 import S3Reader
from include.chaos.platforms.spark_jobs import SparkJobs
from include.chaos.platforms.tcp import TcpConnector
from include.chaos.site_readers import SiteReaders
from include.settings import LocalSiteSettings


def open_local_site() -> SiteReaders:
    """Give one probe its readers."""
    addresses = LocalAddresses()
    return SiteReaders(
        connector=TcpConnector(addresses=addresses),
        http=HttpGetter(addresses=addresses),
        objects=S3Reader(),
        processes=ProcessMeter(lambda: LocalPlatform(LocalSiteSettings.from_environment())),
        airflow=AirflowHealth(),
        bencher=Pgbench(),
        commands=ProgramRunner(),
        spark=SparkJobs(),
    )

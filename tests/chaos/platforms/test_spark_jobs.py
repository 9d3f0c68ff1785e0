"""What running Spark jobs have lost, told from what has only ended."""

import pytest

from include.chaos.platforms.spark_jobs import ALL_CERTAIN_AFTER, CERTAIN_AFTER, SHOWN_FOR
from include.chaos.probes.spark import SparkPart
from tests.chaos.probes.servers import hanging
from tests.chaos.probes.spark_processes import SparkProcesses, spark_cluster

SHORT = 0.1


def lost(cluster: SparkProcesses, later: float = 0.0) -> int:
    cluster.clock.advance(later)
    return cluster.jobs.lost(SparkPart.EXECUTORS, 1)


def test_a_loss_is_told_when_it_is_certain_and_until_it_is_made_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before: executors end with their job, too, and a little earlier."""
    with hanging() as driver, spark_cluster(driver, monkeypatch) as cluster:
        cluster.start_executor()
        assert lost(cluster) == 0
        cluster.kill_executor()
        assert lost(cluster, SHORT) == 0
        assert lost(cluster, CERTAIN_AFTER) == 1
        assert lost(cluster, 100) == 1
        cluster.start_executor()
        assert lost(cluster, SHORT) == 0


def test_all_at_once_is_how_a_job_ends_until_its_driver_goes_on_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that stops takes its time, and a busy machine's more."""
    with hanging() as driver, spark_cluster(driver, monkeypatch) as cluster:
        assert lost(cluster) == 0
        cluster.kill_executor()
        assert lost(cluster) == 0
        assert lost(cluster, CERTAIN_AFTER) == 0
        assert lost(cluster, ALL_CERTAIN_AFTER - CERTAIN_AFTER - SHORT) == 0
        assert lost(cluster, CERTAIN_AFTER) == 1


def test_what_is_replaced_at_once_is_shown_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a probe which looks twice a second sees it."""
    with hanging() as driver, spark_cluster(driver, monkeypatch) as cluster:
        lost(cluster)
        cluster.kill_executor()
        cluster.start_executor()
        assert lost(cluster, SHORT) == 0
        assert lost(cluster, CERTAIN_AFTER) == 1
        assert lost(cluster, SHOWN_FOR) == 0


def test_a_job_that_has_ended_has_lost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its driver listens no more."""
    with hanging() as driver, spark_cluster(driver, monkeypatch) as cluster:
        lost(cluster)
        cluster.kill_executor()
        lost(cluster)
    assert lost(cluster, CERTAIN_AFTER) == 0

"""Airflow keeps a window's moments, through its own serialization, and only for experiments that a window names."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pendulum
import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import DataInterval, TimeRestriction

from include.orchestration.experiment_catalogue import build_experiment_dags
from include.orchestration.window_moments import LATE, next_run
from include.orchestration.window_timetable import WindowTimetable
from tests.orchestration.test_experiment_catalogue import SHIPPED
from tests.orchestration.windows_made import window

WINDOW = """\
timezone: Europe/Berlin
hours: [{weekdays: [mon, tue, wed, thu, fri], opens: "10:00", closes: "16:00"}]
experiments: [named]
"""

ANY_TIME = TimeRestriction(earliest=None, latest=None, catchup=False)


def _dags(folder: Path, said: str = WINDOW) -> dict[str, DAG]:
    (folder / "named.yaml").write_text(SHIPPED.read_text())
    (folder / "unnamed.yaml").write_text(SHIPPED.read_text())
    (folder / "scale.yaml").write_text(said)
    experiments = [folder / "named.yaml", folder / "unnamed.yaml"]
    return {dag.dag_id: dag for dag in build_experiment_dags(experiments, [folder / "scale.yaml"])}


def test_only_an_experiment_that_a_window_names_is_scheduled(tmp_path: Path) -> None:
    """All others wait for a person."""
    dags = _dags(tmp_path)
    assert isinstance(dags["chaos__named"].timetable, WindowTimetable)
    assert not dags["chaos__unnamed"].timetable.can_be_scheduled


def test_the_schedule_survives_airflows_serialization(tmp_path: Path) -> None:
    """The scheduler reads it from the database, with the plugin's help, and has the same moments."""
    dag = _dags(tmp_path)["chaos__named"]
    read_back = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    told = read_back.next_dagrun_info(last_automated_run_info=None)
    assert told is not None
    assert told.run_after > datetime.now(UTC) - LATE
    assert read_back.timetable.summary == "mon,tue,wed,thu,fri 10:00-16:00 Europe/Berlin"


def test_a_window_that_is_wrong_schedules_nothing_and_is_a_dag_that_says_so(tmp_path: Path) -> None:
    """Experiments can still be started by a person."""
    dags = _dags(tmp_path, WINDOW.replace("Berlin", "Berlinn"))
    assert not dags["chaos__named"].timetable.can_be_scheduled
    assert "scale.yaml:1:1: timezone: no time zone" in str(dags["chaos__window_scale"].doc_md)


def test_runs_follow_each_other_and_none_is_made_up_for() -> None:
    """Behind the last run; what lies in the past by more than a run may be late is over."""
    made = window()
    timetable = WindowTimetable(made, "one")
    first = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=ANY_TIME)
    assert first is not None
    assert first.run_after == next_run(made, "one", datetime.now(UTC) - LATE)
    interval = DataInterval.exact(first.run_after)
    second = timetable.next_dagrun_info(last_automated_data_interval=interval, restriction=ANY_TIME)
    assert second is not None
    assert second.run_after == next_run(made, "one", first.run_after)
    long_ago = DataInterval.exact(pendulum.instance(datetime(2020, 1, 1, tzinfo=UTC)))
    for catchup in (True, False):
        restriction = TimeRestriction(earliest=long_ago.start, latest=None, catchup=catchup)
        assert timetable.next_dagrun_info(last_automated_data_interval=long_ago, restriction=restriction) == first


@pytest.mark.parametrize("days", [0, 30])
def test_the_dags_own_first_and_last_dates_are_kept(days: int) -> None:
    """`start_date` and `end_date` belong to the restriction that Airflow passes."""
    made = window()
    timetable = WindowTimetable(made, "one")
    moment = next_run(made, "one", datetime.now(UTC) + timedelta(days=days))
    assert moment is not None
    at = pendulum.instance(moment)
    told = timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(earliest=at, latest=at, catchup=False)
    )
    assert told is not None
    assert told.run_after == at
    over = TimeRestriction(earliest=at, latest=at.subtract(seconds=1), catchup=False)
    assert timetable.next_dagrun_info(last_automated_data_interval=None, restriction=over) is None

"""Makes known to Airflow what is ours; it holds nothing else."""

from airflow.plugins_manager import AirflowPlugin

from include.orchestration.window_timetable import WindowTimetable


class ChaosControlPlugin(AirflowPlugin):
    """The timetable of chaos windows."""

    name = "chaos_control"
    timetables = [WindowTimetable]  # noqa: RUF012  # Airflow's own attribute

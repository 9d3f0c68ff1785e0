"""Makes known to Airflow what is ours; it holds nothing else."""

from functools import cache
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from include.orchestration import names
from include.orchestration.console_links import ExperimentRunLink, external_views
from include.orchestration.window_timetable import WindowTimetable


class Console:
    """The console, made when the first page is asked for: every process of Airflow loads plugins, one serves pages."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401  # ASGI's own types
        """Hand a request on."""
        await _console()(scope, receive, send)


@cache
def _console() -> Any:  # noqa: ANN401  # as above
    from include.console.app import build_console
    from include.orchestration.console_access import AirflowAccess, connect_agent_to_look

    return build_console(AirflowAccess(), connect_agent_to_look, names, names.CONSOLE_AT)


class ChaosControlPlugin(AirflowPlugin):
    """The timetable of chaos windows, the console and the ways to it."""

    name = "chaos_control"
    timetables = [WindowTimetable]  # noqa: RUF012  # Airflow's own attribute
    fastapi_apps = [{"app": Console(), "url_prefix": names.CONSOLE_AT, "name": "Chaos Control"}]  # noqa: RUF012  # as above
    external_views = external_views()
    operator_extra_links = [ExperimentRunLink()]  # noqa: RUF012  # as above

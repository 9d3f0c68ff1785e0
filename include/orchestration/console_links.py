"""Links to the console from Airflow's menu and from its pages of a DAG, a run and a task; and from waiting tasks."""

from urllib.parse import quote, urlsplit

from airflow.configuration import conf
from airflow.sdk import BaseOperator, BaseOperatorLink
from airflow.sdk.types import TaskInstanceKey

from include.orchestration.names import CONSOLE_AT, experiment_of_dag, experiment_run_id

_PLACES = {
    "dag": "/dags/{DAG_ID}",
    "dag_run": "/dags/{DAG_ID}/runs/{RUN_ID}",
    "task": "/dags/{DAG_ID}/tasks/{TASK_ID}",
    "task_instance": "/dags/{DAG_ID}/runs/{RUN_ID}",
}
"""A tab of each kind of page, and what of the console it shows; Airflow fills in the ids."""


def external_views() -> list[dict[str, str]]:
    """Give the console's page in Airflow's menu, and its tabs."""
    console = f"{_root()}{CONSOLE_AT}"
    menu = {"name": "Chaos", "href": f"{console}/", "destination": "nav", "url_route": "chaos"}
    tabs = [
        {"name": "Chaos", "href": f"{console}{path}", "destination": place, "url_route": f"chaos-{place}"}
        for place, path in _PLACES.items()
    ]
    icons = {"icon": f"{console}/assets/icon.svg", "icon_dark_mode": f"{console}/assets/icon-dark.svg"}
    return [view | icons for view in (menu, *tabs)]


class ExperimentRunLink(BaseOperatorLink):
    """From a task of an experiment's DAG to its run in the console, within Airflow's own page."""

    name = "Watch in Chaos Control"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002  # Airflow's signature
        """Address the run, whose page Airflow's own shows at the same path below its menu's entry."""
        run_id = experiment_run_id(experiment_of_dag(ti_key.dag_id), ti_key.run_id)
        return f"{_root()}/plugin/chaos{CONSOLE_AT}/runs/{quote(run_id, safe='')}"


def _root() -> str:
    """Give the path under which Airflow itself is served."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")

"""Airflow's environment and its health."""

import json

from include.lab import airflow_settings
from include.lab.plan import Plan
from include.settings import WarehouseSettings


def test_the_warehouse_connection_is_the_warehouse_of_the_settings(plan: Plan) -> None:
    """One address, said twice."""
    connection = json.loads(airflow_settings.environment(plan)["AIRFLOW_CONN_SCALE_WAREHOUSE"])
    assert (
        WarehouseSettings(
            host=connection["host"],
            port=connection["port"],
            dbname=connection["schema"],
            user=connection["login"],
            password=connection["password"],
        )
        == plan.warehouse()
    )


def test_airflow_is_bound_to_loopback(plan: Plan) -> None:
    """Its default is every interface."""
    environment = airflow_settings.environment(plan)
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == f"{plan.url('airflow_api_server')}/execution/"


def test_tasks_get_connections_and_not_the_settings(plan: Plan) -> None:
    """Inside Airflow there is one way to an address; folders are no addresses."""
    settings = plan.environment().keys() - {"CHAOS_CONTROL_LAB", "CHAOS_FAILPOINTS_HOME", "CHAOS_TWINS_HOME"}
    assert settings.isdisjoint(airflow_settings.environment(plan))


def test_process_titles_leave_the_environment_alone(plan: Plan) -> None:
    """The reaper knows a lab's processes by it."""
    assert airflow_settings.environment(plan)["SPT_NOENV"] == "1"


def test_the_labs_spark_submit_comes_first(plan: Plan) -> None:
    """The wrapper binds the JVM's life to its task."""
    assert airflow_settings.environment(plan)["PATH"].split(":")[0] == str(plan.home.bin)

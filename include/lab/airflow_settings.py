"""Airflow's configuration, as the environment of its processes."""

import json
import sys
from pathlib import Path

from include.lab import spark
from include.lab.layout import HOME_VARIABLE, LabHome
from include.lab.plan import AIRFLOW_AGENT_USER, AIRFLOW_USER, LOOPBACK, Plan
from include.settings import REPO_ROOT

# Defaults are for clusters: here a killed component is back in seconds, and what its death stopped must be noticed in
# seconds too. Each key is section, option.
_TUNED = {
    ("scheduler", "task_instance_heartbeat_timeout"): "45",  # longer than a restart of the API server takes
    ("scheduler", "task_instance_heartbeat_timeout_detection_interval"): "3",
    ("scheduler", "orphaned_tasks_check_interval"): "10",
    ("scheduler", "scheduler_health_check_threshold"): "10",
    ("scheduler", "job_heartbeat_sec"): "2",
    ("scheduler", "scheduler_heartbeat_sec"): "1",
    ("scheduler", "trigger_timeout_check_interval"): "5",  # so that a dead triggerer is noticed while leases live
    ("scheduler", "task_queued_timeout"): "60",
    ("scheduler", "task_queued_timeout_check_interval"): "10",
    ("workers", "min_heartbeat_interval"): "1",
    ("workers", "max_failed_heartbeats"): "30",
    ("workers", "execution_api_retries"): "8",
    ("workers", "execution_api_retry_wait_max"): "5",
    ("triggerer", "job_heartbeat_sec"): "2",
    ("dag_processor", "refresh_interval"): "5",
    ("dag_processor", "min_file_process_interval"): "30",
}

_FIXED = {
    ("core", "executor"): "LocalExecutor",
    ("core", "parallelism"): "4",
    ("core", "load_examples"): "False",
    ("core", "dags_are_paused_at_creation"): "False",
    ("core", "dags_folder"): str(REPO_ROOT / "dags"),
    ("core", "plugins_folder"): str(REPO_ROOT / "plugins"),
    ("core", "simple_auth_manager_users"): f"{AIRFLOW_USER}:admin,{AIRFLOW_AGENT_USER}:op",
    ("api", "host"): LOOPBACK,  # the default is every interface
    ("api", "workers"): "1",
    ("metrics", "statsd_on"): "False",
    ("metrics", "otel_on"): "False",
    ("traces", "otel_on"): "False",
    ("usage_data_collection", "enabled"): "False",
}


def environment(plan: Plan) -> dict[str, str]:
    """Give all variables of an Airflow process, secrets included."""
    options = _FIXED | _TUNED | _of_this_lab(plan)
    named = {f"AIRFLOW__{section}__{option}".upper(): value for (section, option), value in options.items()}
    shared = spark.environment(plan) | plan.failpoints().to_environment() | plan.twins().to_environment()
    return shared | named | _connections(plan) | _surroundings(plan.home)


def login_file(home: LabHome) -> Path:
    """Where Airflow reads the password of its one user."""
    return home.data / "airflow" / "login.json"


def _of_this_lab(plan: Plan) -> dict[tuple[str, str], str]:
    home, secret, url = plan.home, plan.credentials, plan.url("airflow_api_server")
    database = f"postgresql+psycopg2://airflow:{secret.airflow_db}@{LOOPBACK}:{plan.ports['control_db']}/airflow"
    return {
        ("core", "fernet_key"): secret.airflow_fernet_key,
        ("core", "simple_auth_manager_passwords_file"): str(login_file(home)),
        ("core", "execution_api_server_url"): f"{url}/execution/",
        ("database", "sql_alchemy_conn"): database,
        ("api", "port"): str(plan.ports["airflow_api_server"]),
        ("api", "base_url"): url,
        ("api", "secret_key"): secret.airflow_api,
        ("api_auth", "jwt_secret"): secret.airflow_jwt,
        ("logging", "base_log_folder"): str(home.logs / "airflow"),
        ("logging", "dag_processor_child_process_log_directory"): str(home.logs / "airflow" / "dag_processor"),
    }


def _surroundings(home: LabHome) -> dict[str, str]:
    folders = (home.bin, Path(sys.executable).parent)
    return {
        "AIRFLOW_HOME": str(home.data / "airflow"),
        "PATH": ":".join([*map(str, folders), "/usr/local/bin", "/usr/bin", "/bin"]),
        "ORDERS_SCHEDULE": "",  # nothing runs in a lab but what somebody starts
        "SPT_NOENV": "1",  # or process titles overwrite the environment by which a lab's processes are known
        HOME_VARIABLE: str(home.path),
    }


def _connections(plan: Plan) -> dict[str, str]:
    warehouse, journal, store, agent = plan.warehouse(), plan.journal_database(), plan.object_store(), plan.agent()
    described: dict[str, dict[str, object]] = {
        "scale_warehouse": {"conn_type": "postgres", "schema": warehouse.dbname}
        | _login(warehouse.host, warehouse.port, warehouse.user, warehouse.password.get_secret_value()),
        "chaos_journal": {"conn_type": "postgres", "schema": journal.dbname}
        | _login(journal.host, journal.port, journal.user, journal.password.get_secret_value()),
        "scale_s3": {
            "conn_type": "aws",
            "login": store.access_key_id,
            "password": store.secret_access_key.get_secret_value(),
            "extra": {"endpoint_url": store.endpoint, "region_name": store.region},
        },
        "chaos_agent": {
            "conn_type": "http",
            "host": LOOPBACK,
            "port": plan.ports["agent"],
            "password": agent.token.get_secret_value(),
        },
        "spark_default": {"conn_type": "spark", "host": f"spark://{LOOPBACK}", "port": plan.ports["spark_master"]},
    }
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(connection) for name, connection in described.items()}


def _login(host: str, port: int, user: str, password: str) -> dict[str, object]:
    return {"host": host, "port": port, "login": user, "password": password}

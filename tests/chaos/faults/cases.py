"""The scenes that the contract suite runs over: a new kind is one line here, or in a module with many."""

from collections.abc import Mapping

from tests.chaos.faults import (
    airflow_cases,
    database_cases,
    failpoint_cases,
    network_cases,
    object_store_cases,
    process_cases,
    python_cases,
    stop_and_go_cases,
)
from tests.chaos.faults.scene import Case

CASES: Mapping[str, Case] = {
    "bandwidth": network_cases.bandwidth,
    "blackhole": network_cases.blackhole,
    "corrupt": network_cases.corrupt,
    "crash": database_cases.crash,
    "crash_at": failpoint_cases.crash_at,
    "delay_at": failpoint_cases.delay_at,
    "exhaust_connections": database_cases.exhaust_connections,
    "idle_in_transaction": database_cases.idle_in_transaction,
    "kill": process_cases.kill,
    "latency": network_cases.latency,
    "lock_table": database_cases.lock_table,
    "clear_running_task": airflow_cases.clear_running_task,
    "duplicate_run": airflow_cases.duplicate_run,
    "lose_node": process_cases.lose_node,
    "noop": process_cases.noop,
    "partition": network_cases.partition,
    "pause": process_cases.pause,
    "python": python_cases.python,
    "read_only": database_cases.read_only,
    "reset": network_cases.reset,
    "slow_close": network_cases.slow_close,
    "slow_queries": database_cases.slow_queries,
    "terminate_sessions": database_cases.terminate_sessions,
    "truncate": network_cases.truncate,
    **object_store_cases.CASES,
    "pool_exhaustion": airflow_cases.pool_exhaustion,
    "slow_process": stop_and_go_cases.slow_process,
    "task_failure": failpoint_cases.task_failure,
    "task_zombie": stop_and_go_cases.task_zombie,
}

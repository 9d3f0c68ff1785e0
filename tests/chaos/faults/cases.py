"""The scenes that the contract suite runs over, one for each fault kind: a new kind is one line here."""

from collections.abc import Mapping

from tests.chaos.faults import airflow_cases, failpoint_cases, process_cases, stop_and_go_cases
from tests.chaos.faults.scene import Case

CASES: Mapping[str, Case] = {
    "clear_running_task": airflow_cases.clear_running_task,
    "crash_at": failpoint_cases.crash_at,
    "delay_at": failpoint_cases.delay_at,
    "duplicate_run": airflow_cases.duplicate_run,
    "kill": process_cases.kill,
    "lose_node": process_cases.lose_node,
    "noop": process_cases.noop,
    "pause": process_cases.pause,
    "pool_exhaustion": airflow_cases.pool_exhaustion,
    "slow_process": stop_and_go_cases.slow_process,
    "task_failure": failpoint_cases.task_failure,
    "task_zombie": stop_and_go_cases.task_zombie,
}

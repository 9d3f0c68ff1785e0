"""The scenes that the contract suite runs over: a new kind is one line here, or in a module with many."""

from collections.abc import Mapping

from tests.chaos.faults import failpoint_cases, object_store_cases, process_cases
from tests.chaos.faults.scene import Case

CASES: Mapping[str, Case] = {
    "crash_at": failpoint_cases.crash_at,
    "delay_at": failpoint_cases.delay_at,
    "kill": process_cases.kill,
    "noop": process_cases.noop,
    "pause": process_cases.pause,
    **object_store_cases.CASES,
}

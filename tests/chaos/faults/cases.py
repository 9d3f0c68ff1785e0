"""The scenes that the contract suite runs over, one for each fault kind: a new kind is one line here."""

from collections.abc import Mapping

from tests.chaos.faults import failpoint_cases, process_cases, python_cases
from tests.chaos.faults.scene import Case

CASES: Mapping[str, Case] = {
    "crash_at": failpoint_cases.crash_at,
    "delay_at": failpoint_cases.delay_at,
    "kill": process_cases.kill,
    "noop": process_cases.noop,
    "pause": process_cases.pause,
    "python": python_cases.python,
}

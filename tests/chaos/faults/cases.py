"""The scenes that the contract suite runs over, one for each fault kind: a new kind is one line here."""

from collections.abc import Mapping

from tests.chaos.faults import clock_cases, failpoint_cases, process_cases, stress_cases
from tests.chaos.faults.scene import Case

CASES: Mapping[str, Case] = {
    "clock_skew": clock_cases.clock_skew,
    "cpu_stress": stress_cases.cpu_stress,
    "crash_at": failpoint_cases.crash_at,
    "crash_loop": process_cases.crash_loop,
    "delay_at": failpoint_cases.delay_at,
    "file_descriptor_exhaustion": process_cases.file_descriptor_exhaustion,
    "io_stress": stress_cases.io_stress,
    "kill": process_cases.kill,
    "memory_stress": stress_cases.memory_stress,
    "noop": process_cases.noop,
    "pause": process_cases.pause,
    "restart": process_cases.restart,
}

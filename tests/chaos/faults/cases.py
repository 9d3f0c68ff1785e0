"""The scenes that the contract suite runs over, one for each fault kind: a new kind is one line here."""

from collections.abc import Mapping

from tests.chaos.faults import failpoint_cases, network_cases, process_cases
from tests.chaos.faults.scene import Case

CASES: Mapping[str, Case] = {
    "bandwidth": network_cases.bandwidth,
    "blackhole": network_cases.blackhole,
    "corrupt": network_cases.corrupt,
    "crash_at": failpoint_cases.crash_at,
    "delay_at": failpoint_cases.delay_at,
    "kill": process_cases.kill,
    "latency": network_cases.latency,
    "noop": process_cases.noop,
    "partition": network_cases.partition,
    "pause": process_cases.pause,
    "reset": network_cases.reset,
    "slow_close": network_cases.slow_close,
    "truncate": network_cases.truncate,
}

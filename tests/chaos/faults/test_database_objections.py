"""What a fault of a PostgreSQL asks of a strike, before anything is touched."""

from typing import Any

import pytest
from pydantic import ValidationError

from include.chaos.experiment import Strike

HELD: tuple[dict[str, Any], ...] = (
    {"kind": "exhaust_connections"},
    {"kind": "idle_in_transaction", "relation": "scale.reading"},
    {"kind": "lock_table", "relation": "scale.reading"},
    {"kind": "read_only"},
    {"kind": "slow_queries"},
)
AT_ONCE: tuple[dict[str, Any], ...] = ({"kind": "crash"}, {"kind": "terminate_sessions"})


def kind_of(fault: dict[str, Any]) -> str:
    return str(fault["kind"])


def strike(fault: dict[str, Any], component: str = "warehouse", hold_for: str = "0s") -> Strike:
    return Strike.model_validate(
        {
            "name": "strike",
            "fault": fault,
            "target": {"component": component},
            "strike_point": {"stage": "publish", "at": "start"},
            "hold_for": hold_for,
        }
    )


@pytest.mark.parametrize("fault", HELD, ids=kind_of)
def test_what_only_lasts_is_refused_without_a_hold(fault: dict[str, Any]) -> None:
    """It would be undone in the moment in which it is done."""
    assert strike(fault, hold_for="5s")
    with pytest.raises(ValidationError, match="expected `hold_for`"):
        strike(fault)


@pytest.mark.parametrize("fault", AT_ONCE, ids=kind_of)
def test_what_happens_at_once_needs_no_hold(fault: dict[str, Any]) -> None:
    """With one it lasts, without one it is over."""
    assert strike(fault)
    assert strike(fault, hold_for="5s")


@pytest.mark.parametrize("fault", HELD + AT_ONCE, ids=kind_of)
@pytest.mark.parametrize("component", ["object_store", "control_db", "pipeline"])
def test_other_targets_are_refused(fault: dict[str, Any], component: str) -> None:
    """Only a PostgreSQL that the agent administers; the control database is none."""
    with pytest.raises(ValidationError, match="expected `component: warehouse`"):
        strike(fault, component, hold_for="5s")

"""Claims about how a gate takes its rules, and what becomes of them."""

import time
from collections.abc import Iterator

import pytest

from include.chaos.model import TargetInstance
from include.chaos.platforms.object_gate import ObjectGate
from include.object_gate.rules import ErrorAnswer, Rule
from tests.object_gate.gates import RunningGate, gate_before
from tests.scale.servers import free_port

RULE = Rule(bucket="songs", effect=ErrorAnswer(status=503, code="SlowDown", message="m"))


class NoProcesses:
    """Nobody asks for processes here."""

    def resolve_again(self, instance: TargetInstance) -> TargetInstance:
        return instance

    def is_running(self, instance: TargetInstance) -> bool:
        return False


@pytest.fixture
def gate() -> Iterator[RunningGate]:
    """A gate before nothing."""
    with gate_before(f"http://127.0.0.1:{free_port()}") as running:
        yield running


@pytest.fixture
def control(gate: RunningGate) -> ObjectGate:
    """What the platform does with it."""
    return ObjectGate(NoProcesses(), gate.settings)


def test_a_rule_is_set_seen_and_dropped(gate: RunningGate, control: ObjectGate) -> None:
    """Twice each, which changes nothing."""
    for _ in range(2):
        control.set_rule("r", RULE)
        assert control.has_rule("r")
    held = gate.get("r")
    assert held
    assert held.rule == RULE
    for _ in range(2):
        control.drop_rule("r")
        assert not control.has_rule("r")


def test_a_rule_that_has_expired_does_not_stand(gate: RunningGate, control: ObjectGate) -> None:
    """A gate needs nobody for that."""
    control.set_rule("r", RULE.model_copy(update={"expires_at": time.time() - 1}))
    assert not control.has_rule("r")
    assert gate.ask("GET", "/rules").json() == []


def test_a_rule_ends_with_its_gate(gate: RunningGate, control: ObjectGate) -> None:
    """A gate that is gone holds nothing: the fault is seen to be lost, and there is nothing to undo."""
    control.set_rule("r", RULE)
    gate.process.kill()
    gate.process.wait()
    assert not control.has_rule("r")
    control.drop_rule("r")


def test_strangers_are_refused(gate: RunningGate) -> None:
    """Whatever they ask for."""
    for method, path in [("GET", "/rules"), ("GET", "/health"), ("PUT", "/rules/r"), ("DELETE", "/rules/r")]:
        assert gate.ask(method, path, content=RULE.model_dump_json(), token="guessed").status_code == 401


def test_what_is_no_rule_is_refused(gate: RunningGate) -> None:
    """It is said what is wrong."""
    refusal = gate.ask("PUT", "/rules/r", content='{"bucket": "songs", "effect": {"kind": "explode"}}')
    assert refusal.status_code == 422
    assert "explode" in refusal.text

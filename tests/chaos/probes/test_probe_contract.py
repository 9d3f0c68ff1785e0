"""What every probe kind keeps: it measures honestly, it says why it could not, and it is bounded in time."""

from datetime import timedelta
from queue import SimpleQueue
from typing import get_args

import pytest

from include.chaos.agent.looks import GRACE_SECONDS
from include.chaos.agent.sampler import Sampler
from include.chaos.events import ProbeSampled
from include.chaos.probes.base import ProbeBase
from include.chaos.probes.catalogue import Probe
from include.chaos.steadiness import BLIND_AFTER
from tests.chaos.probes.cases import CASES, State

PATIENCE = 30.0

KINDS: tuple[type[ProbeBase], ...] = get_args(get_args(Probe)[0])


def kind_of(model: type[ProbeBase]) -> str:
    (kind,) = get_args(model.model_fields["kind"].annotation)
    return str(kind)


every_kind = pytest.mark.parametrize("kind", [kind_of(model) for model in KINDS])


@every_kind
def test_every_kind_has_a_case(kind: str) -> None:
    """A kind that this suite does not try is not a kind."""
    assert kind in CASES


@every_kind
def test_what_is_healthy_is_seen_to_be(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value within tolerance is ok, and kept."""
    with CASES[kind](State.HEALTHY, monkeypatch) as (_, look):
        seen = look(None)
    assert seen.ok, seen.error
    assert seen.value is not None


@every_kind
def test_what_is_unhealthy_is_seen_to_be(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value out of tolerance, or a reason why there is none, is not ok."""
    with CASES[kind](State.UNHEALTHY, monkeypatch) as (_, look):
        seen = look(None)
    assert not seen.ok
    assert (seen.value is None) == (seen.error is not None)


@every_kind
def test_what_cannot_be_reached_is_a_failed_look_with_its_reason(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is raised, no value is made up, and the reason is in one piece."""
    with CASES[kind](State.UNREACHABLE, monkeypatch) as (_, look):
        seen = look(None)
    assert not seen.ok
    assert seen.value is None
    assert seen.error


@every_kind
def test_what_hangs_is_a_failed_look_in_time(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent's clock goes on over a server that never answers, and journals that it does not."""
    with CASES[kind](State.HANGING, monkeypatch) as (probe, look):
        samples: SimpleQueue[ProbeSampled] = SimpleQueue()
        sampler = Sampler(
            probe=probe.name, every=0.01, patience=probe.patience, look=lambda: look(None), record=samples.put
        )
        sampler.start()
        first, second = samples.get(timeout=PATIENCE), samples.get(timeout=PATIENCE)
        sampler.stop()
    assert not first.measurement.ok
    assert first.measurement.error
    assert not second.measurement.ok


@every_kind
def test_a_probe_survives_being_written_and_read(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal keeps the experiment as text: a probe read from it must be the same."""
    with CASES[kind](State.UNREACHABLE, monkeypatch) as (probe, _):
        written = probe.model_dump(mode="json", exclude_none=True)
        assert type(probe).model_validate(written) == probe


@every_kind
def test_a_kind_looks_often_enough_not_to_be_blind(kind: str) -> None:
    """A look, the wait for the next, and that one's hanging until it is reported, are shorter than blindness."""
    fields = next(model for model in KINDS if kind_of(model) == kind).model_fields
    longest = fields["every"].default + fields["timeout"].default + timedelta(seconds=GRACE_SECONDS)
    assert longest < BLIND_AFTER

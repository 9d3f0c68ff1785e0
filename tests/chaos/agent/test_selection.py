"""Targets are selected among the eligible, by a seed, and never beyond the blast radius."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.chaos.agent.selection import eligible_instances, require_within, select_instances
from include.chaos.model import (
    BlastRadius,
    Component,
    FixedCount,
    PercentOfInstances,
    Target,
    TargetInstance,
    TargetMode,
)
from include.errors import LeaseError

WORKERS = [TargetInstance(name=f"spark_worker_{n}", component="spark_worker") for n in range(1, 6)]


def _target(mode: TargetMode | FixedCount | PercentOfInstances, *exclude: str) -> Target:
    return Target(component=Component.SPARK_WORKER, mode=mode, exclude=exclude)


def _radius(max_targets: int = 5, max_share: float = 1.0) -> BlastRadius:
    return BlastRadius(
        max_targets=max_targets,
        max_share=max_share,
        max_duration=timedelta(minutes=1),
        allowed_targets=frozenset({Component.SPARK_WORKER}),
    )


@pytest.mark.parametrize(
    ("mode", "count"),
    [
        (TargetMode.ALL, 5),
        (TargetMode.ONE, 1),
        (FixedCount(fixed=3), 3),
        (PercentOfInstances(percent=0.4), 2),
        (PercentOfInstances(percent=0.41), 3),
        (PercentOfInstances(percent=0.01), 1),
    ],
)
def test_a_mode_selects_its_number(mode: TargetMode | FixedCount | PercentOfInstances, count: int) -> None:
    """One, all, a fixed number, or a share rounded up, so that a share is never nobody."""
    assert len(select_instances(_target(mode), WORKERS, seed="s")) == count


@given(st.text(max_size=8), st.permutations(WORKERS))
def test_a_seed_selects_the_same_in_whatever_order_instances_come(seed: str, order: list[TargetInstance]) -> None:
    """The choice can be made again from the journal's seed."""
    target = _target(FixedCount(fixed=2))
    assert select_instances(target, order, seed=seed) == select_instances(target, WORKERS, seed=seed)


def test_every_instance_is_selected_by_some_seed() -> None:
    """No instance is out of reach of the choice."""
    chosen = {select_instances(_target(TargetMode.ONE), WORKERS, seed=str(n))[0].name for n in range(100)}
    assert chosen == {worker.name for worker in WORKERS}


def test_more_than_there_are_is_refused() -> None:
    """A fixed number that cannot be had is no smaller strike."""
    with pytest.raises(LeaseError, match="asks for more than the 5 eligible"):
        select_instances(_target(FixedCount(fixed=6)), WORKERS, seed="s")


def test_excluding_what_is_not_there_is_refused() -> None:
    """A mistyped exclusion would let the wrong instance be struck."""
    with pytest.raises(LeaseError, match="spark_worker_9"):
        eligible_instances(_target(TargetMode.ONE, "spark_worker_9"), WORKERS)


def test_the_blast_radius_bounds_number_and_share() -> None:
    """Three of five are within 60 %, and more than two."""
    selected, everyone = {"spark_worker_1", "spark_worker_2", "spark_worker_3"}, {w.name for w in WORKERS}
    require_within(_radius(max_share=0.6), selected=selected, of_component=everyone)
    with pytest.raises(LeaseError, match="max_share allows 40%"):
        require_within(_radius(max_share=0.4), selected=selected, of_component=everyone)
    with pytest.raises(LeaseError, match="max_targets allows 2"):
        require_within(_radius(max_targets=2), selected=selected, of_component=everyone)

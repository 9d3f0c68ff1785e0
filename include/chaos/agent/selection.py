"""Which instances a strike hits: eligible first, then selected. Pure; the same seed always selects the same."""

import hashlib
import math
from collections.abc import Collection, Sequence

from include.chaos.model import BlastRadius, FixedCount, PercentOfInstances, Target, TargetInstance, TargetMode
from include.errors import LeaseError

_ROUNDING = 1e-9
"""What the product of a share and a count may be off a whole number."""


def eligible_instances(target: Target, resolved: Sequence[TargetInstance]) -> tuple[TargetInstance, ...]:
    """Take the excluded instances out before any is selected; raise `LeaseError` if one is unknown or none is left."""
    if unknown := set(target.exclude) - {instance.name for instance in resolved}:
        raise LeaseError(f"target {target.component}: exclude names {', '.join(sorted(unknown))}, which is not there")
    eligible = tuple(instance for instance in resolved if instance.name not in target.exclude)
    if not eligible:
        there = ", ".join(instance.name for instance in resolved) or "none"
        raise LeaseError(f"target {target.component}: nothing is left to strike; resolved: {there}, all excluded")
    return eligible


def select_instances(target: Target, eligible: Sequence[TargetInstance], *, seed: str) -> tuple[TargetInstance, ...]:
    """Select as many as `mode` asks for, those first whose names hash lowest with the seed, in order of their names."""
    count = _count(target, len(eligible))
    if count > len(eligible):
        raise LeaseError(f"target {target.component}: `fixed: {count}` asks for more than the {len(eligible)} eligible")
    drawn = sorted(eligible, key=lambda instance: hashlib.sha256(f"{seed}/{instance.name}".encode()).digest())
    return tuple(sorted(drawn[:count], key=lambda instance: instance.name))


def require_within(radius: BlastRadius, *, selected: Collection[str], of_component: Collection[str]) -> None:
    """Raise `LeaseError` when the instances that all strikes have selected are more than the blast radius allows.

    `of_component` are all instances of the component that was selected from last.
    """
    if len(selected) > radius.max_targets:
        raise LeaseError(
            f"the strikes select {len(selected)} instances ({', '.join(sorted(selected))}); "
            f"blast_radius.max_targets allows {radius.max_targets}"
        )
    hit = len(set(selected) & set(of_component))
    if hit > radius.max_share * len(of_component) + _ROUNDING:
        raise LeaseError(
            f"the strikes select {hit} of {len(of_component)} instances of one component; "
            f"blast_radius.max_share allows {radius.max_share:.0%}"
        )


def _count(target: Target, eligible: int) -> int:
    match target.mode:
        case TargetMode.ALL:
            return eligible
        case TargetMode.ONE:
            return 1
        case FixedCount(fixed=count):
            return count
        case PercentOfInstances(percent=share):
            return math.ceil(share * eligible - _ROUNDING)

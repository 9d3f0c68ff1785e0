"""What an experiment would do now: asked before anything runs, answered without touching or writing anything."""

from collections.abc import Callable, Iterable, Iterator

from include.chaos.agent.injector import Platform
from include.chaos.dry_run import StrikePlan
from include.chaos.experiment import Experiment
from include.chaos.model import Model
from include.chaos.validation import examine
from include.errors import GuardrailError, PlatformError

Rule = Callable[[Experiment], None]
"""Raises `GuardrailError` when it forbids the experiment."""


class Plan(Model):
    """Every strike in words; with `objections`, the experiment would be refused."""

    strikes: tuple[StrikePlan, ...]
    objections: tuple[str, ...] = ()


def plan_experiment(experiment: Experiment, platform: Platform, rules: Iterable[Rule]) -> Plan:
    """Say what an experiment would strike, and everything that speaks against it."""
    examined = examine(experiment, platform)
    objections = (*_forbidden(experiment, rules), *_impossible(experiment, platform), *examined.objections)
    return Plan(strikes=examined.strikes, objections=objections)


def _forbidden(experiment: Experiment, rules: Iterable[Rule]) -> Iterator[str]:
    for rule in rules:
        try:
            rule(experiment)
        except GuardrailError as error:
            yield str(error)


def _impossible(experiment: Experiment, platform: Platform) -> Iterator[str]:
    for strike in experiment.strikes:
        try:
            platform.ability(strike.fault.ability())
        except PlatformError as error:
            yield f"strike {strike.name}: `{strike.fault.kind}`: {error}"

"""One run's changes to an experiment: within what its file allows, and validated as a whole before anything runs."""

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from include.chaos.experiment import Experiment, Strike
from include.chaos.model import Duration, FixedCount, Model, PercentOfInstances, StrikePoint, TargetMode
from include.errors import ConfigurationError


class StrikeChange(Model):
    """What a run does otherwise than the file says about one strike; what is None stays."""

    strike: str
    instances: tuple[str, ...] | None = None
    mode: TargetMode | FixedCount | PercentOfInstances | None = None
    hold_for: Duration | None = None
    strike_point: StrikePoint | None = None

    def apply(self, strike: Strike) -> dict[str, object]:
        """Give the strike's content with the change in it."""
        content = strike.model_dump(mode="json", exclude_none=True)
        told = self.model_dump(mode="json", exclude_none=True, exclude={"strike"})
        target = {name: told.pop(name) for name in ("instances", "mode") if name in told}
        return {**content, **told, "target": {**content["target"], **target}}


def change_experiment(experiment: Experiment, changes: Sequence[StrikeChange]) -> Experiment:
    """Give the experiment as one run conducts it; raise `ConfigurationError` when a change reaches beyond the file.

    A changed experiment has no expected verdict: what its author expected was of other strikes.
    """
    if not changes:
        return experiment
    if wider := [said for change in changes for said in _reaches_beyond(experiment, change)]:
        raise ConfigurationError("; ".join(wider))
    changed = {change.strike: change.apply(experiment.strike(change.strike)) for change in changes}
    content = experiment.model_dump(mode="json", exclude_none=True, exclude={"expected_verdict"})
    content["strikes"] = [changed.get(strike["name"], strike) for strike in content["strikes"]]
    try:
        return Experiment.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError("; ".join(_sentences(error))) from error


def _reaches_beyond(experiment: Experiment, change: StrikeChange) -> Iterator[str]:
    named = experiment.strike(change.strike).target.instances
    if change.instances is not None and named:
        if foreign := sorted(set(change.instances) - set(named)):
            yield f"strike {change.strike}: {', '.join(foreign)} is not among the file's instances: {', '.join(named)}"
        if not change.instances:
            yield f"strike {change.strike}: no instances would mean all; the file allows only {', '.join(named)}"
    most = experiment.blast_radius.max_targets
    if isinstance(change.mode, FixedCount) and change.mode.fixed > most:
        yield f"strike {change.strike}: {change.mode.fixed} instances are more than blast_radius.max_targets, {most}"


def _sentences(error: ValidationError) -> Iterator[str]:
    for detail in error.errors():
        yield str(detail.get("ctx", {}).get("error", detail["msg"]))

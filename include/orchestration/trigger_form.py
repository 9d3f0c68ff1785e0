"""The trigger form of an experiment's DAG: what it asks, and what one run's answers change.

A form's default is what the experiment's file says; an answer that equals it changes nothing.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import Param

from include.chaos.experiment import Experiment, Strike
from include.chaos.model import (
    FixedCount,
    PercentOfInstances,
    StagePoint,
    StrikePoint,
    Target,
    TargetMode,
    format_duration,
)
from include.chaos.overrides import StrikeChange
from include.chaos.pipeline import Pipeline

ABLATE = "ablate"
DRY_RUN = "dry_run"
PIPELINE_CONF = "pipeline_conf"

_MOST_OFFERED = 20
"""A select is no place for more counts than that."""

_Section = Mapping[str, Any]
"""Further keys of a field's JSON schema."""

_PERCENT = r"(?:100|[1-9]?[0-9](?:\.[0-9]+)?)%"


def build_params(experiment: Experiment, pipeline: Pipeline) -> dict[str, Param]:
    """Ask what may differ from the file, strike by strike, within the blast radius and the pipeline's stages."""
    params = {
        DRY_RUN: Param(
            False,  # noqa: FBT003  # a default
            type="boolean",
            title="Dry run",
            description="Say in the log of `plan_strikes` what would be struck, when, and how it would be undone. "
            "Nothing is struck, and there is no verdict.",
        )
    }
    for strike in experiment.strikes:
        section: _Section = {"section": f"Strike {strike.name}"} if len(experiment.strikes) > 1 else {}
        for field, param in _strike_params(experiment, strike, pipeline, section).items():
            params[_name(strike, field)] = param
    params[PIPELINE_CONF] = Param(
        {},
        type="object",
        title="Parameters of the pipeline's run",
        description="As in the pipeline's own trigger form; what is left out keeps its default.",
    )
    if pipeline.ablations:
        params[ABLATE] = Param(
            [],
            type="array",
            items={"type": "string", "enum": sorted(pipeline.ablations)},
            uniqueItems=True,
            title="Layers to do without",
            description="Turned off for this one run of the pipeline, to see that it fails without them.",
        )
    return params


def read_changes(experiment: Experiment, answers: Mapping[str, object]) -> tuple[StrikeChange, ...]:
    """Give what a form's answers change; one that was not given keeps its default."""
    changes = (_read_change(strike, answers) for strike in experiment.strikes)
    return tuple(change for change in changes if change.model_fields_set > {"strike"})


def write_answers(strike: Strike, point: StrikePoint) -> dict[str, object]:
    """Give the answers by which `read_changes` has a strike carried out at another point than the file's."""
    return {
        _name(strike, "stage"): point.stage,
        _name(strike, "moment"): _moment_text(point),
        _name(strike, "after_seconds"): point.after.total_seconds(),
    }


def _strike_params(experiment: Experiment, strike: Strike, pipeline: Pipeline, section: _Section) -> dict[str, Param]:
    longest = experiment.blast_radius.max_duration.total_seconds()
    hold = Param(
        strike.hold_for.total_seconds(),
        type="number",
        minimum=0,
        maximum=longest,
        title="Hold (seconds)",
        description=f"How long the fault lasts; at most {longest:g}, the blast radius.",
        **section,
    )
    where = _target_params(strike.target, experiment.blast_radius.max_targets, section)
    return {**where, "hold_seconds": hold, **_moment_params(strike.strike_point, pipeline, section)}


def _target_params(target: Target, most: int, section: _Section) -> dict[str, Param]:
    named = {"enum": list(target.instances)} if target.instances else {}
    choice: _Section = {"examples": list(target.instances), "minItems": 1} if target.instances else {}
    return {
        "instances": Param(
            list(target.instances),
            type="array",
            items={"type": "string", "minLength": 1, **named},
            uniqueItems=True,
            title=f"Instances of {target.component}",
            description=f"{_say_choice(target)} The strikes together may select {most}.",
            **choice,
            **section,
        ),
        "mode": Param(
            _mode_text(target.mode),
            type="string",
            enum=_modes(target, most),
            title="How many of them",
            description="`one` and a number are drawn by the run's seed. More than the blast radius is refused.",
            **section,
        ),
    }


def _moment_params(point: StrikePoint, pipeline: Pipeline, section: _Section) -> dict[str, Param]:
    failpoints = sorted({name for stage in pipeline.stages for name in stage.failpoints})
    return {
        "stage": Param(
            point.stage,
            type="string",
            enum=[stage.task_id for stage in pipeline.stages],
            title="Strike in stage",
            **section,
        ),
        "moment": Param(
            _moment_text(point),
            type="string",
            pattern=f"^(?:{'|'.join([*StagePoint, _PERCENT, *map(re.escape, failpoints)])})$",
            examples=[*map(str, StagePoint), "50%", *failpoints],
            title="at the moment",
            description="`start`, `end`, a share of its rows such as `50%`, or one of the stage's failpoints.",
            **section,
        ),
        "after_seconds": Param(
            point.after.total_seconds(), type="number", minimum=0, title="and so much later (seconds)", **section
        ),
    }


def _read_change(strike: Strike, answers: Mapping[str, object]) -> StrikeChange:
    told = _as_in_file(strike)
    given = {field: answers.get(_name(strike, field), default) for field, default in told.items()}
    different = {field: value for field, value in given.items() if value != told[field]}
    return StrikeChange.model_validate({"strike": strike.name, **dict(_read_fields(different, given))})


def _read_fields(different: Mapping[str, object], given: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    if "instances" in different:
        yield "instances", different["instances"]
    if "mode" in different:
        yield "mode", _read_mode(str(different["mode"]))
    if "hold_seconds" in different:
        yield "hold_for", _seconds(different["hold_seconds"])
    if different.keys() & {"stage", "moment", "after_seconds"}:
        after = _seconds(given["after_seconds"])
        yield "strike_point", {"stage": given["stage"], "after": after, **_read_moment(str(given["moment"]))}


def _as_in_file(strike: Strike) -> dict[str, object]:
    return {
        "instances": list(strike.target.instances),
        "mode": _mode_text(strike.target.mode),
        "hold_seconds": strike.hold_for.total_seconds(),
        "stage": strike.strike_point.stage,
        "moment": _moment_text(strike.strike_point),
        "after_seconds": strike.strike_point.after.total_seconds(),
    }


def _say_choice(target: Target) -> str:
    if target.instances:
        return f"Some of those that the file names: {', '.join(target.instances)}."
    return "Named one a line; none for all there are."


def _modes(target: Target, max_targets: int) -> list[str]:
    counts = [str(count) for count in range(2, min(max_targets, _MOST_OFFERED) + 1)]
    return list(dict.fromkeys([_mode_text(target.mode), *map(str, TargetMode), *counts]))


def _mode_text(mode: TargetMode | FixedCount | PercentOfInstances) -> str:
    match mode:
        case FixedCount(fixed=count):
            return str(count)
        case PercentOfInstances(percent=share):
            return f"{share * 100:g}%"
        case _:
            return str(mode)


def _read_mode(text: str) -> object:
    if text.isdecimal():
        return {"fixed": int(text)}
    return {"percent": text} if text.endswith("%") else text


def _moment_text(point: StrikePoint) -> str:
    if point.staged_rows is not None:
        return f"{point.staged_rows * 100:g}%"
    return str(point.at or point.failpoint)


def _read_moment(text: str) -> dict[str, str]:
    if text.endswith("%"):
        return {"staged_rows": text}
    return {"at": text} if text in set(StagePoint) else {"failpoint": text}


def _seconds(value: object) -> str:
    return format_duration(timedelta(seconds=float(str(value))))


def _name(strike: Strike, field: str) -> str:
    return f"{strike.name}__{field}"

"""The command line's part for the Chaos Toolkit: its experiments come in, our journals go out."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from include.chaos.interop.chaos_toolkit_experiment import read_chaos_toolkit_experiment
from include.chaos.interop.chaos_toolkit_export import export_journal
from include.chaos.interop.chaos_toolkit_import import ImportedExperiment, Place, import_experiment
from include.chaos.journal import read_journal
from include.chaos.model import CONTROL_PLANE, Component
from include.chaos.pipeline import load_pipeline
from include.errors import ConfigurationError

errors = Console(stderr=True)

Output = Annotated[Path | None, typer.Option(help="Where to write it; standard output when not said.")]


def import_file(
    file: Annotated[Path, typer.Argument(help="A Chaos Toolkit experiment, JSON or YAML.")],
    pipeline: Annotated[str, typer.Option(help="The landing contract of the pipeline to strike.")] = "scale",
    stage: Annotated[str | None, typer.Option(help="The stage to strike; the first that stages rows.")] = None,
    target: Annotated[
        list[str] | None, typer.Option(help="WORD=COMPONENT: what an action's word for its victim means; repeatable.")
    ] = None,
    output: Output = None,
    allow_unmapped: Annotated[bool, typer.Option(help="Exit with 0 although parts had no equal.")] = False,  # noqa: FBT002  # typer's options are booleans
) -> None:
    """Turn a Chaos Toolkit experiment into one of ours, and name what has no equal."""
    place = Place(pipeline=pipeline, stage=_stage(pipeline, stage), targets=dict(map(_parse_target, target or ())))
    imported = import_experiment(read_chaos_toolkit_experiment(file), place)
    _write(imported.to_yaml(str(file)), output)
    _name_unmapped(imported)
    raise typer.Exit(1 if imported.unmapped and not allow_unmapped else 0)


def export_file(
    journal: Annotated[Path, typer.Argument(help="One of our journals.", exists=True, dir_okay=False)],
    output: Output = None,
) -> None:
    """Write a journal as the Chaos Toolkit's, for its reports."""
    reading = read_journal(journal)
    exported = export_journal(reading.entries)
    _write(exported.model_dump_json(by_alias=True, indent=2) + "\n", output)
    if reading.torn_bytes:
        errors.print(f"note: {reading.torn_bytes} bytes of a torn last line were left out", style="yellow")


def _stage(pipeline: str, stage: str | None) -> str:
    stages = load_pipeline(pipeline).stages
    names = [one.task_id for one in stages]
    if stage is None:
        return next((one.task_id for one in stages if one.staged_rows), names[0])
    if stage not in names:
        raise ConfigurationError(f"--stage {stage}: pipeline {pipeline} has {', '.join(names)}")
    return stage


def _parse_target(text: str) -> tuple[str, Component]:
    """Read WORD=COMPONENT; the word may hold `=`, as a Kubernetes label does."""
    word, _, component = text.rpartition("=")
    allowed = sorted(set(Component) - CONTROL_PLANE)
    if not word or component not in allowed:
        raise ConfigurationError(f"--target {text!r}: expected WORD=COMPONENT, one of {', '.join(allowed)}")
    return word, Component(component)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf8")


def _name_unmapped(imported: ImportedExperiment) -> None:
    for unmapped in imported.unmapped:
        errors.print(f"no equal: {unmapped}", style="yellow", markup=False, highlight=False, soft_wrap=True)

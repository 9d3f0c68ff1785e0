"""Check an experiment file in every way that does not act: words, names, what the platform can do, what is there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from include.chaos.agent.selection import eligible_instances, require_within, select_instances
from include.chaos.document_problems import Steps, path_text, suggestion
from include.chaos.documents import locate, parse_document, read_text
from include.chaos.dry_run import Selection, StrikePlan, plan_strike
from include.chaos.experiment import Experiment, Strike
from include.chaos.faults.base import Need
from include.chaos.model import SPAWNED, Target, TargetInstance, format_duration
from include.chaos.pipeline import PIPELINES, Pipeline, SqlFile, Stage, load_pipeline
from include.chaos.probes.catalogue import Probe
from include.chaos.probes.dag_run import ABSENT, DagRunProbe
from include.chaos.probes.place import Place, PlacedProbe
from include.chaos.probes.process import ProcessProbe
from include.chaos.probes.rows_landed import RowsLandedProbe
from include.chaos.steadiness import BLIND_AFTER
from include.errors import ChaosControlError, ConfigurationError

Complaint = tuple[Steps, str]


class Resolver(Protocol):
    """What validation asks of a platform that is up."""

    def resolve(self, target: Target) -> tuple[TargetInstance, ...]:
        """Find the running instances that a target names; raise `PlatformError` when there are none."""
        ...


class PlatformKind(Protocol):
    """What validation asks of a kind of platform, up or not."""

    @classmethod
    def offers(cls, wanted: type[object]) -> bool:
        """Tell whether it implements a Protocol that a fault kind asks for."""
        ...

    @classmethod
    def lacking(cls, needs: frozenset[Need]) -> tuple[Need, ...]:
        """Give what this machine lacks of what a fault kind needs."""
        ...


class AddressBook(Protocol):
    """Where the site's servers listen."""

    def resolve(self, place: Place) -> tuple[str, int]:
        """Give host and port; raise `PlatformError` when the place is not one server."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSite:
    """A site that is up."""

    platform: Resolver
    addresses: AddressBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What was found out about one file; without errors, `strikes` says what each of its `runs` would do."""

    source: str
    errors: tuple[str, ...]
    strikes: tuple[StrikePlan, ...] = ()
    runs: int = 1


def validate_file(path: Path, platform: type[PlatformKind], site: LiveSite | None) -> Validation:
    """Check one file; `platform` is the kind of platform that it will run on, `site` one that is up, if any is."""
    source = str(path)
    try:
        text = read_text(path)
        experiment = parse_document(text, Experiment, source=source)
    except ConfigurationError as error:
        return Validation(source=source, errors=tuple(str(error).splitlines()))
    complaints = [*_name_complaints(experiment), *_support_complaints(experiment, platform)]
    selections: dict[str, Selection] = {}
    if site:
        complaints += [*_probe_place_complaints(experiment, site), *_select(experiment, site.platform, selections)]
    return Validation(
        source=source,
        errors=tuple(f"{source}:{locate(text, steps)}: {said}" for steps, said in complaints),
        strikes=tuple(plan_strike(strike, selections.get(strike.name)) for strike in experiment.strikes),
        runs=experiment.repeat,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What speaks against an experiment that was read already, and what its strikes would do now."""

    objections: tuple[str, ...]
    strikes: tuple[StrikePlan, ...]


def examine(experiment: Experiment, platform: Resolver) -> Examination:
    """Check an experiment against its pipeline's contract, and against what is there."""
    selections: dict[str, Selection] = {}
    complaints = [*_name_complaints(experiment), *_select(experiment, platform, selections)]
    return Examination(
        objections=tuple(f"{path_text(steps)}: {said}" for steps, said in complaints),
        strikes=tuple(plan_strike(strike, selections.get(strike.name)) for strike in experiment.strikes),
    )


def _name_complaints(experiment: Experiment) -> Iterator[Complaint]:
    """Find names that lead nowhere: the pipeline, its stages, its relations."""
    known = sorted(file.stem for file in PIPELINES.glob("*.yaml"))
    if experiment.pipeline not in known:
        yield ("pipeline",), f"no landing contract {experiment.pipeline!r}{suggestion(experiment.pipeline, known)}"
        return
    try:
        pipeline = load_pipeline(experiment.pipeline)
    except ConfigurationError as error:
        yield ("pipeline",), f"its landing contract is wrong: {error}"
        return
    for number, strike in enumerate(experiment.strikes):
        yield from _stage_complaints(strike, pipeline, ("strikes", number, "strike_point"))
    yield from _probe_complaints(experiment.hypothesis.steady_state.probes, pipeline)


def _stage_complaints(strike: Strike, pipeline: Pipeline, at: Steps) -> Iterator[Complaint]:
    point = strike.strike_point
    stages = {stage.task_id: stage for stage in pipeline.stages}
    if point.stage not in stages:
        said = f"pipeline {pipeline.pipeline} has no stage {point.stage!r}{suggestion(point.stage, stages)}"
        yield (*at, "stage"), said
        return
    if point.failpoint:
        yield from _failpoint_complaints(point.failpoint, stages, (*at, "failpoint"), point.stage)
    if point.staged_rows is None:
        return
    if counted := stages[point.stage].staged_rows:
        yield from _file_complaints(counted, (*at, "staged_rows"))
    else:
        able = ", ".join(name for name, stage in stages.items() if stage.staged_rows)
        yield (*at, "staged_rows"), f"stage {point.stage} counts no staged rows; those that do: {able or 'none'}"


def _failpoint_complaints(name: str, stages: Mapping[str, Stage], at: Steps, stage: str) -> Iterator[Complaint]:
    known = stages[stage].failpoints
    if name not in known:
        there = f"it has: {', '.join(known)}" if known else "it has none"
        yield at, f"stage {stage} has no failpoint {name!r}; {there}{suggestion(name, known)}"


def _file_complaints(statement: SqlFile, at: Steps) -> Iterator[Complaint]:
    try:
        statement.read()
    except ConfigurationError as error:
        yield at, str(error)


def _probe_complaints(probes: Sequence[Probe], pipeline: Pipeline) -> Iterator[Complaint]:
    relations = [relation.name for relation in pipeline.accounted]
    names = [probe.name for probe in probes]
    for number, probe in enumerate(probes):
        if probe.name in names[:number]:
            yield (*_probe_at(number), "name"), f"a probe {probe.name!r} is there already; names tell probes apart"
        if probe.every >= BLIND_AFTER:
            said = f"must be less than {format_duration(BLIND_AFTER)}, after which the judge calls a probe blind"
            yield (*_probe_at(number), "every"), said
        if isinstance(probe, RowsLandedProbe) and probe.relation not in relations:
            said = f"pipeline {pipeline.pipeline} lands no relation {probe.relation!r}"
            yield (*_probe_at(number), "relation"), said + suggestion(probe.relation, relations)
        if isinstance(probe, DagRunProbe) and not probe.tolerance.accepts(ABSENT):
            said = f"must accept {ABSENT!r}: the steady state is measured before the pipeline's run is started"
            yield (*_probe_at(number), "tolerance"), said


def _support_complaints(experiment: Experiment, platform: type[PlatformKind]) -> Iterator[Complaint]:
    for number, strike in enumerate(experiment.strikes):
        ability = strike.fault.ability()
        if not platform.offers(ability):
            said = f"{platform.__name__} cannot do `{strike.fault.kind}`: it has no {ability.__name__}"
            yield ("strikes", number, "fault", "kind"), said
        elif lacking := platform.lacking(strike.fault.needs):
            said = f"`{strike.fault.kind}` needs {' and '.join(lacking)}, which this machine does not have"
            yield ("strikes", number, "fault", "kind"), said


def _probe_place_complaints(experiment: Experiment, site: LiveSite) -> Iterator[Complaint]:
    for number, probe in enumerate(experiment.hypothesis.steady_state.probes):
        try:
            if isinstance(probe, PlacedProbe):
                site.addresses.resolve(probe.place)
            elif isinstance(probe, ProcessProbe):
                site.platform.resolve(Target(component=probe.component, instances=probe.instances))
        except ChaosControlError as error:
            yield (*_probe_at(number), "component"), str(error)


def _select(experiment: Experiment, platform: Resolver, selections: dict[str, Selection]) -> Iterator[Complaint]:
    """Select as the agent would, into `selections`; complain where it would refuse."""
    for number, strike in enumerate(experiment.strikes):
        if strike.target.component in SPAWNED:
            continue
        try:
            selection = _select_now(experiment, strike, platform)
            selections[strike.name] = selection
            require_within(
                experiment.blast_radius,
                selected={instance.name for found in selections.values() for instance in found.selected},
                of_component={i.name for i in platform.resolve(Target(component=strike.target.component))},
            )
        except ChaosControlError as error:
            yield ("strikes", number, "target"), str(error)


def _select_now(experiment: Experiment, strike: Strike, platform: Resolver) -> Selection:
    eligible = eligible_instances(strike.target, platform.resolve(strike.target))
    selected = select_instances(strike.target, eligible, seed=f"{experiment.seed}/{strike.name}")
    drawn = experiment.seed is None and len(selected) < len(eligible)
    return Selection(selected=selected, eligible=eligible, drawn=drawn)


def _probe_at(number: int) -> Steps:
    return ("hypothesis", "steady_state", "probes", number)

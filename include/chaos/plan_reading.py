"""Put an experiment's file, as a journal holds it, into the words of a report."""

from collections.abc import Iterator, Mapping

from include.chaos.documents import parse_document
from include.chaos.dry_run import plan_strike
from include.chaos.experiment import Experiment, Strike
from include.chaos.model import AbortCondition, format_duration
from include.chaos.probes.base import ProbeBase
from include.chaos.reports.asked import Plan, PlannedProbe, StrikeWords
from include.chaos.reports.section import HIDDEN, is_secret
from include.errors import ConfigurationError


def read_plan(experiment: str) -> Plan | None:
    """Read the file's content; None where it is none that this version knows."""
    try:
        plan = parse_document(experiment, Experiment, source="the journal's experiment")
    except ConfigurationError:
        return None
    return Plan(
        claim=plan.hypothesis.title,
        description=" ".join(plan.description.split()),
        strikes=tuple(map(_strike, plan.strikes)),
        probes=tuple(map(_probe, plan.hypothesis.steady_state.probes)),
        abort_when=tuple(map(_abort, plan.abort_when)),
    )


def _strike(strike: Strike) -> StrikeWords:
    said = plan_strike(strike, None)
    return StrikeWords(name=said.name, what=said.what, where=said.where, when=said.when, hold=said.hold, undo=said.undo)


def _probe(probe: ProbeBase) -> PlannedProbe:
    said = probe.model_dump(mode="json", exclude_none=True, exclude={"name", "tolerance", "every", "timeout"})
    kind = said.pop("kind", "probe")
    parameters = ", ".join(_say(said))
    return PlannedProbe(
        name=probe.name,
        looks_at=f"{kind}: {parameters}" if parameters else str(kind),
        healthy=", ".join(_say(probe.tolerance.model_dump(mode="json", exclude_none=True))),
        every=format_duration(probe.every),
    )


def _say(fields: Mapping[str, object]) -> Iterator[str]:
    for name, value in fields.items():
        said = name.replace("_", " ")
        match value:
            case Mapping():
                yield f"{said} ({', '.join(_say(value))})"
            case [*parts]:
                yield f"{said} {' '.join(map(str, parts))}"
            case float():
                yield f"{said} {value:g}"
            case _:
                yield f"{said} {HIDDEN if is_secret(name) else value}"


def _abort(condition: AbortCondition) -> str:
    if condition.out_of_tolerance_for is not None:
        return f"when {condition.probe} was out of tolerance for {format_duration(condition.out_of_tolerance_for)}"
    return f"{format_duration(condition.after)} after an injection that is not undone" if condition.after else "never"

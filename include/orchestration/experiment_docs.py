"""The page that Airflow shows beside an experiment's DAG, written from the experiment's own text."""

from include.chaos.dry_run import plan_strike
from include.chaos.experiment import Experiment, Strike
from include.chaos.model import format_duration

_READ_MORE = (
    "The trigger form changes single values for one run, within this blast radius. `dry_run` says what would be "
    "struck, and strikes nothing. One triggering is one experiment run."
)


def documentation(experiment: Experiment) -> str:
    """Say what is claimed, what is done to whom, how far it may reach, and how it ends."""
    return "\n\n".join(
        [
            f"# {experiment.title}",
            experiment.description.strip(),
            f"**Hypothesis**: {experiment.hypothesis.title}",
            *_steady_state(experiment),
            "## Strikes",
            *map(_strike, experiment.strikes),
            "## Blast radius",
            _blast_radius(experiment),
            *_approval(experiment),
            *_expected(experiment),
            _READ_MORE,
        ]
    )


def _steady_state(experiment: Experiment) -> list[str]:
    steady = experiment.hypothesis.steady_state
    probes = "\n".join(f"- `{probe.name}` ({probe.kind})" for probe in steady.probes)
    return ["## Steady state", f"All of these within tolerance for {format_duration(steady.settle_for)}:", probes]


def _strike(strike: Strike) -> str:
    plan = plan_strike(strike, None)
    told = [("what", plan.what), ("where", plan.where), ("when", plan.when), ("hold", plan.hold), ("undo", plan.undo)]
    return "\n".join([f"**{strike.name}**", "", "| | |", "|---|---|", *(f"| {word} | {text} |" for word, text in told)])


def _blast_radius(experiment: Experiment) -> str:
    radius = experiment.blast_radius
    share = "" if radius.max_share == 1 else f", and never more than {radius.max_share:.0%} of one component's"
    return (
        f"At most {radius.max_targets} instance(s) in all{share}; each held at most "
        f"{format_duration(radius.max_duration)}; only: {', '.join(sorted(radius.allowed_targets))}."
    )


def _approval(experiment: Experiment) -> list[str]:
    if experiment.approval is None:
        return []
    return [
        "**Approval**: each run waits for a person, who is shown its plan; unanswered, it ends with nothing struck."
    ]


def _expected(experiment: Experiment) -> list[str]:
    return [f"**Expected verdict**: `{experiment.expected_verdict}`"] if experiment.expected_verdict else []

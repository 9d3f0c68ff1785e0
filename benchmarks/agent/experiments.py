"""The experiments that the benchmark opens: the shipped one's claim and probes, with strikes that hurt nobody."""

from datetime import timedelta

from include.chaos.experiment import Experiment, Strike, load_experiment
from include.chaos.faults.catalogue import Fault
from include.chaos.faults.noop import Noop
from include.chaos.model import BlastRadius, Component, StagePoint, StrikePoint, Target

STAGE = "extract_instruments"


def watching() -> Experiment:
    """Give the shipped experiment, to its strike point and its hold, except that nothing is killed."""
    shipped = load_experiment("warehouse_killed_while_landing")
    strikes = tuple(strike.model_copy(update={"fault": Noop()}) for strike in shipped.strikes)
    return shipped.model_copy(update={"strikes": strikes})


def striking(fault: Fault, component: Component, *, strikes: int, every: timedelta, hold_for: timedelta) -> Experiment:
    """Strike one component again and again from the stage's start on, with the shipped experiment's probes."""
    shipped = load_experiment("warehouse_killed_while_landing")
    return Experiment(
        title=f"{strikes} strikes of {hold_for.total_seconds():g} s",
        description="Each at a moment of its own, none while another one holds.",
        pipeline=shipped.pipeline,
        hypothesis=shipped.hypothesis,
        strikes=tuple(
            Strike(
                name=f"strike_{number}",
                fault=fault,
                target=Target(component=component),
                strike_point=StrikePoint(stage=STAGE, at=StagePoint.START, after=number * every),
                hold_for=hold_for,
            )
            for number in range(strikes)
        ),
        blast_radius=BlastRadius(max_targets=1, max_duration=hold_for, allowed_targets=frozenset({component})),
    )

"""The experiments that the benchmark opens are ones that the agent would accept."""

from datetime import timedelta
from itertools import pairwise

from benchmarks.agent.experiments import striking, watching
from include.chaos.documents import parse_document
from include.chaos.experiment import Experiment, load_experiment
from include.chaos.faults.noop import Noop
from include.chaos.model import Component

EVERY, HOLD_FOR = timedelta(seconds=2), timedelta(seconds=1)


def test_watching_is_the_shipped_experiment_but_for_its_fault() -> None:
    """What is measured is what users run."""
    shipped, own = load_experiment("warehouse_killed_while_landing"), watching()
    assert own.hypothesis == shipped.hypothesis
    assert [strike.strike_point for strike in own.strikes] == [strike.strike_point for strike in shipped.strikes]
    assert {strike.fault.kind for strike in own.strikes} == {"noop"}


def test_strikes_on_one_component_never_overlap() -> None:
    """The second of two would be refused, and its error would be missing."""
    experiment = striking(Noop(), Component.AIRFLOW_TRIGGERER, strikes=50, every=EVERY, hold_for=HOLD_FOR)
    moments = [strike.strike_point.after for strike in experiment.strikes]
    assert all(later - earlier > HOLD_FOR for earlier, later in pairwise(moments))


def test_both_survive_the_way_into_the_journal() -> None:
    """The agent reads an experiment again from the text that it writes down."""
    for experiment in (
        watching(),
        striking(Noop(), Component.AIRFLOW_TRIGGERER, strikes=2, every=EVERY, hold_for=HOLD_FOR),
    ):
        assert parse_document(experiment.to_yaml(), Experiment, source="journal") == experiment

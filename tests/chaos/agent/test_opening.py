"""The first entry of a journal says what the judge must know of the experiment, and cannot ask of fault kinds."""

from include.chaos.agent.opening import opening_entry
from include.chaos.agent.run_status import OpenRequest
from include.chaos.faults.noop import Noop
from tests.chaos.agent.world import quick


def test_it_says_of_each_strike_whether_clients_can_simply_go_on() -> None:
    """A killed server hinders them; a null fault does not."""
    experiment = quick(0.5)
    [killing] = experiment.strikes
    doing_nothing = killing.model_copy(update={"name": "nothing", "fault": Noop()})
    both = experiment.model_copy(update={"strikes": (killing, doing_nothing)})
    opened = opening_entry(
        OpenRequest(experiment_run_id="r", experiment_id="x", experiment=both, dag_run_id="chaos__r")
    )
    assert [(planned.fault, planned.hinders_clients) for planned in opened.strikes] == [("kill", True), ("noop", False)]

"""The grouping of a lab's components onto nodes."""

from include.chaos.model import CONTROL_NODE, CONTROL_PLANE
from include.lab import catalogue
from include.lab.nodes import CONTROL, NODES, node_of
from include.lab.plan import Plan


def test_every_component_is_on_one_node() -> None:
    """What is named on a node is there, and nowhere else."""
    members = [name for names in NODES.values() for name in names]
    assert len(members) == len(set(members))
    assert set(members) <= set(catalogue.NAMES)


def test_what_conducts_experiments_is_on_a_node_of_its_own(plan: Plan) -> None:
    """So that no other node's loss takes it along; with it is what faults are put into, and no target."""
    everything = catalogue.components(plan, frozenset(catalogue.NAMES))
    assert CONTROL == CONTROL_NODE
    control = {c.component for c in everything if node_of(c.name) == CONTROL}
    assert control == {*CONTROL_PLANE, "fault_proxy", "object_gate"}


def test_every_node_has_a_part_of_spark() -> None:
    """Or its loss could go unnoticed by the jobs that run."""
    assert all(any(name.startswith("spark_") for name in names) for names in NODES.values())

"""The ledger of CPU seconds: what ends is counted once, whoever counts it."""

from dataclasses import replace

from benchmarks.agent.processes import CpuLedger, Seen, below

PARENT = Seen(pid=1, started_at=0.0, parent=0, seconds=10.0)
CHILD = Seen(pid=2, started_at=1.0, parent=1, seconds=3.0)


def spent(*looks: list[Seen]) -> float:
    ledger = CpuLedger()
    for look in looks:
        ledger.note(look)
    return ledger.spent


def test_what_was_used_before_the_first_look_does_not_count() -> None:
    """A server has used much since it was started."""
    assert spent([PARENT]) == 0
    assert spent([PARENT], [replace(PARENT, seconds=12.0)]) == 2


def test_a_child_that_began_later_counts_whole() -> None:
    """All that it used was used since."""
    assert spent([PARENT], [PARENT, CHILD]) == 3


def test_a_child_that_ended_is_its_parents() -> None:
    """The parent that waited for it holds its seconds; they do not count twice."""
    assert spent([PARENT], [PARENT, CHILD], [replace(PARENT, seconds=14.0)]) == 4


def test_an_orphan_that_ended_keeps_what_was_seen() -> None:
    """Nobody in the set has waited for it."""
    orphan = replace(CHILD, parent=99)
    assert spent([PARENT], [PARENT, orphan], [PARENT]) == 3


def test_a_pid_that_is_used_again_is_another_process() -> None:
    """The first one's seconds stay, the second one's are added."""
    orphan = replace(CHILD, parent=99)
    assert spent([PARENT], [PARENT, orphan], [PARENT, replace(orphan, started_at=5.0, seconds=1.0)]) == 4


def test_descendants_are_found_at_any_depth_and_in_any_order() -> None:
    """A pool's workers are children of a child."""
    grandchild = Seen(pid=3, started_at=2.0, parent=2, seconds=0.0)
    stranger = Seen(pid=4, started_at=2.0, parent=0, seconds=0.0)
    assert below([grandchild, stranger, CHILD, PARENT], 1) == [PARENT, CHILD, grandchild]
    assert below([stranger], 1) == []

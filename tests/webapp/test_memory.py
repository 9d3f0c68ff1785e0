"""The bounded memory."""

from datetime import UTC, datetime

from include.webapp.memory import Kept, Memory
from include.webapp.model import Stamp


def kept(value: str) -> Kept[str]:
    return Kept(value=value, stamp=Stamp(), at=datetime(2026, 1, 1, tzinfo=UTC))


def test_what_was_not_asked_for_longest_makes_room() -> None:
    """Asking for it is what keeps it."""
    memory: Memory[str] = Memory(2)
    memory.keep("one", kept("1"))
    memory.keep("two", kept("2"))
    assert memory.recall("one") == kept("1")
    memory.keep("three", kept("3"))
    assert memory.recall("two") is None
    assert [memory.recall(key) for key in ("one", "three")] == [kept("1"), kept("3")]
    assert len(memory) == 2


def test_what_is_kept_again_is_replaced() -> None:
    """By the newer value, without taking more room."""
    memory: Memory[str] = Memory(2)
    memory.keep("one", kept("old"))
    memory.keep("one", kept("new"))
    assert memory.recall("one") == kept("new")
    assert len(memory) == 1

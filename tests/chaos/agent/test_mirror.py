"""The mirror: what it may not keep waiting."""

import threading

from include.chaos.agent.mirror import Mirror
from include.chaos.journal import JournalEntry


class OneJournal:
    """Somebody's journal, with nothing new in it."""

    def run_ids(self) -> list[str]:
        return ["run"]

    def entries_since(self, experiment_run_id: str, seq: int) -> tuple[tuple[JournalEntry, ...], bool]:
        return (), False


class HangingDatabase:
    """Answers only when it is let."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.let = threading.Event()

    def last_mirrored(self, experiment_run_id: str) -> int:
        self.asked.set()
        self.let.wait()
        return 0

    def insert(self, experiment_run_id: str, entries: tuple[JournalEntry, ...]) -> None:
        raise AssertionError("there is nothing to insert")


def test_a_database_that_hangs_does_not_keep_the_agent_from_ending() -> None:
    """The disk is the original: what is not mirrored when the agent ends, its successor mirrors."""
    database = HangingDatabase()
    mirror = Mirror(journals=OneJournal(), database=database, stop_seconds=0.01)
    mirror.start()
    assert database.asked.wait(10)
    mirror.stop()
    assert not database.let.is_set(), "nobody has answered, and `stop` has returned"
    database.let.set()

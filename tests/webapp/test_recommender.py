"""Answers from a warehouse that misbehaves in ways that a real one shows only now and then."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from include.webapp.recommender import Recommender
from include.webapp.refusals import RefusalError
from include.webapp.warehouse import AwayError, Row, SlowError

SHOWN = [(7, datetime(2026, 1, 1, tzinfo=UTC))]
SONG = ("a", "A", None, [40, 41])


def nothing() -> list[Row]:
    """Give no rows."""
    return []


@dataclass
class FakeWarehouse:
    """Answers by the name of the statement, and counts how often it is asked."""

    answers: dict[str, Callable[[], list[Row]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def fetch(self, name: str, *, bound: float = 1.0, **parameters: object) -> list[Row]:
        self.asked.append(name)
        return self.answers.get(name, nothing)()


def raising(error: Exception) -> Callable[[], list[Row]]:
    def fail() -> list[Row]:
        raise error

    return fail


@pytest.fixture
def warehouse() -> FakeWarehouse:
    """A warehouse that holds one song."""
    return FakeWarehouse({"publication": lambda: SHOWN, "songs_with": lambda: [SONG]})


@pytest.fixture
def recommender(warehouse: FakeWarehouse) -> Recommender:
    """A recommender that has looked once."""
    recommender = Recommender(warehouse)
    recommender.watch.look()
    return recommender


def ask(recommender: Recommender) -> tuple[str, ...]:
    """Give the titles of songs with violins."""
    return tuple(song.title for song in recommender.songs_with((40,), after="", limit=5).value.items)


def test_what_is_kept_is_not_asked_for_again(warehouse: FakeWarehouse, recommender: Recommender) -> None:
    """While the same publication is shown."""
    assert ask(recommender) == ask(recommender) == ("A",)
    assert warehouse.asked == ["publication", "songs_with"]


def test_while_it_is_away_requests_do_not_ask_it(warehouse: FakeWarehouse, recommender: Recommender) -> None:
    """The first to miss it tells the others; the next look ends it."""
    warehouse.answers["songs_with"] = raising(AwayError("gone"))
    for _ in range(3):
        with pytest.raises(RefusalError, match="does not answer"):
            ask(recommender)
    assert warehouse.asked.count("songs_with") == 1
    warehouse.answers["songs_with"] = lambda: [SONG]
    recommender.watch.look()
    assert ask(recommender) == ("A",)


def test_since_when_it_is_away_does_not_move(warehouse: FakeWarehouse, recommender: Recommender) -> None:
    """Every look that misses it confirms the same outage."""
    ask(recommender)
    warehouse.answers["publication"] = raising(AwayError("gone"))
    since = recommender.watch.look().away_since
    assert since is not None
    assert recommender.watch.look().away_since == since
    assert recommender.songs_with((40,), after="", limit=5).stale_since == since


def test_a_slow_answer_does_not_count_as_away(warehouse: FakeWarehouse, recommender: Recommender) -> None:
    """Others may be quick; what is known is given with its own time, as it may be of an older publication."""
    ask(recommender)
    warehouse.answers |= {"publication": lambda: [(8, SHOWN[0][1])], "songs_with": raising(SlowError("slow"))}
    recommender.watch.look()
    assert recommender.songs_with((40,), after="", limit=5).stale_since is not None
    assert recommender.readiness().stale_since is None
    with pytest.raises(RefusalError, match="takes too long"):
        recommender.songs_with((41,), after="", limit=5)


@pytest.mark.parametrize("programs", [[128], [-1], [40, 30_000]])
def test_what_cannot_be_is_not_shown(warehouse: FakeWarehouse, recommender: Recommender, programs: list[int]) -> None:
    """A bit that was flipped on the way: it is as if nothing had come."""
    warehouse.answers |= {
        "songs_with": lambda: [("a", "A", None, programs)],
        "catalogue": lambda: [("a", "A", programs)],
    }
    with pytest.raises(AwayError):
        recommender.read_catalogue()
    with pytest.raises(RefusalError, match="does not answer"):
        ask(recommender)


def test_titles_of_two_publications_are_not_mixed(warehouse: FakeWarehouse, recommender: Recommender) -> None:
    """What was read while another took its place is read again."""

    def replaced() -> list[Row]:
        warehouse.answers["publication"] = lambda: [(8, SHOWN[0][1])]
        return [("a", "Old", [1])]

    warehouse.answers["catalogue"] = replaced
    recommender.read_catalogue()
    assert recommender.catalogue().value is None
    warehouse.answers["catalogue"] = lambda: [("a", "New", [1])]
    recommender.read_catalogue()
    assert [song.title for song in recommender.find(("new",), after="", limit=5).value.items] == ["New"]

"""Each kind of moment is seen when it comes, and told missed when it can come no more."""

from dataclasses import dataclass, field

import pytest

from include.chaos.agent.strike_points import Missed, StrikePointLook
from include.chaos.events import StageObserved, StrikePointReached
from include.chaos.model import StrikePoint
from tests.chaos.agent.world import quick
from tests.chaos.journals import at

START = {"stage": "extract", "at": "start"}
END = {"stage": "extract", "at": "end"}
HALF = {"stage": "extract", "staged_rows": "50%"}


@dataclass
class Seen:
    """What the watcher has seen of a run, put in by the test."""

    stages: dict[str, StageObserved] = field(default_factory=dict)
    run_ended: bool = False
    silent: bool = False
    rows: tuple[int, int] | None = None

    def stage(self, task_id: str) -> StageObserved | None:
        return self.stages.get(task_id)

    def put(self, stage: str, state: str | None) -> None:
        began = None if state in (None, "queued", "scheduled") else at(0)
        self.stages[stage] = StageObserved(stage=stage, state=state, try_number=1, start_date=began)


def _eyes(seen: Seen, point: dict[str, str]) -> StrikePointLook:
    strike = quick().strikes[0].model_copy(update={"strike_point": StrikePoint.model_validate(point)})
    return StrikePointLook(strike=strike, watch=seen, staged_rows=lambda: seen.rows, later_stages=("score", "publish"))


@pytest.mark.parametrize(
    ("point", "state", "reached"),
    [
        (START, None, False),
        (START, "queued", False),
        (START, "running", True),
        (END, "running", False),
        (END, "success", True),
        (HALF, "queued", False),
        (HALF, "running", True),
    ],
)
def test_a_moment_is_seen_by_the_stage_s_state(point: dict[str, str], state: str | None, reached: bool) -> None:  # noqa: FBT001
    """`start` is running, `end` is success, and rows count only while the stage runs."""
    seen = Seen(rows=(6, 10))
    seen.put("extract", state)
    assert isinstance(_eyes(seen, point).look(), StrikePointReached) is reached


@pytest.mark.parametrize(
    ("point", "state"), [(START, "success"), (START, "failed"), (END, "failed"), (HALF, "success")]
)
def test_a_moment_that_has_passed_is_missed(point: dict[str, str], state: str) -> None:
    """A stage that ended otherwise will not come to its moment any more."""
    seen = Seen()
    seen.put("extract", state)
    assert isinstance(_eyes(seen, point).look(), Missed)


def test_the_end_of_a_stage_is_missed_when_the_next_has_begun() -> None:
    """Between two stages means between; only a delay that was asked for may reach into the next."""
    seen = Seen()
    seen.put("extract", "success")
    seen.put("score", "running")
    missed = _eyes(seen, END).look()
    assert isinstance(missed, Missed)
    assert "score had begun" in missed.reason
    assert isinstance(_eyes(seen, {**END, "after": "2s"}).look(), StrikePointReached)


def test_rows_that_grow_are_seen_while_airflow_is_silent() -> None:
    """Nobody tells that the stage runs, but a count that grows does; one that stands still does not."""
    seen = Seen(silent=True, rows=(6, 10))
    eyes = _eyes(seen, HALF)
    assert eyes.look() is None
    assert eyes.look() is None
    seen.rows = (7, 10)
    assert isinstance(eyes.look(), StrikePointReached)


def test_rows_do_not_count_for_a_stage_that_airflow_knows_to_wait() -> None:
    """Where Airflow answers, its word stands."""
    seen = Seen(rows=(6, 10))
    seen.put("extract", "queued")
    eyes = _eyes(seen, HALF)
    assert eyes.look() is None
    seen.rows = (7, 10)
    assert eyes.look() is None


def test_a_run_that_has_ended_has_no_moments_left() -> None:
    """Also where the stage was never seen."""
    assert isinstance(_eyes(Seen(run_ended=True), START).look(), Missed)

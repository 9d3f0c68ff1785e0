"""When Airflow noticed that something was wrong is read from all that it says of tries."""

from include.chaos.timeline import build_timeline
from tests.chaos.journals import at, number, passing_steps, stage


def test_a_new_try_is_a_reaction_though_nobody_saw_the_old_one_fail() -> None:
    """A scheduler that comes back resets what its predecessor had started, without a word on how that ended."""
    again = (18.0, stage("queued", started=7, try_number=2))
    timeline = build_timeline(number(sorted([*passing_steps(), again], key=lambda step: step[0])))
    assert timeline.detected_at is not None
    assert timeline.detected_at.at == at(18)


def test_a_reaction_has_airflow_s_own_time_where_nobody_could_ask_meanwhile() -> None:
    """A retry cannot begin before it is detected: the API server may be away longer than the scheduler."""
    again = (18.0, stage("running", started=16, try_number=2))
    timeline = build_timeline(number(sorted([*passing_steps(), again], key=lambda step: step[0])))
    assert timeline.detected_at is not None
    assert timeline.detected_at.at == at(16)


def test_a_try_that_was_there_before_the_strike_is_no_reaction_to_it() -> None:
    """What went wrong earlier is none of the strike's doing."""
    second = [(9.0, stage("running", started=8, try_number=2)), (18.0, stage("success", 8, 17, try_number=2))]
    timeline = build_timeline(number(sorted([*passing_steps(), *second], key=lambda step: step[0])))
    assert timeline.detected_at is None

"""A place in Airflow is written so that it can be read again."""

import pytest

from include.chaos.run_place import RunPlace

RUN = RunPlace(dag_id="scale_pipeline", dag_run_id="manual__2026-11-25T01:00:00+00:00")


@pytest.mark.parametrize("place", [RUN, RUN.task("extract_instruments")])
def test_what_is_written_is_read_back_equal(place: RunPlace) -> None:
    """A fault has nothing but the name of its instance."""
    assert RunPlace.parse(str(place)) == place


@pytest.mark.parametrize("text", ["warehouse", "a/b/c/d", ""])
def test_what_is_no_place_is_refused(text: str) -> None:
    """A component's name is none."""
    with pytest.raises(ValueError, match="expected dag_id/dag_run_id"):
        RunPlace.parse(text)

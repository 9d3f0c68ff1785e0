"""A window's file is read like an experiment's: what is wrong is told with file, line, field and what was expected."""

from pathlib import Path

import pytest

from include.chaos.documents import read_document
from include.errors import ConfigurationError
from include.orchestration.windows import Window, check_window, window_files
from tests.orchestration.windows_made import window

FILE = """\
timezone: Europe/Berlin
hours:
  - {weekdays: [tue], opens: "10:00", closes: "16:00"}
holidays: {country: DE, subdivision: BE}
experiments: [warehouse_killed_while_landing]
"""


def _write(folder: Path, text: str, name: str = "scale") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", window_files(), ids=lambda path: str(path.stem))
def test_every_window_that_ships_is_right(path: Path) -> None:
    """Pipeline, experiments and holidays, too."""
    assert check_window(path)


def test_no_window_that_ships_starts_anything_unasked() -> None:
    """A new lab strikes only when it is told to."""
    assert [read_document(path, Window).experiments for path in window_files()] == [()]


def test_a_window_is_the_same_after_a_journey_as_json() -> None:
    """Airflow keeps it so."""
    made = window(
        deadlines=[{"at": "18:00", "before": "3h"}], blackouts=[{"first": "2026-12-24", "last": "2026-12-26"}]
    )
    assert Window.model_validate(made.model_dump(mode="json")) == made


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("Europe/Berlin", "Europe/Berlinn", r"scale\.yaml:1:1: timezone: no time zone 'Europe/Berlinn'; did you mean"),
        ("Europe/Berlin", "Europe", r"timezone: no time zone 'Europe'"),
        ('"10:00"', "10:00", r":3:\d+: hours\[0\]\.opens: expected a time in quotes"),
        ('"10:00"', '"25:00"', r"hours\[0\]\.opens: expected a time in quotes"),
        ('"10:00"', '"16:00"', r"hours\[0\]: opens and closes at the same time"),
        ("[tue]", "[tuesday]", r"hours\[0\]\.weekdays\[0\]: expected .*; did you mean 'tue'"),
        ("[tue]", "[]", r"hours\[0\]\.weekdays"),
        ("hours:", "hour:", r"hour: unknown key 'hour'; did you mean 'hours'"),
        ("country: DE", "country: XX", r":4:\d+: holidays\.country: no holidays of 'XX'"),
        ("subdivision: BE", "subdivision: ZZ", r"holidays\.subdivision: DE has no 'ZZ'"),
        ("_while_landing", "_while_land", r":5:\d+: experiments\[0\]: no experiment .* did you mean"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, right: str, wrong: str, complaint: str) -> None:
    """File, line, field, and the word that was meant."""
    assert check_window(_write(tmp_path, FILE))
    with pytest.raises(ConfigurationError, match=complaint):
        check_window(_write(tmp_path, FILE.replace(right, wrong)))


def test_a_window_belongs_to_the_pipeline_after_which_it_is_named(tmp_path: Path) -> None:
    """So a pipeline has one window at most, and distances within it are distances on the pipeline."""
    with pytest.raises(ConfigurationError, match=r"named after its pipeline.*'other'"):
        check_window(_write(tmp_path, FILE, name="other"))


def test_blackouts_end_after_they_begin_and_names_come_once() -> None:
    """Both are slips that would go unseen."""
    with pytest.raises(ValueError, match="the last day is before the first"):
        window(blackouts=[{"first": "2026-12-26", "last": "2026-12-24"}])
    with pytest.raises(ValueError, match="one is there more than once"):
        window(experiments=["one", "one"])

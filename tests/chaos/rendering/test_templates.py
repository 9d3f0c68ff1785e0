"""A section that is in the content is in every format."""

from pathlib import Path

import pytest

import include.chaos.rendering
from tests.chaos.rendering import pages

_TEMPLATES = Path(include.chaos.rendering.__file__).parent / "templates"


@pytest.mark.parametrize(("folder", "suffix"), [("html", ".html"), ("markdown", ".md")])
def test_each_section_has_a_partial_and_each_partial_a_section(folder: str, suffix: str) -> None:
    """Named after the report's field."""
    partials = {path.name for path in (_TEMPLATES / folder / "sections").iterdir()}
    assert partials == {f"{name}{suffix}" for name, _ in pages.passing_report().sections()}

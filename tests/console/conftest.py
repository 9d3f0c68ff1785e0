"""One console for all tests of a module that change nothing in it, and one for each that does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.many_runs import plant
from tests.console.site import ConsoleSite, console_in

RUNS = 230


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleSite]:
    """A console before an agent that knows many runs."""
    with pytest.MonkeyPatch.context() as environment:
        folder = tmp_path_factory.mktemp("full")
        plant(folder / "journals", RUNS)
        with console_in(folder, environment) as site:
            site.world.registry.archive.index.read_for = 60
            yield site


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ConsoleSite]:
    """A console before an agent that knows nothing yet."""
    with console_in(tmp_path, monkeypatch) as site:
        yield site

"""Every planted defect is caught and named, and the page says what is found."""

from collections.abc import Iterator

import pytest

from include.chaos.model import VerdictValue
from tests.chaos.planted_defects import DEFECTS, PAGE, Defect, find, render
from tests.scale.servers import PostgresServer, postgres_server

OTHERS = {"nothing": VerdictValue.PASSED, "an oracle that is itself wrong": VerdictValue.INCONCLUSIVE}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_planted_defect_decides_the_verdict(server: PostgresServer, defect: Defect) -> None:
    """All fail but the control line, which passes, and a wrong oracle, by which nothing can be judged."""
    found = find(server, defect)
    assert found.verdict.value is OTHERS.get(defect.name, VerdictValue.FAILED)
    assert len(found.verdict.reasons) <= 2, found.verdict.reasons


def test_the_page_says_what_is_found(server: PostgresServer) -> None:
    """`python -m tests.chaos.planted_defects --write docs/trust.md` writes it anew."""
    assert PAGE.read_text(encoding="utf8") == render(server)

"""The console's pages: what they say, that they are well-formed, and that they name what they do not know."""

import json

import pytest

from include.chaos.model import VerdictValue
from tests.chaos import journals
from tests.chaos.many_runs import plant
from tests.chaos.rendering import pages
from tests.chaos.rendering.html_reading import read_page
from tests.console.conftest import RUNS
from tests.console.site import ADMIN, ConsoleSite

PAGES = [
    "",
    "runs",
    "runs?verdict=failed&offset=10",
    "coverage",
    "leases",
    "agent",
    "experiments/straggler",
    "runs/none",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_well_formed_and_refers_to_nothing_elsewhere(full: ConsoleSite, path: str) -> None:
    """One heading of the first rank, a way past the navigation, every table named, every id once."""
    page = read_page(full.visit(ADMIN).get(path).text)
    assert len(page.all("h1")) == 1
    assert page.all("a")[0]["href"] == "#main"
    assert "main" in page.ids
    assert len(page.ids) == len(set(page.ids))
    assert all(reference.startswith(("/chaos/", "/dags/", "#", "data:,")) for reference in page.references)
    regions = [div for div in page.all("div") if div.get("role") == "region"]
    assert all(div["aria-label"] and div["tabindex"] == "0" for div in regions)


@pytest.mark.parametrize(("path", "name"), [("", "Experiments"), ("coverage", "Coverage"), ("leases", "Halt")])
def test_the_navigation_says_where_one_is(full: ConsoleSite, path: str, name: str) -> None:
    """To a screen reader as well."""
    [current] = [
        link for link in read_page(full.visit(ADMIN).get(path).text).all("a") if link.get("aria-current") == "page"
    ]
    assert current["href"] == f"/chaos/{path}"


def test_the_first_page_counts_claims_and_has_the_broken_ones_first(full: ConsoleSite) -> None:
    """The state of a pipeline in one look."""
    text = full.visit(ADMIN).get("").text
    overview = full.world.registry.archive.overview()
    page = read_page(text)
    assert f"of {len(overview.experiments)} claims held" in page.text_of("h1")
    rows = [row["class"] for row in page.all("tr") if "class" in row]
    order = ["broken", "undecided", "untried", "holds"]
    assert rows == sorted(rows, key=order.index)
    assert {"broken", "untried", "holds"} <= set(rows)


def test_a_pipeline_can_be_looked_at_alone(full: ConsoleSite) -> None:
    """Without the others' claims."""
    text = full.visit(ADMIN).get("?pipeline=orders").text
    assert "while aggregating" in text.lower() or "aggregate_sales" in text
    assert "extract_instruments" not in text


def test_runs_come_page_by_page(full: ConsoleSite) -> None:
    """To the last of them."""
    browser = full.visit(ADMIN)
    first = browser.get("runs").text
    assert f"<h1>{RUNS} experiment runs</h1>" in first
    assert "offset=50" in first
    assert 'rel="prev"' not in first
    last = browser.get("runs?offset=200").text
    assert 'rel="next"' not in last
    assert "offset=150" in last
    assert len(read_page(last).all("tr")) == 1 + RUNS - 200


@pytest.mark.parametrize("query", ["offset=-1", "verdict=great", "limit=100000", "unknown=1"])
def test_what_makes_no_sense_is_refused_in_words(full: ConsoleSite, query: str) -> None:
    """And not with a stack trace."""
    answer = full.visit(ADMIN).get(f"runs?{query}")
    assert answer.status_code == 422
    assert "Not understood" in answer.text


def test_coverage_tells_cells_that_were_never_run_from_those_that_hold(full: ConsoleSite) -> None:
    """In words for a screen reader, and leads to the runs of each cell."""
    text = full.visit(ADMIN).get("coverage").text
    assert 'aria-label="s3_error at extract_instruments: ' in text
    assert "/chaos/runs?pipeline=scale&amp;stage=extract_instruments&amp;fault=s3_error" in text
    assert "nothing planned" in text
    assert "fault kinds that no experiment strikes orders with" in text


def test_journals_that_are_not_read_yet_or_damaged_are_said(site: ConsoleSite) -> None:
    """So that nobody takes a part for the whole."""
    plant(site.journals, 3)
    (site.journals / "torn.jsonl").write_text("nonsense\nand more\n")
    site.world.registry.archive.index.read_for = 60
    text = site.visit(ADMIN).get("").text
    assert "1 journals are damaged" in text
    site.world.registry.archive.index.stop()
    site.world.registry.archive.index.read_for = 0
    plant(site.journals, 30, seed=8)
    (site.journals / "torn.jsonl").unlink()
    assert "have not been read yet" in site.visit(ADMIN).get("").text


def test_a_report_is_the_one_that_the_command_writes(full: ConsoleSite) -> None:
    """With the judgement computed anew, as one file."""
    browser = full.visit(ADMIN)
    run_id = full.world.registry.archive.index.known.runs[0].experiment_run_id
    text = browser.get(f"runs/{run_id}/report").text
    assert "Chaos experiment report" in text
    assert run_id in text


def test_an_unknown_run_is_not_found(full: ConsoleSite) -> None:
    """As a page for a person, and as JSON for the script."""
    browser = full.visit(ADMIN)
    assert browser.get("runs/none").status_code == 404
    live = browser.get("runs/none/live")
    assert live.status_code == 404
    assert "none" in json.loads(live.text)["detail"]


def test_a_hostile_journal_cannot_speak_in_a_page(site: ConsoleSite) -> None:
    """Whatever its texts are, they are shown as texts."""
    entries = pages.hostile()
    opened = entries[0].body.model_copy(update={"experiment_run_id": "hostile"})
    journals.write(site.journals / "hostile.jsonl", [entries[0].model_copy(update={"body": opened}), *entries[1:]])
    browser = site.visit(ADMIN)
    for path in ("", "runs", "coverage", "runs/hostile"):
        text = browser.get(path).text
        assert "<script>alert" not in text
        assert "<a href='http://evil" not in text
        read_page(text)
    parts = browser.get("runs/hostile/live").json()["parts"]
    assert all("<script>alert" not in html for html in parts.values())


def test_the_agent_tells_how_it_is(full: ConsoleSite) -> None:
    """Runs that it knows, room on its disk, its clock."""
    text = full.visit(ADMIN).get("agent").text
    assert "The agent answers" in text
    assert f"<td>{RUNS}</td>" in text
    assert "strikes</th><td>allowed" in text


def test_an_agent_that_is_away_is_said_to_be(site: ConsoleSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says what becomes of faults that are in force."""
    from include.chaos.agent.client import AgentClient
    from include.console.app import build_console
    from include.orchestration import names
    from include.settings import AgentSettings
    from tests.console.site import FakeAccess

    nobody = AgentClient(AgentSettings(url="http://127.0.0.1:9", token="x"))
    away = ConsoleSite(world=site.world, app=build_console(FakeAccess(), lambda: nobody, names))
    answer = away.visit(ADMIN).get("http://airflow/")
    assert answer.status_code == 503
    assert "The agent is away" in answer.text
    assert "does not answer" in answer.text


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("dags/chaos__straggler", "experiments/straggler"),
        (
            "dags/chaos__straggler/runs/manual__2026-01-01T00:00:00%2B00:00",
            "runs/straggler__manual__2026-01-01T00%3A00%3A00%2B00%3A00",
        ),
        ("dags/chaos__straggler/tasks/arm", "experiments/straggler"),
        ("dags/scale_pipeline", "runs?dag_id=scale_pipeline"),
        ("dags/scale_pipeline/runs/chaos__straggler__m1", "runs/straggler__m1"),
        ("dags/scale_pipeline/runs/scheduled__1", "runs?dag_id=scale_pipeline"),
        ("dags/scale_pipeline/tasks/publish", "runs?dag_id=scale_pipeline&stage=publish"),
        ("dags/http:%2F%2Fevil.example", None),
    ],
)
def test_places_in_airflow_lead_to_what_they_have_to_do_with(
    full: ConsoleSite, path: str, leads_to: str | None
) -> None:
    """A DAG, a run and a task, of experiments and of pipelines."""
    answer = full.visit(ADMIN).get(path)
    if leads_to is None:
        assert answer.status_code == 404
        return
    assert (answer.status_code, answer.headers["location"]) == (303, f"/chaos/{leads_to}")


def test_a_failure_that_is_expected_is_no_alarm(site: ConsoleSite) -> None:
    """A known-bad experiment that fails is as it should be; one that passes is not."""
    ids = plant(site.journals, 400)
    site.world.registry.archive.index.read_for = 60
    overview = site.world.registry.archive.overview()
    expected = [one for one in overview.experiments if one.expected_verdict is VerdictValue.FAILED]
    text = site.visit(ADMIN).get("").text
    assert len(ids) == 400
    if any(one.last and one.last.verdict is VerdictValue.FAILED for one in expected):
        assert "failed, as expected" in text

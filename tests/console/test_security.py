"""Nobody sees or does anything in the console without the right to it, and no other site acts through a visitor."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from include.console.app import build_console
from include.console.forgery import issue_token
from include.console.form import MOST_BYTES
from include.orchestration import names
from tests.chaos.agent.world import RUN_ID, STRIKE, quick, struck
from tests.console.site import ADMIN, STRANGER, VIEWER, ConsoleSite, FakeAccess, console_in
from tests.waiting import await_

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WHO = {"run_id": RUN_ID, "experiment_id": "warehouse_killed", "name": "console.js", "dag_id": "scale_pipeline"}


def routes() -> list[tuple[str, str]]:
    """Give every route that the console has, now and later, as its browser would ask for it."""
    app = build_console(FakeAccess(), lambda: pytest.fail("the agent was asked"), names)
    own = [route for route in app.routes if isinstance(route, APIRoute)]
    paths = [route.path.format(**WHO, dag_run_id="r", task_id="publish").lstrip("/") for route in own]
    return [(method, path) for route, path in zip(own, paths, strict=True) for method in sorted(route.methods)]


ROUTES = routes()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleSite]:
    """A console whose agent holds a run open; nothing here can change that."""
    with (
        pytest.MonkeyPatch.context() as environment,
        console_in(tmp_path_factory.mktemp("opened"), environment) as site,
    ):
        site.world.open()
        yield site


def token(name: str = ADMIN) -> str:
    return issue_token(FakeAccess().key(), name)


def test_there_are_routes_to_be_tested() -> None:
    """Those of every page, and both that change something."""
    assert len(ROUTES) > 14
    assert [path for method, path in ROUTES if method == "POST"] == ["halt", "resume"]


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("forged", 403), (STRANGER, 403)])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_is_open(opened: ConsoleSite, method: str, path: str, who: str | None, status: int) -> None:
    """Not to somebody without a login, with a false one, or without the right to see DAG runs."""
    answer = opened.visit(who).request(method, path, data={"reason": "x", "token": token(who or "")})
    assert answer.status_code == status
    assert RUN_ID not in answer.text
    assert opened.world.registry.halted is None


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_viewer_looks_and_does_nothing(opened: ConsoleSite, method: str, path: str) -> None:
    """Every page is shown, and neither halt nor resume is done, even with a token that is the viewer's own."""
    answer = opened.visit(VIEWER).request(method, path, data={"reason": "x", "token": token(VIEWER)})
    assert answer.status_code == (403 if method == "POST" else 303 if path.startswith("dags/") else 200)
    assert opened.world.registry.halted is None


def test_a_viewer_is_shown_no_form(opened: ConsoleSite) -> None:
    """But told who may halt."""
    page = opened.visit(VIEWER).get("leases")
    assert "<form" not in page.text
    assert "Only who may start DAG runs may halt" in page.text


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"reason": "x"}, {}),
        ({"reason": "x", "token": ""}, {}),
        ({"reason": "x", "token": "1.aa"}, {}),
        ({"reason": "x", "token": "soon." + token().partition(".")[2]}, {}),
        ({"reason": "x", "token": issue_token(b"another server's secret", ADMIN)}, {}),
        ({"reason": "x", "token": token(VIEWER)}, {}),
        ({"reason": "x", "token": issue_token(FakeAccess().key(), ADMIN, now=1_000_000_000)}, {}),
        ({"reason": "x", "token": token()}, {"Sec-Fetch-Site": "cross-site"}),
        ({"reason": "x", "token": token()}, {"Sec-Fetch-Site": "same-site"}),
    ],
    ids=["none", "empty", "made up", "false time", "false key", "another's", "old", "cross-site", "same-site"],
)
@pytest.mark.parametrize("path", ["halt", "resume"])
def test_no_other_site_acts_through_a_visitor(
    opened: ConsoleSite, path: str, fields: dict[str, str], headers: dict[str, str]
) -> None:
    """A form has to come from a page of the visitor's own, of these last hours."""
    answer = opened.visit(ADMIN).post(path, data=fields, headers=headers)
    assert answer.status_code == 403
    assert "not from a page of yours" in answer.text
    assert opened.world.registry.halted is None


def test_what_changes_something_cannot_be_asked_for_by_a_link(opened: ConsoleSite) -> None:
    """A GET would be sent by any picture in any page."""
    assert opened.visit(ADMIN).get(f"halt?reason=x&token={token()}").status_code == 405


def test_a_form_that_is_too_long_is_refused(opened: ConsoleSite) -> None:
    """Before it is read to its end."""
    answer = opened.visit(ADMIN).post("halt", data={"reason": "x" * (MOST_BYTES + 1), "token": token()})
    assert answer.status_code == 413


def test_a_halt_needs_a_reason(opened: ConsoleSite) -> None:
    """Blanks are none."""
    answer = opened.visit(ADMIN).post("halt", data={"reason": "  \n ", "token": token()})
    assert answer.status_code == 422
    assert opened.world.registry.halted is None


def test_a_halt_undoes_and_names_who_halted_and_why(site: ConsoleSite) -> None:
    """With the token of the page's own form; the page then says so, and lifts it again."""
    run = site.world.open(quick(hold_seconds=60))
    struck(site.world, run)
    await_(lambda: run.status().effect_seen)
    browser = site.visit(ADMIN)
    page = browser.get("leases").text
    assert "In force:" in page
    [own] = set(re.findall(r'name="token" value="([^"]+)"', page))
    answer = browser.post("halt", data={"reason": " smoke\n in the server room ", "token": own})
    assert (answer.status_code, answer.headers["location"]) == (303, "/chaos/leases")
    assert site.world.registry.halted
    assert site.world.registry.halted.reason == "smoke in the server room (anna, in the console)"
    assert site.world.platform.held == set()
    halted = browser.get("leases").text
    assert "smoke in the server room" in halted
    assert "nothing is struck" in halted
    assert browser.post("resume", data={"token": own}).status_code == 303
    assert site.world.registry.halted is None
    run.recover(STRIKE)


def test_no_page_holds_a_secret(site: ConsoleSite, tmp_path: Path) -> None:
    """Neither the agent's token and address nor the server's key; and what looks like a password is hidden."""
    site.world.open()
    site.world.registry.halt("see postgresql://me:hunter2@db/x and password=hunter3")
    browser = site.visit(ADMIN)
    for method, path in ROUTES:
        if method == "GET":
            text = browser.get(path).text
            assert "hunter" not in text, path
            assert "Bearer" not in text, path
            assert FakeAccess().key().decode() not in text, path
            assert "127.0.0.1" not in text, path
            assert str(tmp_path) not in text, path


@pytest.mark.parametrize(
    "path", ["", "runs", "leases", f"runs/{RUN_ID}", f"runs/{RUN_ID}/live", "runs/none", "nothing"]
)
def test_every_answer_says_what_a_browser_may_do_with_it(opened: ConsoleSite, path: str) -> None:
    """No script but the console's own, no frame but Airflow's, nothing kept."""
    headers = opened.visit(ADMIN).get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'self'" in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_report_may_be_framed_by_airflow_only(opened: ConsoleSite) -> None:
    """What it may run is in the report itself."""
    answer = opened.visit(ADMIN).get(f"runs/{RUN_ID}/report")
    assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert "default-src 'none'; script-src 'sha256-" in answer.text.replace("&#39;", "'")


@pytest.mark.parametrize("name", ["../app.py", "..%2Fapp.py", "%2e%2e/app.py", "nothing.css"])
def test_no_file_but_the_consoles_own_is_given(opened: ConsoleSite, name: str) -> None:
    """Whatever the address."""
    assert opened.visit(ADMIN).get(f"assets/{name}").status_code == 404

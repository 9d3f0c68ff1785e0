"""The console in a real browser: it fits every screen, follows a run, and can be used without a mouse or a script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from include.chaos.events import VerdictReached
from include.chaos.model import VerdictValue
from tests.chaos.agent.world import RUN_ID, STRIKE, quick, struck
from tests.chaos.many_runs import plant
from tests.console.site import ADMIN, VIEWER
from tests.e2e.console_served import ServedConsole, served_console
from tests.e2e.test_report_page import PHONE, WIDE
from tests.waiting import await_

pytestmark = pytest.mark.e2e

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PAGES = ["/", "/runs", "/coverage", "/leases", "/agent", "/experiments/straggler", "/runs/{run}"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; `make chromium` installs it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """A console before an agent that knows many runs; nothing here changes any."""
    folder = tmp_path_factory.mktemp("full")
    plant(folder / "journals", 300)
    with pytest.MonkeyPatch.context() as environment, served_console(folder, environment) as console:
        console.site.world.registry.archive.index.read_for = 60
        yield console


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedConsole]:
    """A console before an agent that a test can steer."""
    with served_console(tmp_path, monkeypatch) as console:
        yield console


class Visit:
    """A browser's window, with everything that it complained of or asked of others."""

    def __init__(
        self, browser: Browser, console: ServedConsole, width: int = WIDE, *, who: str = ADMIN, scripts: bool = True
    ) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 900}, extra_http_headers={"who": who}, java_script_enabled=scripts
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self._url = console.url
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))

    def go(self, path: str) -> Page:
        self.page.goto(self._url + path)
        return self.page

    def fits(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    def _note(self, url: str) -> None:
        if not url.startswith(self._url):
            self.elsewhere.append(url)


@pytest.mark.parametrize("width", [PHONE, WIDE])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_its_screen_and_asks_nobody_else(
    browser: Browser, full: ServedConsole, path: str, width: int
) -> None:
    """No complaint, no request to another server, nothing to scroll sideways but tables in their own frame."""
    visit = Visit(browser, full, width)
    run = full.site.world.registry.archive.index.look().runs[0].experiment_run_id
    visit.go(path.format(run=run))
    assert visit.fits()
    assert visit.complaints == []
    assert visit.elsewhere == []
    visit.context.close()


def test_a_page_follows_its_run_to_the_verdict(browser: Browser, console: ServedConsole) -> None:
    """The fault window fills while one looks, and at the end the report is one link away; nobody reloads anything."""
    world = console.site.world
    run = world.open(quick(hold_seconds=60))
    visit = Visit(browser, console)
    page = visit.go(f"/runs/{RUN_ID}")
    struck(world, run)
    status = page.get_by_role("status")
    expect(status).to_contain_text("kill is in force on warehouse", timeout=20_000)
    expect(page.get_by_role("list", name="How far it has come").locator("[aria-current=step]")).to_contain_text(
        "fault removed"
    )
    timeline = page.get_by_role("region", name="Timeline").get_by_role("img")
    expect(page.get_by_role("region", name="Probes", exact=True)).to_contain_text("out of tolerance", timeout=20_000)
    assert page.locator("#part-timeline rect.shade").count() == 1
    await_(lambda: run.status().effect_seen)
    run.recover(STRIKE)
    run.close(VerdictReached(verdict=VerdictValue.INCONCLUSIVE, reasons=("nobody looked at the rows",), judged_until=5))
    expect(status).to_contain_text("Over. Verdict: inconclusive.", timeout=20_000)
    expect(page.get_by_text("nobody looked at the rows")).to_be_visible()
    assert timeline.is_visible()
    page.get_by_role("link", name="Open the full report").click()
    expect(page.get_by_role("heading", name="Row accounting")).to_be_visible()
    assert visit.complaints == []
    visit.context.close()


def test_updates_can_be_paused(browser: Browser, console: ServedConsole) -> None:
    """By whoever reads slowly, or has it read."""
    world = console.site.world
    run = world.open(quick(hold_seconds=60))
    page = Visit(browser, console).go(f"/runs/{RUN_ID}")
    page.get_by_role("button", name="Pause updates").click()
    before = page.get_by_role("status").text_content()
    struck(world, run)
    await_(lambda: run.status().effect_seen)
    with page.expect_response(lambda answer: "/live" in answer.url, timeout=20_000):
        page.get_by_role("button", name="Go on").click()
    assert before
    expect(page.get_by_role("status")).to_contain_text("is in force", timeout=20_000)
    page.context.close()


def test_a_halt_by_the_keyboard_ends_a_hold(browser: Browser, console: ServedConsole) -> None:
    """The reason is asked for; the page then says that nothing is in force, and lifts the halt again."""
    world = console.site.world
    run = world.open(quick(hold_seconds=60))
    struck(world, run)
    await_(lambda: run.status().effect_seen)
    visit = Visit(browser, console, PHONE)
    page = visit.go("/leases")
    expect(page.locator("#part-leases")).to_contain_text("In force")
    page.get_by_role("textbox", name="Why?").focus()
    page.keyboard.press("Enter")
    assert world.registry.halted is None
    page.keyboard.type("smoke in the server room")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Halted", exact=True)).to_be_visible()
    expect(page.locator("#part-leases")).to_contain_text("nothing is struck")
    assert world.platform.held == set()
    page.get_by_role("button", name="Lift the halt").click()
    expect(page.get_by_role("heading", name="Halted", exact=True)).to_have_count(0)
    assert world.registry.halted is None
    assert visit.complaints == []
    visit.context.close()


def test_a_viewer_is_shown_no_button(browser: Browser, full: ServedConsole) -> None:
    """But the leases."""
    page = Visit(browser, full, who=VIEWER).go("/leases")
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("heading", name="Active leases")).to_be_visible()
    page.context.close()


def test_the_list_is_filtered_as_one_types(browser: Browser, full: ServedConsole) -> None:
    """By fault, stage or name."""
    page = Visit(browser, full).go("/")
    rows = page.locator("#experiments tbody tr:visible")
    every = rows.count()
    page.get_by_role("searchbox", name="Find").fill("s3_ extract")
    assert 0 < rows.count() < every
    page.get_by_role("searchbox", name="Find").fill("")
    assert rows.count() == every
    page.context.close()


def test_the_keyboard_gets_past_the_navigation(browser: Browser, full: ServedConsole) -> None:
    """And every tick of a trend is a link with words."""
    page = Visit(browser, full).go("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.locator(".tick").first.get_attribute("aria-label")
    page.context.close()


@pytest.mark.parametrize(
    ("theme", "system", "is_dark"),
    [("dark", "light", True), ("light", "dark", False), (None, "dark", True), ("system", "light", False)],
)
def test_dark_mode_is_airflows_or_else_the_systems(
    browser: Browser,
    full: ServedConsole,
    theme: str | None,
    system: str,
    is_dark: bool,  # noqa: FBT001  # a case
) -> None:
    """Airflow keeps its choice where its frames can read it, and tells them when it changes."""
    visit = Visit(browser, full)
    visit.page.emulate_media(color_scheme="dark" if system == "dark" else "light")
    page = visit.go("/agent")
    if theme:
        page.evaluate("theme => localStorage.setItem('theme', theme)", theme)
        page.reload()
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(20, 23, 27)") is is_dark
    visit.context.close()


def test_links_to_airflow_leave_the_frame_that_airflow_shows_the_console_in(
    browser: Browser, full: ServedConsole
) -> None:
    """No Airflow within Airflow; the console's own links stay in the frame."""
    visit = Visit(browser, full)
    root = full.url.removesuffix("/chaos")
    sandbox = "allow-scripts allow-same-origin allow-forms allow-downloads"  # as Airflow 3.3.2's
    frame = f"<iframe sandbox='{sandbox}' src='/chaos/experiments/straggler'></iframe>"
    visit.page.route(f"{root}/plugin", lambda route: route.fulfill(body=frame, content_type="text/html"))
    visit.page.route(f"{root}/dags/**", lambda route: route.fulfill(body="Airflow", content_type="text/html"))
    visit.page.goto(f"{root}/plugin")
    console = visit.page.frame_locator("iframe")
    console.get_by_role("link", name="Experiments").click()
    console.locator("#experiments th a").first.click()
    console.get_by_role("link", name="start it").click()
    visit.page.wait_for_url(f"{root}/dags/chaos__*")
    visit.context.close()


def test_without_scripts_everything_can_be_read(browser: Browser, full: ServedConsole) -> None:
    """Only the help that needs one is missing."""
    visit = Visit(browser, full, scripts=False)
    page = visit.go("/")
    assert page.locator("#experiments tbody tr").count() > 50
    expect(page.locator("label.filter")).to_be_hidden()
    run = full.site.world.registry.archive.index.look().runs[0].experiment_run_id
    visit.go(f"/runs/{run}")
    expect(page.locator("#part-timeline svg rect").first).to_be_visible()
    visit.context.close()


def test_an_agent_that_goes_away_is_said_on_the_page(browser: Browser, console: ServedConsole) -> None:
    """What was shown stays, and is said to be old."""
    world = console.site.world
    world.open(quick(hold_seconds=60))
    page = Visit(browser, console).go(f"/runs/{RUN_ID}")
    page.route("**/live*", lambda route: route.abort())
    page.locator("body.stale").wait_for(timeout=20_000)
    page.unroute("**/live*")
    page.locator("body:not(.stale)").wait_for(timeout=60_000)
    page.context.close()

"""A report's page in a real browser: it draws, asks nobody for anything, and can be read without a mouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from include.chaos import events as e
from include.chaos.rendering.html import render_run, render_set
from include.chaos.reports.content import build_report
from tests.chaos import journals
from tests.chaos.rendering import pages

pytestmark = pytest.mark.e2e

PHONE, WIDE = 390, 1600
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; `make chromium` installs it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages on disk, as a person opens them."""
    folder = tmp_path_factory.mktemp("pages")
    steps = [*journals.passing_steps(), (38.0, e.RecordsRead())]
    written = {
        "run": render_run(build_report(journals.number(steps))),
        "hostile": render_run(build_report(pages.hostile())),
        "set": render_set(pages.several()),
    }
    for name, html in written.items():
        (folder / f"{name}.html").write_text(html, encoding="utf8")
    return {name: folder / f"{name}.html" for name in written}


class Visit:
    """A page that is looked at, with everything that it asked for or complained of."""

    def __init__(self, browser: Browser, path: Path, width: int = WIDE, *, scripts: bool = True) -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=scripts)
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))
        self.page.goto(path.as_uri())

    def scroll_through(self) -> None:
        """Bring every plot into sight, and wait until it is drawn."""
        for plot in self.page.locator(".plot:visible").all():
            plot.scroll_into_view_if_needed()
            plot.locator(".main-svg").first.wait_for(state="attached")

    def is_wider_than_its_screen(self) -> bool:
        """Whether one has to scroll sideways to read the page."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@pytest.mark.parametrize("width", [PHONE, WIDE])
@pytest.mark.parametrize("name", ["run", "hostile", "set"])
def test_the_page_draws_without_a_word_and_asks_nobody(
    browser: Browser, site: dict[str, Path], name: str, width: int
) -> None:
    """No error, no script of a journal's, no request but the one for the file; and it fits its screen."""
    visit = Visit(browser, site[name], width)
    visit.scroll_through()
    assert visit.said == []
    assert visit.requests == [site[name].as_uri()]
    assert not visit.is_wider_than_its_screen()


def test_all_plots_of_a_run_are_drawn(browser: Browser, site: dict[str, Path]) -> None:
    """The course, the recovery and each probe."""
    visit = Visit(browser, site["run"])
    visit.scroll_through()
    drawn = visit.page.locator(".plot:has(.main-svg)")
    assert drawn.evaluate_all("plots => plots.map(plot => plot.id)") == [
        "run-course-plot",
        "run-recovery-plot",
        "run-probe-1-plot",
    ]
    assert visit.page.locator("#run-course-plot .bars path").count() > 3


def test_the_keyboard_opens_the_data_of_a_plot(browser: Browser, site: dict[str, Path]) -> None:
    """A table that can be had without a mouse."""
    page = Visit(browser, site["run"]).page
    table = page.locator("figure details table").first
    assert not table.is_visible()
    page.locator("figure details summary").first.focus()
    page.keyboard.press("Enter")
    assert table.is_visible()


def test_a_line_of_the_table_of_runs_opens_that_run(browser: Browser, site: dict[str, Path]) -> None:
    """Its report was closed before, as there can be many."""
    page = Visit(browser, site["set"]).page
    report = page.locator("#run-2 details.run")
    assert report.get_attribute("open") is None
    page.locator("a[href='#run-2']").first.click()
    page.locator("#run-2 details.run[open]").wait_for()


def test_without_scripts_the_course_is_a_sketch_and_all_else_can_be_read(
    browser: Browser, site: dict[str, Path]
) -> None:
    """As where a build server shows artefacts, and forbids their scripts."""
    page = Visit(browser, site["run"], scripts=False).page
    assert page.get_by_role("heading", name="Row accounting").is_visible()
    assert page.locator("#run-course-plot svg.sketch rect").first.is_visible()
    assert page.locator("#run-recovery-plot svg.sketch rect").first.is_visible()


def test_on_paper_the_plots_are_drawn_and_fit(browser: Browser, site: dict[str, Path]) -> None:
    """Also those which nobody has scrolled to."""
    visit = Visit(browser, site["run"])
    paper = visit.page.pdf(format="A4", prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert visit.page.locator(".plot .main-svg").count() >= 3
    assert visit.said == []

"""What a user does, in a real browser on a real lab: log in, start experiments by their form, watch, read, halt."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from tests.e2e.site import EXPERIMENT, Site, await_

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MINUTES = 60_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; `make chromium` installs it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A browser in which the lab's admin is logged in."""
    airflow = site.lab.plan().airflow()
    context = browser.new_context(base_url=airflow.url, viewport={"width": 1600, "height": 1000})
    context.set_default_timeout(MINUTES)
    page = context.new_page()
    page.goto("/auth/login?next=/")
    page.get_by_label("Username").fill(airflow.user)
    page.get_by_label("Password").fill(airflow.password.get_secret_value())
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/auth/" not in url)
    yield page
    context.close()


def start(page: Page, site: Site, *, hold_seconds: int) -> FrameLocator:
    """Start the experiment by its form; give its run's tab, once the agent has opened the run."""
    page.goto(f"/dags/chaos__{EXPERIMENT}")
    page.get_by_role("button", name="Trigger").first.click()
    form = page.get_by_role("dialog")
    form.locator("input[name='element_kill_warehouse__hold_seconds']").fill(str(hold_seconds))
    form.get_by_role("button", name="Trigger").click()
    page.wait_for_url(re.compile(r"/runs/manual__"))
    await_(lambda: any(run.experiment_id == EXPERIMENT for run in site.agent.open_runs()), "the run to be opened")
    page.get_by_role("link", name="Chaos").last.click()
    return page.frame_locator("iframe[title='Chaos']")


def test_an_experiment_is_started_watched_and_read(page: Page, site: Site) -> None:
    """By its form, on its run's tab, which fills by itself, and in its report; nothing is reloaded in between."""
    tab = start(page, site, hold_seconds=20)
    now = tab.get_by_role("status")
    expect(now).to_contain_text("kill is in force on warehouse", timeout=5 * MINUTES)
    expect(tab.locator("#part-probes")).to_contain_text("out of tolerance")
    expect(tab.locator("#part-timeline rect.shade")).to_have_count(1)
    expect(now).to_contain_text("Over. Verdict: passed.", timeout=5 * MINUTES)
    tab.get_by_role("link", name="Open the full report").click()
    expect(tab.get_by_role("heading", name="Row accounting")).to_be_visible()


def test_another_is_halted_in_its_hold_and_seen_recovered(page: Page, site: Site) -> None:
    """From Airflow's menu, with a reason; the run then ends without a claim, and the halt is lifted."""
    tab = start(page, site, hold_seconds=60)
    expect(tab.get_by_role("status")).to_contain_text("kill is in force on warehouse", timeout=5 * MINUTES)
    page.goto("/plugin/chaos")
    console = page.frame_locator("iframe")
    console.get_by_role("link", name="Halt", exact=True).click()
    expect(console.locator("#part-leases")).to_contain_text("In force")
    console.get_by_role("textbox", name="Why?").fill("somebody needs the warehouse")
    console.get_by_role("button", name="Halt: undo everything now").click()
    expect(console.get_by_role("heading", name="Halted", exact=True)).to_be_visible()
    expect(console.locator("#part-leases")).to_contain_text("nothing is struck")
    assert "somebody needs the warehouse (admin, in the console)" in str(site.agent.health().halted)
    console.get_by_role("link", name="Experiments").click()
    console.locator("section.going").get_by_role("link").click()
    expect(console.locator("#part-moments")).to_contain_text("the undo is confirmed")
    expect(console.get_by_role("status")).to_contain_text("Over. Verdict: inconclusive.", timeout=5 * MINUTES)
    expect(console.locator("#part-verdict")).to_contain_text("halted")
    console.get_by_role("link", name="Halt", exact=True).click()
    console.get_by_role("button", name="Lift the halt").click()
    expect(console.get_by_role("heading", name="Halted", exact=True)).to_have_count(0)
    assert site.agent.health().halted is None


def test_the_way_back_to_airflow_leaves_the_frame(page: Page) -> None:
    """No Airflow within Airflow."""
    page.goto("/plugin/chaos")
    console = page.frame_locator("iframe")
    console.get_by_role("link", name="The warehouse is killed while rows are landing").first.click()
    console.get_by_role("link", name="start it").click()
    page.wait_for_url(re.compile(rf"/dags/chaos__{EXPERIMENT}$"))
    assert len(page.frames) == 1

"""A listener with a browser: finds a song and what is like it, and is told when the warehouse is away."""

from collections.abc import Iterator
from typing import cast

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.scale.servers import PostgresServer
from tests.waiting import await_
from tests.webapp.landed import Landing
from tests.webapp.serving import LOGIN, Served, served

pytestmark = pytest.mark.e2e

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE, DESK = (390, 844), (1400, 900)
BOTH = pytest.mark.parametrize("page", [PHONE, DESK], ids=["phone", "desk"], indirect=True)

SONGS = {
    "lmd/1/Waltz <No. 7>.mid": (40, 41, 42, 73),
    'lmd/2/Line\nbreak & "quote".mid': (40, 41, 42),
    "lmd/3/March.mid": (56, 57, 58),
    **{f"lmd/many/Étude {number:02}.mid": (0, 1, 2) for number in range(40)},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@pytest.fixture(scope="module")
def site(server: PostgresServer) -> Iterator[Served]:
    """The recommender with one worker, so that what one request has shown the next remembers."""
    landing = Landing(server)
    landing.publish(SONGS)
    with served(landing.settings, workers=1) as site:
        await_(lambda: "43 songs" in site.get("/").text, "all titles")
        yield site


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, site: Served) -> Iterator[Page]:
    """The start page, on a phone unless the test says otherwise."""
    width, height = cast("tuple[int, int]", getattr(request, "param", PHONE))
    user, password = LOGIN
    context = browser.new_context(
        base_url=site.url,
        viewport=ViewportSize(width=width, height=height),
        http_credentials={"username": user, "password": password},
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto("/")
    yield page
    assert not [text for text in complaints if "503" not in text], "the browser had something to say"
    context.close()


def fits(page: Page) -> bool:
    """Tell whether nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@BOTH
def test_a_song_is_found_with_its_instruments_and_neighbours(page: Page) -> None:
    """By title, from there to a neighbour, and from an instrument back."""
    page.get_by_role("searchbox", name="Search titles").fill("waltz")
    page.get_by_role("button", name="Search").click()
    assert fits(page)
    page.get_by_role("link", name="Waltz <No. 7>").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waltz <No. 7>")
    instruments = page.get_by_role("region", name="Instruments").get_by_role("link")
    expect(instruments).to_have_text(["Violin", "Viola", "Cello", "Flute"])
    neighbours = page.get_by_role("region", name="Sounds like").get_by_role("listitem")
    expect(neighbours).to_have_count(1)
    expect(neighbours).to_contain_text("3 of 4 shared")
    expect(neighbours).to_contain_text("Violin, Viola, Cello")
    assert fits(page)
    neighbours.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text('Line break & "quote"')
    page.get_by_role("link", name="Cello", exact=True).click()
    expect(page.locator("ol.songs > li")).to_have_count(2)


def test_long_lists_go_on(page: Page) -> None:
    """Page by page, to the end."""
    page.get_by_role("link", name="Piano", exact=True).click()
    expect(page.locator("ol.songs > li")).to_have_count(30)
    assert fits(page)
    page.get_by_role("link", name="More songs").click()
    expect(page.locator("ol.songs > li")).to_have_count(10)
    expect(page.get_by_role("link", name="More songs")).to_have_count(0)


def test_the_keyboard_is_enough(page: Page) -> None:
    """The first stop leads past what every page has; the search box takes Enter."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the songs")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("etude 07")
    page.keyboard.press("Enter")
    found = page.get_by_role("link", name="Étude 07")
    expect(found).to_be_visible()
    page.get_by_role("button", name="Search").focus()
    page.keyboard.press("Tab")
    expect(found).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Étude 07")


def test_the_listener_is_told_while_the_warehouse_is_away(page: Page, site: Served, server: PostgresServer) -> None:
    """What was seen before stays, with a notice; what was not is refused in words; and all is well afterwards."""
    address = "/song?filename=lmd/3/March.mid"
    page.goto(address)
    notice = page.get_by_role("status")
    expect(notice).to_have_count(0)
    server.kill()
    try:
        await_(lambda: site.get("/readyz").json()["answers_from"] == "memory", "the notice")
        page.reload()
        expect(notice).to_contain_text("The warehouse has not answered since")
        expect(page.get_by_role("region", name="Instruments").get_by_role("link")).to_have_count(3)
        assert fits(page)
        page.goto("/instrument/violin")
        expect(page.get_by_role("main")).to_contain_text("this has not been asked before")
    finally:
        server.start()
    await_(lambda: site.get("/readyz").json()["answers_from"] == "warehouse", "the warehouse")
    page.reload()
    expect(page.locator("ol.songs > li")).to_have_count(2)
    page.goto(address)
    expect(notice).to_have_count(0)

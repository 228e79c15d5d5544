"""The report in a real browser: by eye, by keyboard, by screen reader, and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.report.contact_sheet import thumbnail, wanted_pictures
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.report.page import render_report
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.gateways.include_files import include_text
from tests.browser.page_probes import CONTRAST, OPEN_ALL, SHOW_ALL, UNREACHABLE
from tests.material import cost_factories, factories, reports

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

Open = Callable[..., "Page"]


def notable_facts() -> ReportFacts:
    """A run with every notice: failed, on a local endpoint, still billing, captions edited."""
    edited = factories.caption("Mira waits", "word count: 2 words").model_copy(
        update={"editor": "dana"}
    )
    facts = reports.report_facts(
        images=(*reports.finished_run()["images"], factories.image(90, caption=edited)),
        run=reports.run_facts(status="failed", failure="no quota", endpoint="http://127.0.0.1:1"),
        receipt=cost_factories.receipt(
            resources=(
                cost_factories.throughput(),
                cost_factories.resource("custom model", kept=True),
            ),
            still_billing=("arn:throughput",),
        ),
    )
    png = encode_png(factories.picture(1))
    wanted = wanted_pictures(facts, arrange_board(facts.panels or ()))
    return facts.model_copy(update={"thumbnails": {p.key: thumbnail(png, p) for p in wanted}})


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page in a file."""
    page = render_report(
        notable_facts(),
        include_text("templates/report.html.j2"),
        include_text("templates/report.css"),
    )
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(page)
    return file


@pytest.fixture
def opened(chromium: Browser, report: Path) -> Iterator[Open]:
    """Open the page; it may neither request anything outside itself nor log anything."""
    contexts = []
    requested: list[str] = []
    logged: list[str] = []

    def open_page(viewport: Any = DESKTOP, **options: Any) -> Page:
        context = chromium.new_context(viewport=viewport, reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requested.append(request.url))
        page.on("console", lambda message: logged.append(message.text))
        page.goto(report.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in requested if not url.startswith(("data:", report.as_uri()))] == []
    assert logged == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_text_has_enough_contrast(opened, viewport, scheme):
    page = opened(viewport, color_scheme=scheme)
    page.add_style_tag(content=SHOW_ALL)
    page.evaluate(OPEN_ALL)
    found = page.evaluate(CONTRAST)
    assert found["seen"] > 300
    assert found["faults"] == []


@pytest.mark.parametrize("width", [390, 800, 1100])
def test_a_key_figure_is_one_line_and_breaks_no_word(opened, width):
    values = opened({"width": width, "height": 900}).locator(".figures .value")
    values.last.evaluate("(one) => one.textContent = 'nothing'")  # bills any more
    heights = values.evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().height)")
    assert max(heights) < 1.5 * min(heights)


def test_a_phone_scrolls_vertically_only_and_its_text_can_be_read(opened):
    page = opened(PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    page.add_style_tag(content=SHOW_ALL)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]
    small = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
          .filter((one) => one.getClientRects().length && [...one.childNodes].some(
            (node) => node.nodeType === 3 && node.data.trim()))
          .map((one) => [one.ownerSVGElement
            ? one.getBoundingClientRect().height / 1.2 : parseFloat(getComputedStyle(one).fontSize),
            one.textContent.trim().slice(0, 40)])
          .filter(([size, text]) => size < 10)"""
    )
    assert small == []


def test_the_first_tab_offers_to_skip_the_contents(opened):
    page = opened()
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the report"
    assert skip.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"


def test_the_keyboard_reaches_everything_in_reading_order_and_shows_where_it_is(opened):
    page = opened()
    page.add_style_tag(content=SHOW_ALL)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
          .filter((one) => !one.closest('details:not([open]) > .inside')).length"""
    )
    page.evaluate("() => { window.order = [...document.querySelectorAll('*')]; }")
    places, outlines = [], set()
    for _ in range(wanted):
        page.keyboard.press("Tab")
        place, outline = page.evaluate(
            """() => [order.indexOf(document.activeElement),
                      getComputedStyle(document.activeElement).outlineWidth]"""
        )
        places.append(place)
        outlines.add(outline)
    assert places == sorted(set(places))
    assert outlines == {"3px"}


def test_a_group_of_what_was_left_out_folds_and_unfolds_by_keyboard(opened):
    page = opened()
    group = page.locator("#dropped details", has_text="near-duplicate").first
    group.locator("summary").focus()
    for state in ("hidden", "visible"):
        page.keyboard.press("Enter")
        group.locator("img").first.wait_for(state=state, timeout=5_000)


def test_what_is_wider_than_the_page_is_scrolled_by_keyboard(opened):
    page = opened(PHONE)
    page.add_style_tag(content=SHOW_ALL)
    page.evaluate(OPEN_ALL)
    assert page.evaluate(UNREACHABLE) == []


def test_a_screen_reader_hears_landmarks_headings_and_every_picture(opened):
    page = opened()
    page.add_style_tag(content=SHOW_ALL)
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1, landmark
    headings = page.get_by_role("heading", level=2).all_inner_texts()
    assert headings[:3] == ["From film to pictures", "Characters", "Coverage"]
    assert "Cost" in headings
    pictures = page.get_by_role("img")
    assert pictures.count() > 40
    assert page.get_by_role("img", name="Mira, ").count() > 5
    nameless = page.get_by_role("img").evaluate_all(
        "(all) => all.filter((one) => !(one.alt || one.getAttribute('aria-label'))).length"
    )
    assert nameless == 0
    plot = page.get_by_role("img", name="When in the film the pictures of each character")
    assert "Mira 12 pictures, 0:03 to" in plot.get_attribute("aria-label")

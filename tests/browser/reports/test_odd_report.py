"""The report of a run with odd texts and pictures: nothing spills or is cut, and it prints.

Names of one long word, captions of a thousand letters, text from right to left, a single picture,
upright panels, a very long refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.domain.image_records import Drop
from storyboard_ops.domain.sampling.shards import QuarantinedVideo
from tests.browser.page_probes import CONTRAST, OPEN_ALL, SHOW_ALL, SPILT, WORD
from tests.material import cost_factories, factories, reports
from tests.reading.report_reading import page_of, with_thumbnails

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

SPEECH = "A slow dolly along the quay where the lantern light falls on wet stone and " * 14
ARABIC = "ميرا تمشي على الرصيف عند الغروب"
DEEP = "s3://storyboard-studio/" + "a-department-with-a-long-name/" * 20 + "x" * 150 + ".mp4"

Open = Callable[..., "Page"]


def odd_production() -> Any:
    cast = [character.model_dump() for character in factories.production().characters]
    for character, name in zip(cast, (WORD[:60], ARABIC, "<b>Pip</b>"), strict=True):
        character |= {"name": name, "description": WORD}
    return factories.production(production=WORD[:120], characters=cast, style=WORD[:300])


def odd_facts() -> ReportFacts:
    """A failed run of two films in which every text is long."""
    drop = Drop(stage="review", reason="rejected", detail=SPEECH + WORD)
    refused = factories.rejected(50, "pip", WORD)
    resources = tuple(
        cost_factories.resource("custom model", name=WORD, note=DEEP) for _ in range(60)
    )
    return reports.report_facts(
        production=odd_production(),
        settings=factories.settings(videos=[DEEP, factories.VIDEO_URI]),
        run=reports.run_facts(status="failed", failure=SPEECH + WORD),
        lost_videos=(QuarantinedVideo(uri=DEEP, reason=WORD),),
        images=(
            factories.image(1, caption=factories.caption(SPEECH, WORD)),
            factories.image(2, caption=factories.caption(WORD)),
            factories.image(3, "bram", caption=factories.caption(ARABIC)),
            factories.image(4, frame=factories.frame(4, uri=DEEP)),
            factories.near_duplicate(31),
            refused.model_copy(update={"dropped": drop}),
        ),
        panels=(
            factories.panel(1, WORD, description=WORD, prompt=SPEECH),
            factories.failed_panel(2, ARABIC).model_copy(update={"failure": SPEECH + WORD}),
            factories.panel(3, ARABIC, width=320, height=1280),
        ),
        receipt=cost_factories.receipt(resources=resources, still_billing=(WORD,)),
    )


def one_picture() -> ReportFacts:
    return reports.report_facts(images=(factories.image(1),))


@pytest.fixture(scope="module")
def odd_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("odd") / "report.html"
    file.write_text(page_of(with_thumbnails(odd_facts())))
    return file


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Open]:
    """Open a file with everything laid out and unfolded."""
    contexts = []

    def open_page(file: Path, width: int = 1280, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(file.as_uri())
        page.add_style_tag(content=SHOW_ALL)
        page.evaluate(OPEN_ALL)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_spills_over_and_nothing_is_cut(opened, odd_file, width):
    page = opened(odd_file, width)
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    assert page.evaluate(SPILT) == []


def test_a_long_caption_does_not_stretch_its_card(opened, odd_file):
    page = opened(odd_file)
    heights = page.locator(".cards figure").evaluate_all("(all) => all.map((o) => o.clientHeight)")
    assert len(heights) > 5
    assert max(heights) < 900


def test_a_number_follows_the_name_even_when_the_name_is_arabic(opened, odd_file):
    page = opened(odd_file)
    heading = page.locator("#character-bram")
    name, number = (heading.locator(part).bounding_box() for part in ("bdi", ".number"))
    assert name["x"] + name["width"] <= number["x"]
    caption = page.locator("#characters .text", has_text=ARABIC)
    assert caption.evaluate("(one) => getComputedStyle(one).unicodeBidi") == "plaintext"


def test_an_upright_panel_fits_the_screen(opened, odd_file):
    page = opened(odd_file)
    shown = page.locator(".board .views").last.bounding_box()
    assert shown["height"] < 450
    assert shown["width"] > 250


def test_a_single_picture_is_not_enlarged(opened, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(page_of(with_thumbnails(one_picture())))
    hero = opened(file).locator(".hero img").bounding_box()
    assert hero["width"] < 240


def test_the_receipt_of_a_usual_run_fits_a_laptop(opened, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(page_of(with_thumbnails(reports.report_facts())))
    page = opened(file)
    hidden = page.locator(".scroll").evaluate_all(
        "(all) => all.filter((o) => o.scrollWidth > o.clientWidth).map((o) => o.ariaLabel)"
    )
    assert hidden == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_print_is_dark_on_white_and_shows_long_texts_whole(opened, odd_file, scheme):
    page = opened(odd_file, color_scheme=scheme)
    page.emulate_media(media="print", color_scheme=scheme)
    assert page.evaluate(CONTRAST)["faults"] == []
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    cut = page.locator(".tall").evaluate_all(
        "(all) => all.filter((one) => one.scrollHeight > one.clientHeight + 1).length"
    )
    assert cut == 0

"""Hostile texts in the report, the pages of a removal and a comparison, and the dataset card.

Nothing runs, nothing is requested, nothing spills, and what follows a text keeps its order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from storyboard_ops.core.text.visible import visible
from tests.browser.hostile.hostile_pages import PAGES, film_of, hostile_production
from tests.browser.hostile.hostile_watch import Watch, watched
from tests.browser.page_probes import OPEN_ALL, SHOW_ALL, SPILT
from tests.material.hostile_texts import LONG_WORD, SHORT, each

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

WIDTHS = (390, 1100)
TEXTS = {**SHORT, "long word": LONG_WORD}


@pytest.fixture(scope="module")
def watch(chromium: Browser) -> Iterator[Watch]:
    """One tab for all texts."""
    with watched(chromium) as tab:
        yield tab


@pytest.mark.parametrize("kind", each(TEXTS))
@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_text_stays_a_text_in_its_place(watch: Watch, tmp_path, name, kind):
    text = TEXTS[kind]
    file = tmp_path / "page.html"
    file.write_text(PAGES[name](text), encoding="utf-8", newline="")
    watch.open(file.as_uri())
    watch.page.add_style_tag(content=SHOW_ALL)
    watch.page.evaluate(OPEN_ALL)
    watch.move_over_everything()
    for width in WIDTHS:
        watch.page.set_viewport_size({"width": width, "height": 900})
        assert watch.faults() == []
        if name != "card":  # its style is the site's
            assert watch.page.evaluate(SPILT) == []
    shown = " ".join(watch.page.evaluate("document.body.textContent").split())
    assert " ".join(visible(text).split()) in shown


@pytest.mark.parametrize("name", PAGES)
def test_what_follows_a_name_from_right_to_left_keeps_its_order(watch: Watch, tmp_path, name):
    text = SHORT["right to left"]
    file = tmp_path / "page.html"
    file.write_text(PAGES[name](text), encoding="utf-8")
    watch.open(file.as_uri())
    watch.page.evaluate(OPEN_ALL)
    names = [character.name for character in hostile_production(text).characters]
    assert watch.mixed_lines([*names, text, film_of(text), f"videos/{text}"]) == []

"""The board as a page: complete, self-contained, escaped, in bounded size."""

from dataclasses import replace

import pytest
from lxml import html

from storyboard_ops.core.pictures.codec import decode_rgb, encode_png
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.sheets.html_board import page_picture, render_board
from storyboard_ops.gateways.include_files import include_text
from tests.material.factories import panel, picture
from tests.material.hostile_texts import SHORT
from tests.material.storyboards import FACTS, REVISION, SCENES, lantern_board, pictures_of

TEMPLATE, CSS = include_text("templates/board.html.j2"), include_text("templates/board.css")


def page_of(board, sheet=FACTS, **options) -> html.HtmlElement:
    pictures = pictures_of(board)
    return html.document_fromstring(render_board(board, pictures, sheet, TEMPLATE, CSS, **options))


def test_the_page_shows_every_panel_under_its_scene():
    board = lantern_board()
    page = page_of(board, replace(FACTS, revision=REVISION))
    headings = page.xpath("//section/h2/span[1]/text()")
    assert headings == [f"{n}. {heading}" for n, heading in enumerate(SCENES, start=1)]
    assert page.xpath("//h3/text()") == [placed.panel.panel_id for placed in board.panels]
    assert len(page.xpath("//img")) == 41
    text = " ".join(page.text_content().split())
    for expected in (
        "42 panels (1 not drawn) in 12 scenes",
        "Version 3, blue",
        "The model's content filter refused the prompt.",
        "OLD TOBIAS (V.O.) A light is only as good",
        "extreme wide, from above, 24 mm",
        "2-020-030 OMITTED since version 3: A rope falls.",
    ):
        assert expected in text, expected
    assert page.xpath("//*[@class='mark']/text()") == ["NEW", "CHANGED", "MOVED"]


def test_the_page_loads_nothing_and_runs_no_script():
    page = page_of(lantern_board())
    [policy] = page.xpath("//meta[@http-equiv]/@content")
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert not page.xpath("//script | //link | //iframe")
    assert all(src.startswith("data:image/jpeg;base64,") for src in page.xpath("//@src"))
    assert all(href.startswith("#") for href in page.xpath("//@href"))


@pytest.mark.parametrize("prompts", [False, True])
def test_prompts_are_shown_where_a_run_wants_them(prompts):
    text = page_of(arrange_board([panel(1)]), prompts=prompts).text_content()
    assert ("soft painted animation, evening light" in text) == prompts


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_hostile_texts_stay_texts(text):
    board = arrange_board([panel(1, text, description=text, sound=text, note=text)])
    page = page_of(board, replace(FACTS, production=text, caution=text, attribution=text))
    assert page.xpath("count(//img)") == 1
    assert not page.xpath("//script | //svg | //textarea | //@onerror | //@onmouseover")


@pytest.mark.parametrize(
    ("panels", "side"), [(1, 1280), (40, 1280), (41, 960), (100, 960), (200, 720), (201, 480)]
)
def test_pictures_are_smaller_the_more_there_are(panels, side):
    encoded = page_picture(encode_png(picture(1, 1600, 900)), panels)
    assert decode_rgb(encoded).shape[1] == side


def test_a_panel_with_the_wrong_characters_says_so_and_is_counted():
    mark = "Bram is in the picture without being asked for."
    shown = arrange_board([panel(1, marks=(mark,)), panel(2)])
    page = page_of(shown)
    text = " ".join(page.text_content().split())
    assert "2 panels (1 shows the wrong characters) in 1 scene" in text
    assert text.count(mark) == 1

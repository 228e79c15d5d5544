"""Removals, comparisons and storyboards in a real browser: contrast, phone, landmarks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from storyboard_ops.core.dataset.diff import diff_datasets
from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.removal.page import render_removal
from storyboard_ops.core.report.contact_sheet import ShownPicture, thumbnail
from storyboard_ops.core.report.diff_page import DiffFacts, render_diff
from storyboard_ops.core.storyboard.board import Board, arrange_board
from storyboard_ops.core.storyboard.sheets.html_board import render_board
from storyboard_ops.core.storyboard.sheets.sheet_view import SheetFacts
from storyboard_ops.domain.removal.removal_records import (
    AffectedModel,
    ObjectLine,
    RemovalRecord,
    parse_request,
)
from storyboard_ops.domain.storyboard.panel_card import SpokenLine
from storyboard_ops.gateways.include_files import include_text
from tests.browser.page_probes import CONTRAST, OPEN_ALL, SHOW_ALL, SPILT, UNREACHABLE, WORD
from tests.material import factories
from tests.material.storyboards import FACTS, REVISION, lantern_board, pictures_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

STYLE = "templates/report.css"
HEIGHT = 900
RUN = "manual-2026-11-20t10-00-00-b9f7ac21"


def removal_page() -> str:
    """A removal that affected much and left a model."""
    asked = {"film": f"{factories.WORKSPACE}/videos/f.mp4", "reason": "the licence has ended"}
    request = parse_request({**asked, "requested_by": "dana", "dry_run": False})
    lines = tuple(
        ObjectLine(uri=f"{factories.WORKSPACE}/runs/{RUN}/crops/{factories.sha(k)}.png", size=9)
        for k in range(40)
    )
    model = AffectedModel(
        run_key=RUN, job_arn=factories.MODEL_ARN, model_arn=factories.MODEL_ARN, exists=True
    )
    record = RemovalRecord(
        removal_id=request.removal_id,
        state="done",
        request=request,
        done_at="2026-11-23T08:00:00+00:00",
        deleted=lines,
        rewritten=(ObjectLine(uri=f"{factories.WORKSPACE}/a/b.jsonl", size=9, rows=3),),
        runs=(RUN,),
        unfinished_runs=(RUN,),
        models=(model, model.model_copy(update={"deleted_at": "2026-11-23T08:00:00+00:00"})),
        stopped_loops=("loop-1",),
        notes=("The film itself stays where it is.",),
    )
    return render_removal(record, include_text("templates/removal.html.j2"), include_text(STYLE))


def diff_page() -> str:
    """A comparison with every kind of change."""
    before = [factories.image(k) for k in range(9)]
    after = [factories.image(k) for k in range(4, 12)]
    after[0] = after[0].model_copy(update={"image_id": factories.sha("anew")})
    after[1] = after[1].model_copy(update={"character": "bram"})
    after[2] = after[2].model_copy(update={"caption": factories.caption("Mira sails to sea")})
    small = thumbnail(encode_png(factories.picture(1)), ShownPicture("", "", ""))
    facts = DiffFacts(
        production=factories.production(),
        earlier_run=RUN,
        later_run=RUN,
        diff=diff_datasets(before, after),
        thumbnails={image.image_id: small for image in (*before, *after)},
    )
    return render_diff(facts, include_text("templates/dataset_diff.html.j2"), include_text(STYLE))


def odd_removal_page() -> str:
    """A removal in which every text is long."""
    film = f"{factories.WORKSPACE}/{'a-department-with-a-long-name/' * 20}{WORD}.mp4"
    request = parse_request({"film": film, "reason": WORD, "requested_by": WORD[:120]})
    record = RemovalRecord(
        removal_id=request.removal_id,
        state="planned",
        request=request,
        deleted=(ObjectLine(uri=film, size=9),),
        rewritten=(ObjectLine(uri=film, size=9, rows=3),),
        runs=(WORD,),
        models=(AffectedModel(run_key=WORD, job_arn=WORD, model_arn=WORD, exists=True),),
        stopped_loops=(WORD,),
        notes=(WORD,),
    )
    return render_removal(record, include_text("templates/removal.html.j2"), include_text(STYLE))


def odd_diff_page() -> str:
    """A comparison of captions that are too long."""
    before = factories.image(1, caption=factories.caption("Mira waits for the tide " * 50))
    after = before.model_copy(update={"caption": factories.caption(WORD)})
    facts = DiffFacts(
        production=factories.production(production=WORD[:120]),
        earlier_run=WORD,
        later_run=RUN,
        diff=diff_datasets([before], [after, factories.image(2)]),
    )
    return render_diff(facts, include_text("templates/dataset_diff.html.j2"), include_text(STYLE))


def storyboard_page() -> str:
    """A board of twelve scenes, in its third version."""
    return render_storyboard(lantern_board(), replace(FACTS, revision=REVISION))


def odd_storyboard_page() -> str:
    """A board in which every text is long."""
    spoken = (SpokenLine(speaker=WORD[:120], text=WORD),)
    panels = [
        factories.panel(n, WORD[: 100 + n], description=WORD, dialogue=spoken, note=WORD)
        for n in (1, 2)
    ]
    sheet = replace(FACTS, production=WORD, model=WORD, caution=WORD, attribution=WORD)
    return render_storyboard(arrange_board(panels), sheet)


def render_storyboard(board: Board, sheet: SheetFacts) -> str:
    template, css = include_text("templates/board.html.j2"), include_text("templates/board.css")
    return render_board(board, pictures_of(board), sheet, template, css, prompts=True)


PAGES = {
    "storyboard": storyboard_page,
    "odd storyboard": odd_storyboard_page,
    "removal": removal_page,
    "diff": diff_page,
    "odd removal": odd_removal_page,
    "odd diff": odd_diff_page,
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_can_be_read_on_every_screen(chromium: Browser, tmp_path, name, width, scheme):
    file = tmp_path / f"{name}.html"
    file.write_text(PAGES[name]())
    size = {"width": width, "height": HEIGHT}
    options: dict[str, Any] = {"viewport": size, "color_scheme": scheme}
    context = chromium.new_context(**options)
    page = context.new_page()
    logged: list[str] = []
    page.on("console", lambda message: logged.append(message.text))
    page.goto(file.as_uri())
    page.add_style_tag(content=SHOW_ALL)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    assert page.evaluate(SPILT) == []
    start = page.locator("main").bounding_box()
    assert start is not None and start["y"] < HEIGHT, "the page begins on the first screen"
    assert page.evaluate(UNREACHABLE) == []
    assert page.evaluate(CONTRAST)["faults"] == []
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1, landmark
    assert logged == []
    context.close()

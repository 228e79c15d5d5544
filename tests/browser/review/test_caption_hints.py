"""The hints that the board shows for a caption agree with the caption linter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from storyboard_ops.core.dataset.caption_linter import CaptionedPicture, lint_captions
from storyboard_ops.domain.production_sheet import Character
from tests.browser.board_page import BoardPage, context_of
from tests.browser.review.review_items import review_of
from tests.browser.review.review_server import served
from tests.material.caption_cases import WORD_COUNTS
from tests.material.name_cases import MENTIONS, SPELLINGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

CAST = {"mira": "Mira", "bram": "Bram", "old": "Old Mira", "mi_ra": "ミラ"}
#: A code of the linter, and the hint for it.
HINT_OF = {
    "too short": "At least 3 characters.",
    "too long": "At most 1024 characters.",
    "name missing": "Does not name Mira.",
    "absent character": "Also names",
    "word count": "words; use 20 to 30.",
}
HINTS = """
    async ([caption, cast, words]) => {
      const { captionHints } = await import(
        "../../../static/boards/review/captions/caption_hints.js");
      const characters = Object.entries(cast).map(([id, name]) => ({ id, name }));
      const limits = { caption_min: 3, caption_max: 1024, caption_words: words };
      return captionHints(caption, "mira", characters, limits).map(({ text }) => text);
    }
"""


@pytest.fixture(scope="module")
def board(chromium: Browser) -> Iterator[BoardPage]:
    with served(review_of(2)) as address, context_of(chromium) as context:
        yield BoardPage.opened(context, address)


@pytest.mark.parametrize(
    "caption",
    [
        "",
        "Mi",
        "MIRA waits.",
        "Miranda waits, and admiral Bram.",
        "Mira-Bram, she says; Mira's lamp, Bram’s boat.",
        "Old Mira waits",
        "old  mira and Mira",
        "Ми́ра, mira! 海辺のMiraは。",
        "ミラは海辺で待つ。",
        "Mira " + "walks on " * 12,
        "Mira (a) *waits* [b] {c} $d^e|f",
        pytest.param("\U0001f3ee" * 1024, id="lanterns that fit"),
        pytest.param("\U0001f3ee" * 1025, id="a lantern too many"),
    ],
)
def test_hints_agree_with_the_linter(board: BoardPage, caption: str) -> None:
    cast = [
        Character(id=identity, name=name, description="A figure.", references=("a.png",))
        for identity, name in CAST.items()
    ]
    found = {
        finding.code for finding in lint_captions([CaptionedPicture("x", caption, "mira")], cast)
    }

    hints = board.page.evaluate(HINTS, [caption, CAST, [20, 30]])

    shown = {text for text in HINT_OF.values() if any(text in hint for hint in hints)}
    assert shown == {hint for code, hint in HINT_OF.items() if code in found}


@pytest.mark.parametrize(("caption", "count"), WORD_COUNTS.items())
def test_the_board_counts_words_as_the_linter_does(
    board: BoardPage, caption: str, count: int
) -> None:
    hints = board.page.evaluate(HINTS, [caption, CAST, [-1, -1]])
    assert f"{count} words; use -1 to -1." in hints


NAMES = """
    async ([text, names]) => {
      const { namesIn } = await import("../../../static/boards/review/captions/names.js");
      return [...namesIn(text, names.map((name) => ({ name })))].map(({ name }) => name);
    }
"""


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [*MENTIONS, *((f"At dusk {spelling} waits.", [name], {name}) for name, spelling in SPELLINGS)],
)
def test_the_board_finds_names_as_the_linter_does(
    board: BoardPage, text: str, names: list[str], found: set[str]
) -> None:
    assert set(board.page.evaluate(NAMES, [text, names])) == found

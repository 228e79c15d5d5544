"""What people write wins; what no trainer takes leaves the picture out."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.core.review.caption_review import settle_captions
from storyboard_ops.domain.image_records import ImageRecord
from tests.material import factories

PRODUCTION = factories.production()
#: 22 words.
GOOD = (
    "Mira leans over the wet railing and laughs at the gulls, seen from below against low clouds, "
    "while warm light falls around her."
)


def seen(count: int = 2) -> list[ImageRecord]:
    """Pictures as reviewers saw them."""
    return [
        factories.image(
            k, review=None, caption=factories.caption(f"{GOOD} Take {k}.", "trait: old")
        )
        for k in range(count)
    ]


def edited(image: ImageRecord, text: str, **changes: Any) -> ImageRecord:
    assert image.caption is not None
    caption = image.caption.model_copy(update={"text": text, "editor": "dana"})
    return image.model_copy(update={"caption": caption, "review": factories.review(), **changes})


def test_a_caption_that_nobody_changed_keeps_its_findings() -> None:
    before = seen()
    assert settle_captions(before, before, PRODUCTION) == before


def test_a_persons_caption_wins_and_what_the_linter_says_is_recorded() -> None:
    before = seen()
    reviewed = [edited(before[0], "A girl waits for Zorro."), before[1]]
    settled = settle_captions(before, reviewed, PRODUCTION)
    caption = settled[0].caption
    assert caption is not None
    assert settled[0].kept
    assert (caption.text, caption.editor) == ("A girl waits for Zorro.", "dana")
    assert caption.findings == (
        "word count: 5 words; 20 to 30 are wanted",
        "name missing: does not call the character by name: Mira",
        "unknown name: seems to name 'Zorro', whom the production file does not name",
    )
    assert settled[1] == before[1]


def test_an_edit_that_mends_the_caption_clears_its_findings() -> None:
    before = seen()
    settled = settle_captions(before, [edited(before[0], GOOD), before[1]], PRODUCTION)
    assert settled[0].caption is not None
    assert settled[0].caption.findings == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Mi", "2 characters; the trainer wants at least 3"),
        ("Mira " * 300, "1,500 characters; the trainer takes at most 1,024"),
        ("Mira\x00 waves", "holds characters that are no text: U+0000"),
        ("Mira \ud800 waves", "holds characters that are no text: U+D800"),
    ],
    ids=["short", "long", "control", "surrogate"],
)
def test_an_edit_that_no_trainer_takes_leaves_the_picture_out(text: str, reason: str) -> None:
    before = seen()
    settled = settle_captions(before, [edited(before[0], text), before[1]], PRODUCTION)
    drop = settled[0].dropped
    assert drop is not None
    assert (drop.stage, drop.reason) == ("review", "caption unusable")
    assert drop.detail == f"the caption as edited cannot be trained with: {reason}"
    assert settled[0].caption == before[0].caption
    assert settled[1].kept


def test_a_picture_given_to_another_character_takes_the_name_along() -> None:
    before = seen()
    given = before[0].model_copy(update={"character": "bram", "review": factories.review()})
    settled = settle_captions(before, [given, before[1]], PRODUCTION)[0]
    assert settled.caption is not None
    assert settled.caption.text.startswith("Bram leans over the wet railing")
    assert settled.caption.editor == ""
    assert settled.kept


def test_a_rejected_picture_is_left_alone() -> None:
    before = seen()
    reject = factories.rejected(0).model_copy(update={"caption": before[0].caption})
    assert settle_captions(before, [reject, before[1]], PRODUCTION) == [reject, before[1]]

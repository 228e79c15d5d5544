"""Each number of a run has one definition, also in the cases where two countings would differ."""

from __future__ import annotations

from typing import get_args

from storyboard_ops.domain.image_records import Drop, DropReason, DuplicateFacts, ImageRecord
from storyboard_ops.domain.report.run_figures import (
    MEANINGS,
    FrameFigures,
    PanelFigures,
    PictureFigures,
    count_frames,
    count_panels,
    count_pictures,
)
from tests.material import factories, reports


def left_out(k: int, stage: str, reason: str, **changes: object) -> ImageRecord:
    assert reason in get_args(DropReason), reason
    return factories.image(k, dropped=Drop(stage=stage, reason=reason), **changes)


def rare_pictures() -> tuple[ImageRecord, ...]:
    """Ten pictures, two of them in the dataset; each of the others goes for its own reason."""
    best = DuplicateFacts(model_id="titan")  # nothing better to compare it with
    return (
        factories.image(0, "mira", duplicate=best),
        factories.image(9, "mira"),
        left_out(1, "duplicate", "copy", caption=None, review=None),
        factories.near_duplicate(2),
        left_out(3, "duplicate", "not compared", duplicate=None, caption=None, review=None),
        left_out(4, "caption", "no caption", caption=None, review=None),
        left_out(5, "dataset", "shot cap", review=None),
        factories.rejected(6),
        left_out(7, "review", "not reviewed", review=None),
        left_out(8, "review", "caption unusable"),  # approved, with a caption of no use
    )


def test_every_picture_is_left_out_at_one_stage() -> None:
    assert count_pictures(rare_pictures()) == PictureFigures(
        cut_out=10,
        distinct=7,
        captioned=6,
        candidates=5,
        approved=2,
        copies=1,
        near_duplicates=1,
        not_compared=1,
        approvals=3,
        rejections=1,
        by_character={"mira": 2},
        shots=2,
    )
    assert count_pictures(rare_pictures()).left_out_after_approval == 1


def test_before_a_review_what_is_left_is_what_reviewers_see() -> None:
    counted = count_pictures(factories.image(k, review=None) for k in range(3))
    assert (counted.candidates, counted.approved, counted.approvals) == (3, 3, 0)
    assert counted.left_out_after_approval == 0


def test_frames_and_panels() -> None:
    assert count_frames(reports.film_frames()) == FrameFigures(sampled=60, usable=48, shots=15)
    panels = (factories.panel(1), factories.failed_panel(2))
    assert count_panels(panels) == PanelFigures(planned=2, drawn=1, candidates=0)


def test_equal_shots_of_two_films_are_two() -> None:
    other = factories.frame(0, uri=f"{factories.VIDEO_URI}.2")
    assert count_frames((factories.frame(0), other)).shots == 2


def test_every_meaning_is_a_sentence() -> None:
    assert all(text[0].isupper() and text.endswith(".") for text in MEANINGS.values())

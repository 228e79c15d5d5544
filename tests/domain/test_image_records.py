"""Drops: a closed set of reasons for every stage, whose words never change."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.image_records import REASONS, Drop

#: As manifests in users' buckets have them.
KNOWN = {
    "sample": {"title card", "black", "white", "blurred", "near-identical"},
    "detect": {"stranger", "nameless", "same box", "other character", "unsure", "not examined"},
    "crop": {
        *("outside the picture", "too small", "no head", "frame unreadable"),
        *("blurred", "double exposure"),
    },
    "duplicate": {"copy", "near-duplicate", "same picture", "not compared"},
    "caption": {"no caption", "caption unusable"},
    "dataset": {
        *("shot cap", "character cap", "total cap", "missing"),
        *("side", "pixels", "aspect", "bytes", "file name", "format", "caption"),
    },
    "review": {"not reviewed", "rejected", "caption unusable", "cut unusable", "same picture"},
}


def test_the_words_are_those_of_the_manifests_that_exist():
    assert KNOWN == REASONS


@pytest.mark.parametrize(
    ("stage", "reason"),
    [(stage, reason) for stage, all_of in KNOWN.items() for reason in sorted(all_of)],
)
def test_a_drop_is_written_and_read_back_with_its_word(stage, reason):
    drop = Drop(stage=stage, reason=reason)
    text = canonical_json(drop)
    assert f'"reason":"{reason}"' in text
    assert Drop.model_validate_json(text) == drop


@pytest.mark.parametrize(
    ("stage", "reason"), [("sample", "boring"), ("sample", "unsure"), ("review", "black")]
)
def test_any_other_word_is_refused(stage, reason):
    with pytest.raises(ValidationError):
        Drop(stage=stage, reason=reason)


def test_a_reason_of_another_stage_is_refused_with_the_reasons_that_there_are():
    with pytest.raises(ValidationError, match="its reasons are: caption unusable, no caption"):
        Drop(stage="caption", reason="rejected")

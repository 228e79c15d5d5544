"""Copies go first and for free, near-duplicates by their embeddings, the best stays."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from storyboard_ops.core.dataset.duplicates import near_duplicates
from storyboard_ops.core.dataset.duplicates.picture_hash import differing_bits, picture_hash
from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.error_tree import AnswerUnusable, BatchFailed
from storyboard_ops.domain.image_records import CropFacts, Drop, ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.steps.dataset import drop_near_duplicates as step
from storyboard_ops.steps.dataset.drop_near_duplicates import drop_near_duplicates
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material.factories import detection, image, picture
from tests.studio.studio_fixture import Studio


@pytest.fixture
def tools(studio: Studio) -> ToolBox:
    return studio.tools(duplicate_above=0.9)


@dataclass
class Compass:
    """Embeds a picture as a direction in degrees; None: it cannot."""

    degrees: Mapping[str, float | None]
    asked: list[str] = field(default_factory=list)
    model_id: str = "compass"

    def embed(self, picture: bytes, image_id: str) -> np.ndarray:
        assert sha256_hex(picture) == image_id
        self.asked.append(image_id)
        angle = self.degrees[image_id]
        if angle is None:
            raise AnswerUnusable("the needle turns")
        return np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))], np.float32)


def stored(
    tools: ToolBox, seed: int, sharpness: float, character: str = "mira", side: int = 256
) -> ImageRecord:
    """A picture in the workspace; the seed says what it shows, the sharpness how good it is."""
    pixels = picture(seed, 256, 256)
    pixels[0, 0] = int(sharpness) % 256  # two pictures of one seed are not the same bytes
    png = encode_png(pixels)
    uri = tools.objects.put(tools.run_root / f"crops/{sha256_hex(png)}.png", png)
    facts = CropFacts(
        detection=detection(character), left=0, top=0, width=side, height=side,
        enlargement=1.0, sharpness=sharpness, framing="full",
    )  # fmt: skip
    changes: dict[str, Any] = {"duplicate": None, "caption": None, "review": None}
    return image(seed, character, image_id=sha256_hex(png), uri=uri, crop=facts, **changes)


def committed(tools: ToolBox, images: list[ImageRecord]) -> ManifestRef:
    return tools.manifests.commit(tools.run_root / "crops/manifest.jsonl", "images", "d", images)


def result(tools: ToolBox, ref: ManifestRef) -> list[ImageRecord]:
    return list(tools.manifests.read(ref, ImageRecord, "images").records)


def reasons(images: list[ImageRecord]) -> list[str]:
    return [one.dropped.reason if one.dropped else "kept" for one in images]


def test_the_best_of_near_duplicates_stays(tools: ToolBox) -> None:
    images = [stored(tools, 1, 50), stored(tools, 2, 90), stored(tools, 3, 70)]
    first, best, other = (one.image_id for one in images)
    compass = Compass({first: 10, best: 0, other: 80})
    after = result(tools, drop_near_duplicates(tools, committed(tools, images), compass))
    assert [one.image_id for one in after] == [first, best, other]
    assert reasons(after) == ["near-duplicate", "kept", "kept"]
    facts = after[0].duplicate
    assert facts is not None
    assert (facts.model_id, facts.nearest) == ("compass", best)
    assert facts.similarity == pytest.approx(np.cos(np.radians(10)), abs=1e-6)
    assert after[0].dropped == Drop(
        stage="duplicate",
        reason="near-duplicate",
        detail=f"0.9848 like {best[:12]}, which is better",
        score=facts.similarity,
    )
    kept = after[2].duplicate
    assert kept is not None
    assert (kept.nearest, kept.similarity) == (
        best,
        pytest.approx(np.cos(np.radians(80)), abs=1e-6),
    )


def test_copies_are_not_paid_for(tools: ToolBox) -> None:
    images = [stored(tools, 1, 50), stored(tools, 1, 60), stored(tools, 2, 40)]
    compass = Compass({one.image_id: 90 * n for n, one in enumerate(images)})
    assert (
        differing_bits(picture_hash(picture(1, 256, 256)), picture_hash(picture(2, 256, 256))) > 2
    )
    after = result(tools, drop_near_duplicates(tools, committed(tools, images), compass))
    assert reasons(after) == ["copy", "kept", "kept"]
    assert sorted(compass.asked) == sorted(one.image_id for one in images[1:])
    assert after[0].duplicate is not None
    assert (after[0].duplicate.model_id, after[0].duplicate.nearest) == (
        "picture_hash",
        images[1].image_id,
    )


def test_pictures_of_different_characters_are_not_compared(tools: ToolBox) -> None:
    images = [stored(tools, 1, 50, "mira"), stored(tools, 1, 60, "bram")]
    compass = Compass({one.image_id: 0 for one in images})
    after = result(tools, drop_near_duplicates(tools, committed(tools, images), compass))
    assert reasons(after) == ["kept", "kept"]


def test_of_many_pictures_only_near_ones_are_told_their_nearest(
    tools: ToolBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (near_duplicates, step):
        monkeypatch.setattr(module, "KEYED_ROWS", 3)
    images = [stored(tools, seed, 100 - seed) for seed in (1, 2, 3)]
    angles = (0, 30, 80)  # cosines 0.87, just below 0.9, and 0.17
    compass = Compass({one.image_id: at for one, at in zip(images, angles, strict=True)})
    after = result(tools, drop_near_duplicates(tools, committed(tools, images), compass))
    assert reasons(after) == ["kept"] * 3
    told = [one.duplicate.nearest for one in after if one.duplicate]
    assert told == ["", images[0].image_id, ""]


def test_embeddings_of_the_distinct_pictures_are_stored(tools: ToolBox) -> None:
    images = [stored(tools, seed, 50 + seed) for seed in (1, 2, 3)]
    compass = Compass({one.image_id: angle for one, angle in zip(images, (0, 90, 2), strict=True)})
    drop_near_duplicates(tools, committed(tools, images), compass)
    ids = json.loads(tools.objects.get(tools.run_root / "embeddings.json"))
    rows = np.load(io.BytesIO(tools.objects.get(tools.run_root / "embeddings.npy")))
    assert ids == [images[2].image_id, images[1].image_id]
    assert (rows.dtype, rows.shape) == (np.float32, (2, 2))
    assert rows[1] == pytest.approx([0, 1], abs=1e-6)


def test_what_was_dropped_before_is_left_alone(tools: ToolBox) -> None:
    drop = Drop(stage="crop", reason="too small")
    before = stored(tools, 1, 50).model_copy(update={"dropped": drop})
    images = [before, stored(tools, 2, 60)]
    compass = Compass({one.image_id: 0 for one in images})
    after = result(tools, drop_near_duplicates(tools, committed(tools, images), compass))
    assert after[0] == before
    assert compass.asked == [images[1].image_id]


def test_a_picture_without_an_embedding_is_dropped_and_the_others_go_on(tools: ToolBox) -> None:
    images = [stored(tools, 1, 50), stored(tools, 2, 60)]
    compass = Compass({images[0].image_id: None, images[1].image_id: 0})
    after = result(tools, drop_near_duplicates(tools, committed(tools, images), compass))
    assert reasons(after) == ["not compared", "kept"]
    assert after[0].dropped is not None
    assert after[0].dropped.detail == "the needle turns"
    assert after[0].duplicate is not None
    assert after[0].duplicate.model_id == "picture_hash"  # as far as it was compared
    assert after[0].duplicate.nearest == images[1].image_id


def test_no_embedding_at_all_fails_the_step(tools: ToolBox) -> None:
    images = [stored(tools, 1, 50)]
    ref = committed(tools, images)
    with pytest.raises(BatchFailed, match="the needle turns"):
        drop_near_duplicates(tools, ref, Compass({images[0].image_id: None}))


def test_batches_give_what_one_call_gives(tools: ToolBox, monkeypatch: pytest.MonkeyPatch) -> None:
    images = [stored(tools, n, 50 + n, ("mira", "bram")[n % 2]) for n in range(9)]
    angles = {one.image_id: 4.0 * n for n, one in enumerate(images)}
    whole = result(tools, drop_near_duplicates(tools, committed(tools, images), Compass(angles)))
    monkeypatch.setattr("storyboard_ops.gateways.aws.call_pool.BATCH", 2)
    other = Compass(angles, model_id="another compass")
    parts = result(tools, drop_near_duplicates(tools, committed(tools, images), other))
    assert [one.dropped for one in parts] == [one.dropped for one in whole]
    assert {one.dropped is None for one in parts} == {True, False}
    assert sorted(other.asked) == sorted(angles)


def test_no_pictures(tools: ToolBox) -> None:
    ref = drop_near_duplicates(tools, committed(tools, []), Compass({}))
    assert ref.count == 0
    assert json.loads(tools.objects.get(tools.run_root / "embeddings.json")) == []


def test_a_second_try_asks_for_nothing(tools: ToolBox) -> None:
    images = [stored(tools, 1, 50)]
    ref = committed(tools, images)
    first = drop_near_duplicates(tools, ref, Compass({images[0].image_id: 0}))
    again = Compass({})
    assert drop_near_duplicates(tools, ref, again) == first
    assert again.asked == []

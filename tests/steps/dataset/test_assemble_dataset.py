"""Candidates: what does not fit the trainer leaves with the limit that it breaks."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.steps.dataset.assemble_dataset import assemble_dataset
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material import factories
from tests.studio.studio_fixture import Studio

PNG = encode_png(factories.picture(1, 64, 64))


@pytest.fixture
def tools(studio: Studio) -> ToolBox:
    return studio.tools(max_images_per_shot=2)


def captioned(tools: ToolBox, k: int, name: str = "", **changes: Any) -> ImageRecord:
    """A captioned picture of Mira in the bucket; every fourth from another shot."""
    uri = tools.objects.put(tools.run_root / "crops" / (name or f"{k}.png"), PNG)
    return factories.image(k, uri=uri, review=None, **changes)


def committed(tools: ToolBox, images: list[ImageRecord]) -> ManifestRef:
    return tools.manifests.commit(tools.run_root / "captions/images.jsonl", "images", "d", images)


def assembled(tools: ToolBox, images: list[ImageRecord]) -> list[ImageRecord]:
    ref = assemble_dataset(tools, committed(tools, images))
    return list(tools.manifests.read(ref, ImageRecord, "images").records)


def test_every_rejected_record_has_the_limit_and_the_figure(tools):
    images = [
        captioned(tools, 0),
        captioned(tools, 4, width=511),
        captioned(tools, 8, width=2_100, height=512),
        captioned(tools, 12, caption=factories.caption("Mi")),
        captioned(tools, 16, name="a b.png"),
        factories.image(20, uri=str(tools.run_root / "crops/gone.png"), review=None),
    ]
    drops = [image.dropped for image in assembled(tools, images)]
    assert drops[0] is None
    assert [(drop.stage, drop.reason) for drop in drops[1:]] == [
        ("dataset", "side"),
        ("dataset", "aspect"),
        ("dataset", "caption"),
        ("dataset", "file name"),
        ("dataset", "missing"),
    ]
    assert drops[1].detail == "511 x 640 px; each side must be 512 to 4,096 px"
    assert drops[5].detail.endswith("crops/gone.png is no longer in the bucket")


def test_of_a_shot_only_the_best_are_candidates(tools):
    reasons = [
        image.dropped.reason if image.dropped else "kept"
        for image in assembled(tools, [captioned(tools, k) for k in (1, 2, 3, 4)])
    ]
    assert sorted(reasons) == ["kept", "kept", "kept", "shot cap"]


def test_pictures_are_measured_by_listings_and_not_one_by_one(tools):
    calls: list[str] = []
    events = tools.clients("s3").meta.events
    images = [captioned(tools, 4 * k) for k in range(20)]
    ref = committed(tools, images)

    def note(model: Any, **_: Any) -> None:
        calls.append(model.name)

    events.register("before-call.s3", note)
    assemble_dataset(tools, ref)
    events.unregister("before-call.s3", note)
    assert calls.count("ListObjectsV2") == 1
    assert calls.count("HeadObject") <= 1


def test_an_empty_dataset_stops_the_run_and_says_what_to_do(tools):
    small = committed(tools, [captioned(tools, 0, width=100)])
    for _ in range(2):  # a cleared task finds the manifest and must not pass the gate with it
        with pytest.raises(GateClosed, match="No picture is left to review"):
            assemble_dataset(tools, small)

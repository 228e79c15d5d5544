"""Manifests that earlier versions wrote are found again: their digests and bytes have not changed.

A library in a user's bucket was paid for. When a figure here changes on purpose, raise the VERSION
of the step and say in the changelog that its work is done again.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from storyboard_ops.domain.image_records import Drop
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.sampling.shards import Shard
from storyboard_ops.domain.training.model_facts import Capacity
from storyboard_ops.domain.training.retraining_records import News
from storyboard_ops.steps.dataset.assemble_dataset import assemble_dataset
from storyboard_ops.steps.dataset.crop_characters import crop_characters
from storyboard_ops.steps.dataset.drop_near_duplicates import drop_near_duplicates
from storyboard_ops.steps.dataset.write_captions import write_captions
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.retraining.collect_approved import merge_approved
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.sample_frames import sample_frames
from storyboard_ops.steps.storyboard.bedrock.draw_storyboard import draw_storyboard
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import factories

#: One pixel, always of the same bytes: what an encoder makes depends on its version.
PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNocFAAAAIkAOGrWWInAAAAAElFTkSuQmCC"
)
SHARD = Shard(video=factories.frame(0).video, first_k=0, last_k=4, label="film.mp4")


class Painter:
    """Draws the same picture whatever it is asked for."""

    def draw(self, arn: str, request: Any) -> bytes:
        return PNG


class Detector:
    """Has nothing to look at, because every frame was dropped."""

    digest = "of a detector"

    def find(self, frame: bytes) -> tuple[()]:
        raise AssertionError("no frame is kept")


class Unused:
    """An embedder that there is nothing to embed for."""

    model_id = "amazon.titan-embed-image-v1"

    def embed(self, picture: bytes, image_id: str) -> np.ndarray:
        raise AssertionError("nothing is kept, so nothing is embedded")


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> ToolBox:
    """A run in memory whose clock stands still."""
    monkeypatch.setattr(
        "storyboard_ops.steps.detection.detect_characters.chosen_detectors",
        lambda tools: [Detector()],
    )
    bucket = MemoryBucket()
    settings = factories.settings(review_desk="without_people")
    clock = lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # noqa: E731
    tools = ToolBox("run-1", settings, {"s3": bucket}.__getitem__, clock)
    tools.__dict__["runtime"] = Painter()
    sheet = factories.production()
    reference = tools.objects.put(tools.run_root / "mira.png", PNG)
    cast = tuple(one.model_copy(update={"references": (reference,)}) for one in sheet.characters)
    tools.write_record("production.json", sheet.model_copy(update={"characters": cast}))
    return tools


def frames(tools: ToolBox) -> ManifestRef:
    """The frames of a shard, each too dark to look at."""
    dark = Drop(stage="sample", reason="black", detail="0.02", score=0.02)
    place = tools.workspace.root / "library/film/samples/shards/film/0-4.jsonl"
    return tools.manifests.commit(
        place, "frames", "d", [factories.frame(k, dropped=dark) for k in range(4)]
    )


def images(tools: ToolBox, kept: bool = True) -> ManifestRef:
    """Eight captioned pictures of Mira; ``kept``: else each is a near-duplicate."""
    made = [
        factories.image(4 * k, review=None) if kept else factories.near_duplicate(4 * k)
        for k in range(8)
    ]
    for image in made:
        tools.objects.put(tools.workspace.run("r") / f"crops/mira-{image.frame.k}.png", b"bytes")
    return tools.manifests.commit(tools.run_root / "given.jsonl", "images", "d", made)


def sampled(tools: ToolBox) -> ManifestRef:
    """Sampling of a shard whose content another run has sampled; no film is there to decode."""
    library = tools.workspace.sampling(SHARD.video.sha256, tools.settings.sampling_digest)
    digest = "3c9abdb6177e9c8083e001996f42fae59d51038c5c7fc2fab2d09d2c84893ccd"
    content = [factories.frame(k) for k in range(4)]
    tools.manifests.commit(library / "samples/0-4.jsonl", "samples", digest, content, {"kept": 4})
    return sample_frames(tools, SHARD)


def reviewed(tools: ToolBox) -> ManifestRef:
    candidates = images(tools)
    return apply_review(tools, candidates, open_review(tools, candidates))


def drawn(tools: ToolBox) -> ManifestRef:
    capacity = Capacity(
        arn="arn:capacity", name="c", model_arn="arn:model", model_units=1, created_at="x"
    )
    return draw_storyboard(tools, capacity)


def merged(tools: ToolBox) -> ManifestRef:
    return merge_approved(
        tools, News(production="lantern-keepers", runs=(), approved=0, new=0), Unused()
    )


def cropped(tools: ToolBox) -> ManifestRef:
    return crop_characters(tools, [detect_characters(tools, frames(tools))])


STEPS: dict[str, Callable[[ToolBox], ManifestRef]] = {
    "sample_frames": sampled,
    "detect_characters": lambda tools: detect_characters(tools, frames(tools)),
    "crop_characters": cropped,
    "drop_near_duplicates": lambda tools: drop_near_duplicates(
        tools, images(tools, kept=False), Unused()
    ),
    "write_captions": lambda tools: write_captions(tools, images(tools, kept=False)),
    "assemble_dataset": lambda tools: assemble_dataset(tools, images(tools)),
    "open_review": lambda tools: open_review(tools, images(tools)),
    "apply_review": reviewed,
    "draw_storyboard": drawn,
    "merge_approved": merged,
}
#: Key below the workspace, input digest, SHA-256 of the bytes.
KNOWN = {
    "sample_frames": (
        "library/68b614188fe1f47cb3c61dc38ca5b616/2f0cd3b0d6c157c7/shards/9d78b9448ada15e9/0-4.jsonl",
        "d76bd4737f5ee5f7535502640e355e5e3998fb31718ee0425162215ba8d17768",
        "b13703a5ef7c1e54453abf87e2d1480cb338c08df8e399d27710033eaaf6e411",
    ),
    "detect_characters": (
        "library/film/samples/detections/8cf52d289e59bb1e/0-4.jsonl",
        "8cf52d289e59bb1e2aa6c45558eb2fa16262288e61a21bd7dc5bd53fea11c132",
        "03bc87d72805a738c23d47475eeb17637b19bbb11c6aacbcaeb61538504d9494",
    ),
    "crop_characters": (
        "runs/run-1/crops/manifest.jsonl",
        "7773b078d7d7e696c864b646d7f55d7518632de275f18b5ae833e98659edeea8",
        "605bc51268351ac209a3ed59e0b82fc63a3f85d02a251551fc143713dd078ceb",
    ),
    "drop_near_duplicates": (
        "runs/run-1/crops/distinct.jsonl",
        "f7659ba9655fdbc74d0124fd88600e2302a20c06a62dbdb5304c84a80b582812",
        "0b48498f47b5660bea34bca5cf371958c2aa79c98f9a14de6085d92ab5e50ae7",
    ),
    "write_captions": (
        "runs/run-1/captions/images.jsonl",
        "ae772b86a08d17bf7dd9e4c511dfaa7e0cdd9dba176aacc51436667859e896b3",
        "b05194c8acb0704f46f112673c9bfc6841f5b3a6906de214d8cd033f1c3f7a24",
    ),
    "assemble_dataset": (
        "runs/run-1/dataset/candidates.jsonl",
        "39d471fa8b3e580c4293c5704d6f55b47043e5a4009c415c70f48bae5b045abc",
        "655af088f4ae992f244924bff6c7ec3db5e5205945b3b44a3e04b96b287b6425",
    ),
    # Both changed once: the desk "auto" became "without_people", and open_review records why.
    "open_review": (
        "runs/run-1/review/loops.jsonl",
        "fd96c549bab2ffdeced3e980e3469267273ea68b9005e4a11e5edb30052d7cca",
        "f1f04ce652dff357698f30f8127980a14ba9bdbc8e4f45ed277ca03c9e4d136f",
    ),
    "apply_review": (
        "runs/run-1/review/images.jsonl",
        "95bebbd6ba8620f26f182626f4c1d8a596b7ff93ce0d9515a4494e1fad82b8f8",
        "4b530e6c6ced9122169d7d1cc029cf5190d8b90934e3c3d124bf99bcf19540e1",
    ),
    "draw_storyboard": (
        "runs/run-1/storyboard/panels.jsonl",
        "b23c04b59f5448ebb70866919347c6e4865858ee2edb2947daa09e56162c9b49",
        "e67ea414d904a33d50a82a574c8353a95dfe712c25147646eb205c376cc2da7b",
    ),
    "merge_approved": (
        "runs/run-1/review/images.jsonl",
        "3932b6e7476327fbde429513bc4f223f1774f4eedfd00f11cab5f66b384de132",
        "66313966a59084a2f10d64b9f5cdea9c030ef4df55618ad387e5518d7b1409ce",
    ),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_manifest_has_the_digest_and_the_bytes_that_it_always_had(tools, step):
    ref = STEPS[step](tools)
    found = tools.manifests.header(ref)
    key = ref.uri.removeprefix(f"{factories.WORKSPACE}/")
    assert (key, found.input_digest, ref.sha256) == KNOWN[step]

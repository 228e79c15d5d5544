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
    # From crops on, all changed once: records say which crops reviewers have corrected, and the
    # counts of what was dropped have reasons. Detections no longer say which run asked first.
    "sample_frames": (
        "runs/run-1/shards/9d78b9448ada15e9/0-4.jsonl",
        "fb35da69532265c4f8bd24e0a3b250957249c73fe06f5aaeaaf01e4775a6027b",
        "6b80b4e943b25d747d972024b8462dd8c59e6e4385fd8143699865a3c880cfa9",
    ),
    "detect_characters": (
        "library/film/samples/detections/657570c65404111d/0-4.jsonl",
        "657570c65404111d2ec2f8102215a94c90c5bf4e7c46288625286de86c404135",
        "7e4241affc66178bf5f2bd74a41ffb841d9b7a9fd2a85ccab5b2bcec5f5c8200",
    ),
    # Changed once: it gathers the pictures of films that were cropped each by itself.
    "crop_characters": (
        "runs/run-1/crops/manifest.jsonl",
        "d04149e741cf3401f0c298a2dc9978fa7a1e3d9ec56db743b4e7820e1b40667c",
        "9083f054c1e0d41c44ab0895a35f8fe0f424637d18b2ca444ea6b64c4eb26f15",
    ),
    "drop_near_duplicates": (
        "runs/run-1/crops/distinct.jsonl",
        "60af137e5cebc66f6108897bfff7fda7b5aaf8d89d8969f54f77fcea3c803099",
        "67ab027405fa9cdbc804b4c9006b9ad389193df64c0b9644bdc99044a475b274",
    ),
    # Changed once: what is drawn later no longer counts.
    "write_captions": (
        "runs/run-1/captions/images.jsonl",
        "fb1c0a669becd7c75cea01b9e2238caa00789c1db22a8f308636e8a7f6ad4ec8",
        "0dc357b1e6e32ee1a4bdd856a1c1bb423993d1debea8071a6e580e9218fd3e85",
    ),
    "assemble_dataset": (
        "runs/run-1/dataset/candidates.jsonl",
        "bdf3f8352f776bb17b9a9da488de0dbe63a9fdf8c593c3714d2184edc8bf954b",
        "84c0a48bb76dd7657608f4ea2894a815f78c839c98f46fb0344b75e7394025e3",
    ),
    # Both changed twice: the desk "auto" became "without_people", and open_review records why;
    # decisions of earlier runs are kept.
    "open_review": (
        "runs/run-1/review/loops.jsonl",
        "34371aafe4d700f3416d7f40bc12a4edd69717b67e1b6154dcf219419bdedaf6",
        "4823b8f7c90114f46a5d8aa8f8e649e1b2a26b032fab45dad26f1835eef371a2",
    ),
    "apply_review": (
        "runs/run-1/review/images.jsonl",
        "9acec1fa298218ee9175b3276eabaa3aa74c97d44ae0e0a0e133df4136aa16be",
        "e1be41402509aaeeb0a5d2c617ae67b50e4c28d040ed72bf920b1e5fb688ee3a",
    ),
    # Both changed once: panels have numbers, and seeds that follow from them.
    "draw_storyboard": (
        "runs/run-1/storyboard/panels.jsonl",
        "c2a9c4dd659d04b8d29fcd733bb1e9d4e2580f2ff3bb7fd36229d666f708e6a1",
        "9333220b243c705e53f25ba351b2b20749096ec231d0e29340f2b3dfd5cabcd2",
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

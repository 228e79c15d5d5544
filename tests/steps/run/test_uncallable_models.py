"""A model that this account cannot call by its id is not tried for every picture."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from storyboard_ops.core.pictures.codec import encode_jpeg, encode_png
from storyboard_ops.domain.error_tree import ModelNotOffered
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.steps.dataset.drop_near_duplicates import drop_near_duplicates
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.dataset.write_captions import write_captions
from storyboard_ops.steps.detection.detect_characters import CALLS_AT_ONCE, detect_characters
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.draw_storyboard import PANELS_AT_ONCE, draw_storyboard
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import factories, reports

ITEMS = 40
WORDS = (
    "Invocation of model ID m with on-demand throughput isn\u2019t supported. Retry your request "
    "with the ID or ARN of an inference profile that contains this model."
)


@dataclass
class Refusing:
    """Refuses every call as Bedrock refuses a model that only a profile can call."""

    calls: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def converse(self, **_: Any) -> Any:
        with self._lock:
            self.calls += 1
        raise ClientError({"Error": {"Code": "ValidationException", "Message": WORDS}}, "Converse")

    invoke_model = converse


@pytest.fixture
def bedrock() -> Refusing:
    return Refusing()


@pytest.fixture
def tools(bedrock: Refusing) -> ToolBox:
    """A run with one reference picture, and a script of forty panels."""
    clients = {"s3": MemoryBucket(), "bedrock-runtime": bedrock}
    tools = ToolBox("run-1", factories.settings(max_lost_share=1.0), clients.__getitem__)
    reference = tools.objects.put(
        tools.run_root / "reference.png", encode_png(factories.picture(9, 64, 64))
    )
    panels = [{"description": f"Mira waits for the {n}th time."} for n in range(ITEMS)]
    sheet = factories.production(storyboard=[{"scene": "S", "panels": panels}])
    cast = tuple(one.model_copy(update={"references": (reference,)}) for one in sheet.characters)
    tools.write_record("production.json", sheet.model_copy(update={"characters": cast}))
    return tools


def frames(tools: ToolBox) -> ManifestRef:
    records = []
    for k in range(ITEMS):
        body = encode_jpeg(factories.picture(k, 64, 36))
        uri = tools.objects.put(tools.workspace.root / f"library/film/samples/{k}.jpg", body)
        changes = {"uri": uri, "sha256": sha256_hex(body)}
        records.append(factories.frame(k, shot=k).model_copy(update=changes))
    place = tools.workspace.root / "library/film/samples/shards/film/0-40.jsonl"
    return tools.manifests.commit(place, "frames", "d", records)


def images(tools: ToolBox) -> ManifestRef:
    records: list[ImageRecord] = []
    for k in range(ITEMS):
        png = encode_png(factories.picture(k, 64, 64))
        uri = tools.objects.put(tools.run_root / f"crops/{k}.png", png, "image/png")
        image = factories.image(k, "mira").model_copy(
            update={"uri": uri, "image_id": sha256_hex(png), "caption": None}
        )
        records.append(image)
    return tools.manifests.commit(tools.run_root / "crops/images.jsonl", "images", "d", records)


STEPS: dict[str, tuple[Callable[[ToolBox], Any], int]] = {
    "detection": (lambda tools: detect_characters(tools, frames(tools)), CALLS_AT_ONCE),
    "embeddings": (
        lambda tools: drop_near_duplicates(tools, images(tools), PictureEmbedder(tools)), 8,
    ),
    "captions": (lambda tools: write_captions(tools, images(tools)), 8),
    "drawing": (lambda tools: draw_storyboard(tools, reports.capacity()), PANELS_AT_ONCE),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_the_step_stops_at_once_with_the_words_and_the_remedy(
    tools: ToolBox, bedrock: Refusing, step: str
) -> None:
    run, at_once = STEPS[step]
    with pytest.raises(ModelNotOffered, match=r"on-demand throughput isn.*id of an inference prof"):
        run(tools)
    assert 1 <= bedrock.calls <= at_once < ITEMS
    assert tools.booked() == ()

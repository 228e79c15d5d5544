"""A quota may end at any call: the step stops with the service's words, nothing is paid twice.

The run buys detections, embeddings, captions (some of them twice) and panels from a service in
memory that answers a given number of calls. Then the day's quota is used up until it is renewed.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from storyboard_ops.core.pictures.codec import encode_jpeg, encode_png
from storyboard_ops.domain.error_tree import QuotaExhausted
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.steps.dataset.assemble_dataset import assemble_dataset
from storyboard_ops.steps.dataset.crop_characters import crop_characters
from storyboard_ops.steps.dataset.drop_near_duplicates import drop_near_duplicates
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.dataset.write_captions import CAPTION_PROMPT, write_captions
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.draw_storyboard import draw_storyboard
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import factories, reports

FRAMES = tuple(encode_jpeg(factories.picture(seed, 1280, 720)) for seed in range(6))
REFERENCE = encode_png(factories.picture(9, 64, 64))
FOUND = json.dumps(
    {"detections": [{"character": "mira", "box": [100, 100, 400, 900], "confidence": 0.9}]}
)
WORDS = "Too many tokens per day, please wait before trying again."
VOCABULARY = (
    "anchor barrel candle dunes evening ferry gulls harbour island jetty kelp lantern mast netting "
    "ocean pier quay rope sailor tide umbrella village wharf yacht zephyr amber blue crimson dusty "
    "early foggy golden hazy icy jade keen low misty narrow old pale quiet rusty silver tall wet"
)
UNLIMITED = 10**6
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


@dataclass
class Bedrock:
    """Answers calls until its quota is used up; counts how often each answer was sold."""

    quota: int = UNLIMITED
    sold: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def converse(self, **request: Any) -> dict[str, Any]:
        key = self._sell("Converse", request)
        text = FOUND
        if request["system"][0]["text"] == include_text(CAPTION_PROMPT):
            text = json.dumps({"caption": _caption(key, request), "characters": ["mira"]})
        return {
            "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 1_000, "outputTokens": 50},
        }

    def invoke_model(self, **request: Any) -> dict[str, Any]:
        key = self._sell("InvokeModel", request)
        seed = int(key[:8], 16)
        answer: dict[str, Any] = {
            "embedding": np.random.default_rng(seed).normal(size=1024).tolist()
        }
        if "textToImageParams" in json.loads(request["body"]):
            png = encode_png(factories.picture(seed, 512, 320))
            answer = {"images": [base64.b64encode(png).decode()]}
        return {"body": io.BytesIO(json.dumps(answer).encode())}

    def _sell(self, operation: str, request: dict[str, Any]) -> str:
        key = hashlib.sha256(repr(sorted(request.items())).encode()).hexdigest()
        with self._lock:
            if self.sold.total() >= self.quota:
                self.refused += 1
                said = {"Code": "ThrottlingException", "Message": WORDS}
                raise ClientError({"Error": said}, operation)  # type: ignore[arg-type]
            self.sold[f"{operation} {key}"] += 1
        return key


def _caption(key: str, request: dict[str, Any]) -> str:
    """Write another caption for each question; some lack the name, so they are requested again."""
    asked_again = "cannot be used" in repr(request["messages"])
    name = "Mira" if asked_again or int(key[:2], 16) % 2 else "Somebody"
    return " ".join(
        [name, *np.random.default_rng(int(key[:8], 16)).permutation(VOCABULARY.split())[:22]]
    )


@dataclass
class Studio:
    """One run in memory."""

    bedrock: Bedrock
    bucket: MemoryBucket = field(default_factory=MemoryBucket)

    def tools(self) -> ToolBox:
        """Open the tool box of a new try."""
        unused = dict.fromkeys(("sagemaker", "sagemaker-a2i-runtime"))
        clients: dict[str, Any] = {
            "s3": self.bucket,
            "bedrock-runtime": self.bedrock,
            **unused,
        }
        settings = factories.settings(
            review_desk="without_people", panel_width=512, panel_height=320, framings=["body"]
        )
        return ToolBox("run-1", settings, clients.__getitem__, clock=lambda: NOON)

    def prepared(self) -> ManifestRef:
        """Store the production and six frames; returns their manifest."""
        tools = self.tools()
        reference = tools.objects.put(tools.run_root / "reference.png", REFERENCE)
        sheet = factories.production()
        cast = tuple(
            one.model_copy(update={"references": (reference,)}) for one in sheet.characters
        )
        tools.write_record("production.json", sheet.model_copy(update={"characters": cast}))
        frames = []
        for k, body in enumerate(FRAMES):
            uri = tools.objects.put(tools.workspace.root / f"library/film/samples/{k}.jpg", body)
            changes = {"uri": uri, "sha256": sha256_hex(body)}
            frames.append(factories.frame(k, shot=k).model_copy(update=changes))
        place = tools.workspace.root / "library/film/samples/shards/film/0-6.jsonl"
        return tools.manifests.commit(place, "frames", "d", frames)

    def run(self, frames: ManifestRef) -> None:
        """Run every step that is not complete, as cleared tasks do: a tool box for each."""
        detections = detect_characters(self.tools(), frames)
        crops = crop_characters(self.tools(), [detections])
        embedding = self.tools()
        distinct = drop_near_duplicates(embedding, crops, PictureEmbedder(embedding))
        captioned = write_captions(self.tools(), distinct)
        candidates = assemble_dataset(self.tools(), captioned)
        tools = self.tools()
        publish_dataset(tools, apply_review(tools, candidates, open_review(tools, candidates)))
        draw_storyboard(self.tools(), reports.capacity())

    def written(self) -> dict[str, bytes]:
        """Everything that the run wrote; of stored answers, which contain a time, the keys only."""
        return {
            key: b"" if "/answers/" in f"/{key}" else body
            for key, body in self.bucket.objects.items()
        }

    def manifests(self) -> set[str]:
        return {key for key in self.bucket.objects if key.endswith(".jsonl")}


def undisturbed() -> Studio:
    """The run that nothing disturbs."""
    studio = Studio(Bedrock())
    studio.run(studio.prepared())
    return studio


@pytest.fixture(scope="module")
def whole() -> Studio:
    return undisturbed()


def stages(whole: Studio) -> Counter[str]:
    """Count what the undisturbed run bought."""
    return Counter(key.split()[0] for key in whole.bedrock.sold.elements())


def check_end_at(position: int, whole: Studio) -> None:
    """End the quota after ``position`` answers, renew it, and compare with the undisturbed run."""
    studio = Studio(Bedrock(quota=position))
    frames = studio.prepared()
    for _ in range(2):  # clearing too early changes nothing
        with pytest.raises(QuotaExhausted, match=f"ThrottlingException: {WORDS[:-1]}"):
            studio.run(frames)
        assert studio.bedrock.sold.total() == position
        # A thread of the pool may have been in a call each; nobody calls after that.
        assert studio.bedrock.refused <= 2 * 16
    unfinished = whole.manifests() - studio.manifests()
    assert unfinished
    studio.bedrock.quota = UNLIMITED
    studio.run(frames)
    assert set(studio.bedrock.sold.values()) == {1}
    assert studio.bedrock.sold == whole.bedrock.sold
    assert studio.written() == whole.written()


def test_the_undisturbed_run_buys_something_of_everything(whole: Studio) -> None:
    assert set(whole.bedrock.sold.values()) == {1}
    assert len(json.loads(whole.bucket.objects["runs/run-1/embeddings.json"])) == 6
    bought = stages(whole)
    assert bought["InvokeModel"] == 6 + 3  # embeddings and panels
    assert 6 + 6 < bought["Converse"] < 6 + 2 * 6  # frames, captions, some requested twice
    assert undisturbed().written() == whole.written()


@pytest.mark.parametrize("share", [0, 0.1, 0.35, 0.6, 0.75, 0.95])
def test_a_quota_that_ends_stops_the_step_and_no_answer_is_paid_twice(
    whole: Studio, share: float
) -> None:
    check_end_at(int(share * whole.bedrock.sold.total()), whole)


@pytest.mark.long
@pytest.mark.parametrize("position", range(24))
def test_a_quota_may_end_at_any_call(whole: Studio, position: int) -> None:
    if position < whole.bedrock.sold.total():
        check_end_at(position, whole)

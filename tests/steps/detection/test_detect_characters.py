"""Many paid calls: nothing is lost, nothing paid twice, whatever the service does meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import encode_jpeg, encode_png
from storyboard_ops.domain.error_tree import BatchFailed, CredentialsExpired, NotPermitted
from storyboard_ops.domain.image_records import FrameDetections
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.steps.detection.detect_characters import CALLS_AT_ONCE, detect_characters
from storyboard_ops.steps.run.service_wait import wait_until
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.fakes.scripted_model import ScriptedModel, with_model
from tests.material.factories import frame, picture, production
from tests.studio.endpoint_fixture import PROJECT_ROOT
from tests.studio.studio_fixture import Studio

SIDE = 80  # pixels, the least that Rekognition takes
CALL = {"service": "rekognition", "operation": "DetectLabels"}
THROTTLED = {"kind": "error", "code": "ProvisionedThroughputExceededException", "share": 0.2,
             "seed": "throttled", "per_request": 1, **CALL}  # fmt: skip
FAILING = {"kind": "error", "code": "InternalServerError", "share": 0.05, "seed": "failing",
           "per_request": 1, **CALL}  # fmt: skip
NOBODY = '{"detections": []}'
MIRA = '{"detections": [{"character": "mira", "box": [300, 200, 600, 900], "confidence": 0.9}]}'


@pytest.fixture
def tools(studio: Studio) -> ToolBox:
    return labelling(studio.tools())


def labelling(tools: ToolBox) -> ToolBox:
    """Labels alone, which a run refuses because they name nobody: here they are paid calls."""
    settings = tools.settings.model_copy(update={"detectors": ["labels"]})
    tools = replace(tools, settings=settings)
    tools.write_record("production.json", production())
    return tools


def sampled(tools: ToolBox, bodies: list[bytes]) -> ManifestRef:
    """A "frames" manifest of stored pictures."""
    frames = []
    for k, body in enumerate(bodies):
        uri = tools.workspace.root / f"library/film/samples/{k:06d}.png"
        tools.objects.put(uri, body)
        frames.append(
            frame(k, shot=0).model_copy(update={"uri": str(uri), "sha256": sha256_hex(body)})
        )
    place = tools.workspace.root / "library/film/samples/shards/film/0-60.jsonl"
    return tools.manifests.commit(place, "frames", "digest", frames)


def greys(count: int, side: int) -> list[bytes]:
    """Different pictures that cost the endpoint next to nothing; equal arguments, equal bytes."""
    return [
        encode_png(np.full((SIDE + side, SIDE + n // 200, 3), 20 + n % 200, np.uint8))
        for n in range(count)
    ]


def records(tools: ToolBox, ref: ManifestRef) -> tuple[FrameDetections, ...]:
    return tools.manifests.read(ref, FrameDetections, "detections").records


def paid(studio: Studio) -> float:
    """Pictures on the endpoint's bill."""
    lines = studio.endpoint.admin("GET", "bill")["lines"]
    return sum(line["quantity"] for line in lines if line["item"] == "DetectLabels")


def arrived(studio: Studio) -> int:
    """Calls that the first fault in force concerns, answered or not."""
    return studio.endpoint.admin("GET", "faults")["faults"][0]["matches"]


@contextmanager
def faults(studio: Studio, *ordered: dict[str, Any]) -> Iterator[None]:
    studio.endpoint.admin("PUT", "faults", {"faults": list(ordered)})
    try:
        yield
    finally:
        studio.endpoint.admin("DELETE", "faults")


def test_with_throttling_and_errors_each_picture_is_answered_and_paid_once(
    studio: Studio, tools: ToolBox
) -> None:
    ref, before = sampled(tools, greys(200, 0)), paid(studio)
    with faults(studio, THROTTLED, FAILING):
        found = records(tools, detect_characters(tools, ref))
        matches = [rule["matches"] for rule in studio.endpoint.admin("GET", "faults")["faults"]]
    assert [record.failure for record in found] == [""] * 200
    assert matches[0] > 20  # throttled attempts and their repetitions: the faults did strike
    assert paid(studio) - before == 200
    assert sum(usage.amount for usage in tools.booked()) == 200


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("rekognition", "DetectLabels", "ExpiredTokenException"),
        ("s3", "GetObject", "ExpiredToken"),
        ("s3", "HeadObject", "ExpiredToken"),  # without a body: boto3 knows the bare status 400
        ("s3", "PutObject", "ExpiredToken"),
    ],
)
def test_with_expired_credentials_nothing_is_committed_and_nothing_paid(
    studio: Studio, tools: ToolBox, service: str, operation: str, code: str
) -> None:
    ref, before = sampled(tools, greys(3, 3)), paid(studio)
    stored = {head.uri for head in tools.objects.list(tools.workspace.root)}
    expired = {"service": service, "operation": operation, "kind": "error", "code": code}
    with (
        faults(studio, expired | {"status": 400}),
        pytest.raises(CredentialsExpired, match=f"{service} {operation} .*Renew the cred"),
    ):
        detect_characters(tools, ref)
    left = {head.uri for head in tools.objects.list(tools.workspace.root)} - stored
    assert not [uri for uri in left if uri.key.endswith(".jsonl")]
    assert paid(studio) == before
    assert len(records(tools, detect_characters(tools, ref))) == 3


def test_equal_pictures_are_paid_once(studio: Studio, tools: ToolBox) -> None:
    ref, before = sampled(tools, greys(1, 1) * 40), paid(studio)
    assert len(records(tools, detect_characters(tools, ref))) == 40
    assert paid(studio) - before == 1


def test_runs_that_examine_frames_at_the_same_time_write_the_same_manifest(
    studio: Studio, tools: ToolBox
) -> None:
    """One buys, the other waits for the answers; the first manifest is read while both exist."""
    frames = sampled(tools, greys(3, side=22))
    first = detect_characters(tools, frames)
    tools.objects.delete([S3Uri.parse(first.uri)])  # the other began before it was there
    other = detect_characters(labelling(studio.tools("run-2")), frames)
    assert other == first


def test_after_a_refusal_in_the_middle_only_the_rest_is_paid(
    studio: Studio, tools: ToolBox
) -> None:
    ref, before = sampled(tools, greys(90, 2)), paid(studio)
    refused = {"kind": "error", "code": "AccessDeniedException", "after": 40, **CALL}
    with faults(studio, refused), pytest.raises(NotPermitted, match="AccessDenied"):
        detect_characters(tools, ref)
    assert paid(studio) - before == 40
    again = labelling(studio.tools())
    assert len(records(again, detect_characters(again, ref))) == 90
    assert paid(studio) - before == 90
    assert (again.answers.bought, again.answers.reused) == (50, 40)


DETECTING = """
import json, sys
import boto3
from botocore.config import Config
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.run.tool_box import ToolBox
settings, ref = json.loads(sys.argv[1])
labels = RunSettings.model_validate(settings).model_copy(update={"detectors": ["labels"]})
config = Config(max_pool_connections=16)
tools = ToolBox("run-1", labels, lambda service: boto3.client(service, config=config))
detect_characters(tools, ManifestRef.model_validate(ref))
"""


@pytest.mark.long
def test_a_killed_process_pays_again_for_what_was_in_flight_at_most(
    studio: Studio, tools: ToolBox
) -> None:
    ref, before = sampled(tools, greys(150, 3)), paid(studio)
    settings = {**tools.settings.model_dump(), "detectors": ["multimodal"]}
    told = json.dumps([settings, ref.model_dump(mode="json")])
    # From the 100th call on no answer comes in time: the kill strikes calls in flight.
    with faults(studio, {"kind": "delay", "delay_ms": 2_000, "after": 100, **CALL}):
        process = subprocess.Popen(
            [sys.executable, "-c", DETECTING, told],
            env={**os.environ, **studio.endpoint.environment, "PYTHONPATH": "plugins"},
            cwd=PROJECT_ROOT,
        )
        deadline = time.monotonic() + 120
        while paid(studio) - before < 100 and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert wait_until(lambda: paid(studio) - before == arrived(studio), seconds=60)
    assert 100 <= paid(studio) - before <= 100 + CALLS_AT_ONCE
    assert len(records(tools, detect_characters(tools, ref))) == 150
    assert 150 <= paid(studio) - before <= 150 + CALLS_AT_ONCE
    assert tools.answers.bought + tools.answers.reused == 150


def test_frames_that_failed_are_examined_again_by_the_next_run_and_by_nobody_once_they_are(
    studio: Studio, tools: ToolBox
) -> None:
    ref, before = sampled(tools, greys(20, 5)), paid(studio)
    refused = {"kind": "error", "code": "InvalidParameterException", "times": 3, **CALL}
    with faults(studio, refused):
        first = detect_characters(tools, ref)
    assert sum(bool(record.failure) for record in records(tools, first)) == 3
    second = labelling(studio.tools("run-2"))
    found = detect_characters(second, ref)
    assert [record.failure for record in records(second, found)] == [""] * 20
    assert paid(studio) - before == 20
    third = labelling(studio.tools("run-3"))
    assert detect_characters(third, ref) == found
    assert third.answers.bought + third.answers.reused == 0
    assert len(records(tools, first)) == 20, "what the first run's crops refer to is still there"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"no picture", "InvalidImageFormatException"),
        (encode_png(np.zeros((1, 1, 3), np.uint8)), "InvalidParameterException"),
    ],
    ids=["no picture", "pixel"],
)
def test_a_picture_that_cannot_be_examined_has_its_reason(
    tools: ToolBox, body: bytes, code: str
) -> None:
    whole = greys(1, 4)[0]
    found = records(tools, detect_characters(tools, sampled(tools, [whole, body])))
    assert found[0].failure == ""
    assert code in found[1].failure
    with pytest.raises(
        BatchFailed, match=r"1 of 1 frames could not be examined(.|\n)*1 times: .*Exception"
    ):
        detect_characters(tools, sampled(tools, [body]))


def seen_by(studio: Studio, answers: dict[int, list[str]], count: int) -> list[FrameDetections]:
    """What a scripted model's answers about each frame become; without one it sees nobody."""
    model = ScriptedModel()
    bodies = [encode_jpeg(picture(k, 320, 180)) for k in range(count)]
    for k, body in enumerate(bodies):
        model.answers[sha256_hex(body)] = answers.get(k, [NOBODY])
    tools = with_model(studio.tools(), Examiner(model))
    sheet = production()
    characters = tuple(
        one.model_copy(update={"references": (stored_reference(tools, n),)})
        for n, one in enumerate(sheet.characters)
    )
    tools.write_record("production.json", sheet.model_copy(update={"characters": characters}))
    return list(records(tools, detect_characters(tools, sampled(tools, bodies))))


class Examiner:
    """Shows a scripted model the picture to examine, which comes after the references."""

    def __init__(self, model: ScriptedModel) -> None:
        self.model = model

    def converse(self, **request: Any) -> dict[str, Any]:
        content = request["messages"][0]["content"]
        return self.model.converse(messages=[{"content": content[-3:]}])


def stored_reference(tools: ToolBox, number: int) -> str:
    """A reference picture in which there is nothing at all."""
    blank = encode_png(np.full((64 + number, 64, 3), 255, np.uint8))
    return tools.objects.put(tools.run_root / f"references/{number}.png", blank)


def test_prose_is_asked_again_once_and_then_has_its_reason(studio: Studio) -> None:
    prose = "I see nobody I know."
    found = seen_by(studio, {0: [prose, MIRA], 1: [prose, prose], 2: [MIRA]}, 3)
    assert [len(record.detections) for record in found] == [1, 0, 1]
    assert "no complete JSON object" in found[1].failure


def marked(*boxes: list[int]) -> str:
    told = [{"character": "mira", "box": box, "confidence": 0.9} for box in boxes]
    return json.dumps({"detections": told})


def test_a_box_outside_the_picture_is_left_out_and_is_not_the_edge_of_a_good_one(
    studio: Studio,
) -> None:
    told = marked([-200, 100, 300, 700], [0, 100, 303, 1004])
    (found,) = seen_by(studio, {0: [told]}, 1)
    (held,) = found.detections
    assert (held.box.x, held.box.y, held.box.right, held.box.bottom) == (0, 0.1, 0.303, 1)


def test_boxes_in_an_unknown_unit_are_asked_for_again_and_are_no_empty_frame(
    studio: Studio,
) -> None:
    odd = marked([1200, 100, 1500, 900])  # not of a picture of 320 x 180 pixels
    found = seen_by(studio, {0: [odd, MIRA], 1: [odd, odd], 2: [marked()]}, 3)
    assert [len(record.detections) for record in found] == [1, 0, 0]
    assert "has no usable box: detection 1: box [1200, 100, 1500, 900] is in" in found[1].failure
    assert (found[0].failure, found[2].failure) == ("", "")

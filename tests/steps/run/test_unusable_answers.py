"""An answer that cannot be used is paid for, and never stored as bought: the next try asks again.

In memory: a run buys an answer of each kind from services that answer badly once and then well.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.error_tree import AnswerCutOff, AnswerUnusable
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.gateways.detection.rekognition_labels import RekognitionLabels
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.detection.detectors import (
    DETECTION_TOKENS,
    LONGER_DETECTION_TOKENS,
    LabelDetector,
    MultimodalDetector,
)
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.draw_storyboard import draw_storyboard
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import factories, reports
from tests.material.model_limits import converse_limits

PNG = encode_png(factories.picture(1, 96, 96))
FOUND = {"detections": [{"character": "mira", "box": [100, 100, 400, 900], "confidence": 0.9}]}
WHOLE = json.dumps(FOUND)
THREE = json.dumps({"detections": FOUND["detections"] * 3})


@dataclass
class Service:
    """Answers with ``said`` in turn, the last one again; keeps what it was asked."""

    said: Sequence[Any]
    asked: list[dict[str, Any]] = field(default_factory=list)
    meta: Any = None

    def _next(self, request: dict[str, Any]) -> Any:
        self.asked.append(request)
        return self.said[min(len(self.asked), len(self.said)) - 1]

    def converse(self, **request: Any) -> dict[str, Any]:
        said = self._next(request)
        if isinstance(said, Exception):
            raise said
        text, stopped = said
        block: dict[str, Any] = {"text": text}
        if stopped == "tool_use":
            block = {"toolUse": {"toolUseId": "t", "name": "mark_characters", "input": text}}
        return {
            "output": {"message": {"role": "assistant", "content": [block]}},
            "stopReason": stopped,
            "usage": {"inputTokens": 100, "outputTokens": 10},
        }

    def invoke_model(self, **request: Any) -> dict[str, Any]:
        return {"body": io.BytesIO(self._next(request))}

    def detect_labels(self, **request: Any) -> dict[str, Any]:
        box = {"Left": self._next(request), "Top": 0.1, "Width": 0.5, "Height": 0.5}
        instances = [{"BoundingBox": box, "Confidence": 90.0}]
        return {"Labels": [{"Name": "Person", "Instances": instances}]}


def run_on(service: Service) -> ToolBox:
    """A run that buys from this service, in memory."""
    bucket = MemoryBucket()
    clients = {"s3": bucket, "bedrock-runtime": service, "rekognition": service}
    tools = ToolBox("run-1", factories.settings(max_lost_share=0.9), clients.__getitem__)
    reference = tools.objects.put(tools.run_root / "reference.png", PNG)
    sheet = factories.production()
    cast = tuple(one.model_copy(update={"references": (reference,)}) for one in sheet.characters)
    tools.write_record("production.json", sheet.model_copy(update={"characters": cast}))
    return tools


def multimodal(tools: ToolBox) -> Callable[[], Any]:
    detector = MultimodalDetector.made_for(tools)
    return lambda: detector.find(PNG)


def words_of(request: dict[str, Any]) -> list[str]:
    """The texts of a request to a model."""
    return [part["text"] for part in request["messages"][0]["content"] if "text" in part]


def stored(tools: ToolBox) -> list[Any]:
    """The stored records of questions; of an unusable answer there is none."""
    heads = tools.objects.list(tools.workspace.root / "library/answers/")
    return [tools.objects.json(head.uri) for head in heads]


PROSE = ("I see nobody.", "end_turn")
CUT, CUT_BEFORE_ALL = (THREE[:-40], "max_tokens"), (WHOLE[:40], "max_tokens")
GOOD = (WHOLE, "end_turn")
IN_PIXELS = (WHOLE.replace("900", "1900"), "end_turn")


@pytest.mark.parametrize("bad", [PROSE, CUT, CUT_BEFORE_ALL, (WHOLE, "max_tokens"), IN_PIXELS])
def test_a_detection_that_cannot_be_used_is_asked_for_once_more_in_other_words(
    bad: tuple[str, str],
) -> None:
    service = Service([bad, GOOD])
    tools = run_on(service)
    (found,) = multimodal(tools)()
    assert found.character == "mira"
    first, second = service.asked
    assert first["toolConfig"]["toolChoice"] == {"tool": {"name": "mark_characters"}}
    assert "toolConfig" not in second
    assert words_of(first)[-1] == "Answer by calling mark_characters once."
    assert words_of(second)[-1].startswith("Your last answer cannot be used: The answer")
    assert "Mark at most 20 characters" in words_of(second)[-1]
    most = [request["inferenceConfig"]["maxTokens"] for request in service.asked]
    assert most == [DETECTION_TOKENS, LONGER_DETECTION_TOKENS]
    (one,) = stored(tools)
    assert one["answer"] == WHOLE
    assert {usage.unit: usage.amount for usage in tools.answers.usages} == {
        "input_token": 200, "output_token": 20,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "count"),
    [((CUT, CUT_BEFORE_ALL), 2), ((CUT_BEFORE_ALL, CUT), 2), ((CUT, PROSE), 2), ((PROSE, CUT), 2)],
)
def test_of_answers_that_are_cut_off_the_complete_items_are_kept(
    said: Sequence[tuple[str, str]], count: int, caplog: pytest.LogCaptureFixture
) -> None:
    tools = run_on(Service(said))
    assert [one.character for one in multimodal(tools)()] == ["mira"] * count
    assert "(stop reason max_tokens)" in caplog.text
    assert f"{count} complete detections are kept" in caplog.text
    assert [one["answer"] for one in stored(tools)] == [None]


def test_a_detection_that_is_cut_off_again_is_reported_so_and_asked_for_by_the_next_try() -> None:
    service = Service([CUT_BEFORE_ALL, CUT_BEFORE_ALL, GOOD])
    tools = run_on(service)
    with pytest.raises(AnswerCutOff, match=r"was cut off \(stop reason max_tokens\)"):
        multimodal(tools)()
    (one,) = stored(tools)
    assert (one["answer"], one["asked_until"] > "") == (None, True)
    multimodal(tools)()
    assert tools.answers.usages[0].amount == 300


def test_the_same_words_are_never_sent_twice_at_temperature_0() -> None:
    service = Service([PROSE])
    tools = run_on(service)
    for _ in range(3):
        with pytest.raises(AnswerUnusable, match="no complete JSON object"):
            multimodal(tools)()
    warm = [request["inferenceConfig"]["temperature"] > 0 for request in service.asked]
    assert warm == [False, False, True, True, True, True]
    cold = [repr(request) for request in service.asked[:2]]
    assert len(set(cold)) == 2


def test_the_call_of_a_tool_is_read_and_one_that_is_unreadable_is_asked_for_in_prose() -> None:
    service = Service([(FOUND, "tool_use")])
    (found,) = multimodal(run_on(service))()
    assert (found.character, len(service.asked)) == ("mira", 1)
    refused = ClientError(
        {
            "Error": {
                "Code": "ModelErrorException",
                "Message": "invalid sequence as part of ToolUse",
            }
        },
        "Converse",
    )
    service = Service([refused, GOOD])
    (found,) = multimodal(run_on(service))()
    assert "toolConfig" in service.asked[0]
    assert "invalid sequence as part of ToolUse" in words_of(service.asked[1])[-1]


def test_a_model_that_cannot_be_told_to_call_a_tool_is_asked_in_prose() -> None:
    service = Service([GOOD])
    tools = run_on(service)
    limits = converse_limits(tool_choice=("auto",))
    detector = replace(MultimodalDetector.made_for(tools), limits=limits)
    assert len(detector.find(PNG)) == 1
    assert "toolConfig" not in service.asked[0]
    assert words_of(service.asked[0])[-1] == 'Answer with JSON only, key "detections".'
    assert detector.digest != MultimodalDetector.made_for(tools).digest


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (b'{"embedding": [NaN]}', "The answer of amazon.titan"),
        (b'{"embedding": [0.5, 0.', "The answer of amazon.titan"),
        (json.dumps({"embedding": [0.5] * 1023}).encode(), "has 1023 values"),
        (b'{"message": "no"}', "has no values"),
    ],
    ids=["NaN", "cut off", "length", "none"],
)
def test_a_bad_embedding_is_paid_for_and_bought_again(bad: bytes, words: str) -> None:
    service = Service([bad, json.dumps({"embedding": [0.5] * 1024}).encode()])
    tools = run_on(service)
    embed = PictureEmbedder(tools).embed
    with pytest.raises(AnswerUnusable, match=words):
        embed(PNG, "a" * 64)
    assert [bool(one["answer"]) for one in stored(tools)] == [False]
    assert tools.answers.usages[0].amount == 1
    for _ in range(2):
        assert embed(PNG, "a" * 64).shape == (1024,)
    assert len(service.asked) == 2
    assert tools.answers.usages[0].amount == 2


def test_a_box_that_is_not_a_number_is_paid_for_and_bought_again() -> None:
    service = Service([float("nan"), 0.25])
    tools = run_on(service)
    detector = LabelDetector(tools, frozenset({"Person"}), RekognitionLabels(service))  # type: ignore[arg-type]
    with pytest.raises(AnswerUnusable, match="contains nan"):
        detector.find(PNG)
    assert [one["answer"] for one in stored(tools)] == [None]
    for _ in range(2):
        (found,) = detector.find(PNG)
    assert (found.box.x, len(service.asked)) == (0.25, 2)
    assert tools.answers.usages[0].amount == 2


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"images": ["!no base64!"]}, "is not valid base64"),
        ({"images": [None]}, "is not valid base64"),
        ({"images": []}, "returned no picture"),
        ({"images": [base64.b64encode(PNG[:-40]).decode()]}, "are not a readable picture"),
        ({"images": [base64.b64encode(b"text").decode()]}, "are not a readable picture"),
    ],
)
def test_a_bad_panel_leaves_a_gap_and_is_drawn_by_the_next_try(bad: Any, reason: str) -> None:
    good = {"images": [base64.b64encode(PNG).decode()]}
    service = Service([json.dumps(body).encode() for body in (bad, good, good, good)])
    tools = run_on(service)
    ref = draw_storyboard(tools, reports.capacity())
    panels = tools.manifests.read(ref, Panel, "panels").records
    assert [reason in panel.failure for panel in panels] == [True, False, False]
    tools.objects.delete([tools.run_root / "storyboard/panels.jsonl"])
    panels = tools.manifests.read(
        draw_storyboard(tools, reports.capacity()), Panel, "panels"
    ).records
    assert [panel.failure for panel in panels] == [""] * 3
    assert len(service.asked) == 3 + 1

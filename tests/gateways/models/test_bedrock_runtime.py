"""What a model's answer comes to, whatever is in it."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.domain.models.answer_texts import CutOffText
from storyboard_ops.gateways.models.bedrock_runtime import BedrockRuntime


class Answering:
    """Stands in for the client: one answer, as the Converse API gives it."""

    def __init__(self, content: list[dict[str, Any]], stopped: str = "content_filtered") -> None:
        self.content = content
        self.stopped = stopped

    def converse(self, **request: Any) -> dict[str, Any]:
        return {
            "output": {"message": {"role": "assistant", "content": self.content}},
            "stopReason": self.stopped,
            "usage": {"inputTokens": 320, "outputTokens": 4, "totalTokens": 324},
        }


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"text": "Mira "}, {"text": "waits."}], "Mira waits."),
        ([{"reasoningContent": {}}, {"text": "Mira waits."}], "Mira waits."),
        ([{"text": "a lone \ud83d surrogate"}], "a lone \ufffd surrogate"),
        ([], ""),
    ],
    ids=["in blocks", "behind its reasoning", "lone surrogate", "filtered"],
)
def test_every_answer_is_read_and_metered(content: list[dict[str, Any]], text: str) -> None:
    runtime = BedrockRuntime(Answering(content))  # type: ignore[arg-type]
    said, usages = runtime.converse("amazon.nova-pro-v1:0", "Describe.", ["Who is it?"], 100)
    assert said == text
    assert {usage.unit: usage.amount for usage in usages} == {
        "input_token": 320,
        "output_token": 4,
    }


@pytest.mark.parametrize(
    ("stopped", "is_cut_off"),
    [
        ("end_turn", False),
        ("stop_sequence", False),
        ("max_tokens", True),
        ("model_context_window_exceeded", True),
    ],
)
def test_an_answer_that_was_cut_off_says_so(
    caplog: pytest.LogCaptureFixture, stopped: str, is_cut_off: bool
) -> None:
    client = Answering([{"text": '{"caption": "Mira w'}], stopped)
    said, _ = BedrockRuntime(client).converse("m", "Describe.", ["Who is it?"], 5)  # type: ignore[arg-type]
    assert said == '{"caption": "Mira w'
    assert isinstance(said, CutOffText) == is_cut_off
    told = f"The answer of m was cut off (stop reason {stopped})."
    assert (told in caplog.messages) == is_cut_off

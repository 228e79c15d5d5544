"""What a model's answer comes to, whatever is in it."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.domain.error_tree import AnswerCutOff
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


@pytest.mark.parametrize("stopped", ["end_turn", "stop_sequence"])
def test_an_answer_that_its_model_has_finished_is_returned(stopped: str) -> None:
    client = Answering([{"text": '{"caption": "Mira w'}], stopped)
    said, _ = BedrockRuntime(client).converse("m", "Describe.", ["Who is it?"], 5)  # type: ignore[arg-type]
    assert said == '{"caption": "Mira w'


@pytest.mark.parametrize("stopped", ["max_tokens", "model_context_window_exceeded"])
def test_an_answer_that_was_cut_off_is_billed_and_refused_even_where_it_looks_complete(
    stopped: str,
) -> None:
    client = Answering([{"text": '{"caption": "Mira waits."} Then'}], stopped)
    with pytest.raises(AnswerCutOff) as caught:
        BedrockRuntime(client).converse("m", "Describe.", ["Who is it?"], 5)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"The answer of m was cut off (stop reason {stopped}): "
        """'{"caption": "Mira waits."} Then'"""
    )
    assert {usage.unit: usage.amount for usage in caught.value.billed} == {
        "input_token": 320,
        "output_token": 4,
    }

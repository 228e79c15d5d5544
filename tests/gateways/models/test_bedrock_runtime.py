"""What a model's answer comes to, whatever is in it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from storyboard_ops.core.text.answer_forms import caption_tool
from storyboard_ops.domain.error_tree import AnswerUnusable, ModelFailed
from storyboard_ops.domain.models.model_answers import cut_off_reason
from storyboard_ops.gateways.models.bedrock_runtime import BedrockRuntime


class Answering:
    """Stands in for the client: one answer, as the Converse API gives it."""

    def __init__(self, content: list[dict[str, Any]], stopped: str = "content_filtered") -> None:
        self.content = content
        self.stopped = stopped
        self.asked: list[dict[str, Any]] = []

    def converse(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
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
def test_an_answer_that_was_cut_off_says_so_and_is_billed(
    stopped: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = Answering([{"text": '{"caption": "Mira w'}], stopped)
    said, usages = BedrockRuntime(client).converse("m", "Describe.", ["Who is it?"], 5)  # type: ignore[arg-type]
    assert said == '{"caption": "Mira w'
    assert cut_off_reason(said) == stopped
    assert f"m was cut off (stop reason {stopped}) after 4 of at most 5 output" in caplog.text
    assert {usage.unit: usage.amount for usage in usages} == {"input_token": 320, "output_token": 4}


TOOL = caption_tool(["mira"])
WAITS = {"caption": "Mira waits – ミラ", "characters": ["mira"]}
WAITS_AS_JSON = '{"caption": "Mira waits – ミラ", "characters": ["mira"]}'


def called(given: Any) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": "tooluse_1", "name": TOOL.name, "input": given}}


def test_a_tool_is_the_only_one_and_has_to_be_called() -> None:
    client = Answering([called(WAITS)], "tool_use")
    BedrockRuntime(client).converse("m", "Describe.", ["Who is it?"], 5, TOOL)  # type: ignore[arg-type]
    sent = client.asked[-1]
    assert sent["toolConfig"]["toolChoice"] == {"tool": {"name": "write_caption"}}
    (tool,) = sent["toolConfig"]["tools"]
    schema = tool["toolSpec"]["inputSchema"]["json"]
    assert schema.keys() == {"type", "properties", "required"}
    assert set(schema["required"]) == schema["properties"].keys() == {"caption", "characters"}
    assert sent["inferenceConfig"] == {"maxTokens": 5, "temperature": 0.0}
    BedrockRuntime(client).converse("m", "Describe.", ["Who?"], 5, temperature=0.5)  # type: ignore[arg-type]
    assert "toolConfig" not in client.asked[-1]
    assert client.asked[-1]["inferenceConfig"]["temperature"] == 0.5


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([called(WAITS)], WAITS_AS_JSON),
        ([{"text": "<thinking>{Mira}</thinking>"}, called(WAITS)], WAITS_AS_JSON),
        ([{"text": '{"caption": "In prose."}'}], '{"caption": "In prose."}'),
        ([{"text": "In prose."}, called({})], "In prose."),
        ([called({})], ""),
    ],
    ids=["call", "thinking aloud", "no call", "call cut off", "empty call"],
)
def test_the_input_of_a_tool_is_the_answer_and_prose_where_there_is_none(
    content: list[dict[str, Any]], text: str
) -> None:
    client = Answering(content, "tool_use")
    said, _ = BedrockRuntime(client).converse("m", "Describe.", ["Who is it?"], 5, TOOL)  # type: ignore[arg-type]
    assert said == text


@pytest.mark.parametrize(
    ("code", "tool", "error"),
    [
        ("ModelErrorException", TOOL, AnswerUnusable),
        ("ModelErrorException", None, ModelFailed),
        ("ModelTimeoutException", TOOL, ModelFailed),
    ],
)
def test_a_call_that_the_service_cannot_read_is_an_unusable_answer(
    code: str, tool: Any, error: type[Exception]
) -> None:
    class Failing:
        def converse(self, **_: Any) -> Any:
            said = "Model produced invalid sequence as part of ToolUse."
            raise ClientError({"Error": {"Code": code, "Message": said}}, "Converse")

    with pytest.raises(error, match="invalid sequence as part of ToolUse"):
        BedrockRuntime(Failing()).converse("m", "Describe.", ["Who is it?"], 5, tool)  # type: ignore[arg-type]

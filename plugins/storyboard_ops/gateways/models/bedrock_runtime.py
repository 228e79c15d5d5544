"""Call the Bedrock runtime: query a multimodal model, embed a picture, draw a picture.

Sources: Converse and InvokeModel, Amazon Bedrock user guide; ``embedding_forms`` and
``drawing_forms`` have the bodies of each model. Pictures are encoded bytes (JPEG or PNG).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from storyboard_ops.domain.bounded_text import read_json
from storyboard_ops.domain.error_tree import AnswerUnusable, BadInput, ModelFailed
from storyboard_ops.domain.input_limits import MOST_ANSWER_BYTES
from storyboard_ops.domain.models.model_answers import AnswerTool, ModelText, cut_off_reason
from storyboard_ops.domain.models.model_routes import ModelRoutes
from storyboard_ops.domain.money.paid_usage import DRAWN_IMAGE, Usage
from storyboard_ops.gateways.aws.errors import translated
from storyboard_ops.gateways.models.drawing_forms import DrawRequest, decode_drawing
from storyboard_ops.gateways.models.embedding_forms import embedding_form, picture_format
from storyboard_ops.gateways.storage.answer_store import Bought

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

log = logging.getLogger(__name__)

Part = str | bytes

#: Code of a model whose answer the service could not read, such as a malformed call of a tool.
UNREADABLE = "ModelErrorException"


class BedrockRuntime:
    """Calls billed per token or picture, or covered by provisioned throughput."""

    def __init__(self, client: BedrockRuntimeClient, routes: ModelRoutes | None = None) -> None:
        """``routes``: by which ids the models are called, e.g. by inference profiles."""
        self._client = translated("bedrock-runtime", client)
        self._routes = routes or ModelRoutes()

    def converse(
        self,
        model_id: str,
        system: str,
        parts: Sequence[Part],
        max_tokens: int,
        tool: AnswerTool | None = None,
        temperature: float = 0.0,
    ) -> Bought:
        """Query a model about texts and pictures in order; returns (ModelText, usage).

        With a ``tool`` the model has to call it, and the text is its input as JSON; else the text
        is what the model wrote. It is empty when the model stopped without any, and says when the
        model was cut off; such calls are billed too. At temperature 0 the same question gives the
        same answer, if the model allows. Raises AnswerUnusable for a call of the tool that the
        service could not read.
        """
        messages: Any = [{"role": "user", "content": [_content(part) for part in parts]}]
        try:
            answer = self._client.converse(
                modelId=self._routes.called(model_id),
                system=[{"text": system}],
                messages=messages,
                inferenceConfig={"maxTokens": max_tokens, "temperature": temperature},
                **({"toolConfig": _tool_config(tool)} if tool else {}),
            )
        except ModelFailed as error:
            if tool is None or error.code != UNREADABLE:
                raise
            raise AnswerUnusable(f"{model_id} did not call {tool.name}: {error}") from error
        usage = answer["usage"]
        billed = self._routes.model_id(model_id)
        usages = (
            Usage(service="bedrock", item=billed, unit="input_token", amount=usage["inputTokens"]),
            Usage(
                service="bedrock", item=billed, unit="output_token", amount=usage["outputTokens"]
            ),
        )
        text = ModelText(
            _replace_surrogates(_written(answer["output"]["message"]["content"])),
            answer["stopReason"],
        )
        if stopped := cut_off_reason(text):
            log.warning(
                "%s was cut off (stop reason %s) after %d of at most %d output tokens.",
                model_id, stopped, usage["outputTokens"], max_tokens,
            )  # fmt: skip
        elif not text:
            log.warning("%s gave no text (stop reason %s).", model_id, answer["stopReason"])
        return text, usages

    def embed(self, model_id: str, picture: bytes) -> Bought:
        """Embed one JPEG or PNG picture; returns (list of 1,024 floats, usage).

        ``embedding_forms.check_vector`` checks the list: a call without a usable one is billed too.
        Raises SettingsError for a model whose request form is not in ``embedding_forms``,
        AnswerUnusable with what was billed when the answer is not JSON.
        """
        form = embedding_form(model_id)
        billed = self._routes.model_id(model_id)
        usages = (Usage(service="bedrock", item=billed, unit="image", amount=1),)
        try:
            answer = self._invoke(model_id, form.body(picture))
        except AnswerUnusable as error:
            raise AnswerUnusable(str(error), usages) from error
        return form.vector(answer), usages

    def draw(self, model_arn: str, request: DrawRequest) -> bytes:
        """Draw one picture as PNG bytes on capacity of the account, which is billed by the hour.

        Raises AnswerUnusable when the service filters it.
        """
        return decode_drawing(request.picture(self._invoke(model_arn, request.body())))

    def draw_on_demand(self, model_id: str, request: DrawRequest) -> Bought:
        """Draw one picture that is billed by itself; returns (base64 text, usage).

        ``drawing_forms.decode_drawing`` checks the text: a picture that it refuses is billed too.
        Raises AnswerUnusable when the service draws none, which it does not bill, and with what
        was billed when the answer is not JSON.
        """
        billed = self._routes.model_id(model_id)
        usages = (Usage(service="bedrock", item=billed, unit=DRAWN_IMAGE, amount=1),)
        try:
            answer = self._invoke(model_id, request.body())
        except AnswerUnusable as error:
            raise AnswerUnusable(str(error), usages) from error
        return request.picture(answer), usages

    def _invoke(self, model_id: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._client.invoke_model(
            modelId=self._routes.called(model_id),
            body=json.dumps(body),
            contentType="application/json",
            accept="application/json",
        )
        sent = answer["body"].read(MOST_ANSWER_BYTES + 1)
        try:
            content: dict[str, Any] = read_json(
                sent, f"The answer of {model_id}", MOST_ANSWER_BYTES
            )
        except BadInput as error:
            raise AnswerUnusable(f"{error} Clear the task to retry.") from error
        return content


def _tool_config(tool: AnswerTool) -> Any:
    """Return a tool that the model has to call."""
    described = {
        "name": tool.name,
        "description": tool.description,
        "inputSchema": {"json": tool.schema},
    }
    return {"tools": [{"toolSpec": described}], "toolChoice": {"tool": {"name": tool.name}}}


def _written(content: Sequence[Mapping[str, Any]]) -> str:
    """Return the input of the called tool as JSON, or else the texts; models also think aloud."""
    called = [block["toolUse"]["input"] for block in content if "toolUse" in block]
    inputs = [json.dumps(one, ensure_ascii=False) for one in called if one]
    return "".join(inputs or [block["text"] for block in content if "text" in block])


def _replace_surrogates(text: str) -> str:
    """Replace lone surrogates, which JSON may escape and UTF-8 cannot encode, by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _content(part: Part) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    return {"image": {"format": picture_format(part), "source": {"bytes": part}}}

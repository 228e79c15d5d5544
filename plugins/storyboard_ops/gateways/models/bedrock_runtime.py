"""Call the Bedrock runtime: query a multimodal model, embed a picture, draw a picture.

Sources: Converse and InvokeModel, Amazon Bedrock user guide; ``embedding_forms`` and
``drawing_forms`` have the bodies of each model. Pictures are encoded bytes (JPEG or PNG).
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from storyboard_ops.domain.bounded_text import read_json, shorten
from storyboard_ops.domain.error_tree import AnswerCutOff, AnswerUnusable, BadInput
from storyboard_ops.domain.input_limits import MOST_ANSWER_BYTES, MOST_SHOWN_VALUE
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

#: Stop reasons of an answer that its model could not finish.
CUT_OFF = frozenset({"max_tokens", "model_context_window_exceeded"})


class BedrockRuntime:
    """Calls billed per token or picture, or covered by provisioned throughput."""

    def __init__(self, client: BedrockRuntimeClient, routes: ModelRoutes | None = None) -> None:
        """``routes``: by which ids the models are called, e.g. by inference profiles."""
        self._client = translated("bedrock-runtime", client)
        self._routes = routes or ModelRoutes()

    def converse(self, model_id: str, system: str, parts: list[Part], max_tokens: int) -> Bought:
        """Query a model about texts and pictures in order; returns (answer text, usage).

        The text is empty when the model stopped without any; that call is billed too. Raises
        AnswerCutOff with what was billed when the model could not finish.
        """
        messages: Any = [{"role": "user", "content": [_content(part) for part in parts]}]
        answer = self._client.converse(
            modelId=self._routes.called(model_id),
            system=[{"text": system}],
            messages=messages,
            # Temperature 0: the same question gives the same answer, if the model allows.
            inferenceConfig={"maxTokens": max_tokens, "temperature": 0.0},
        )
        texts = [
            block["text"] for block in answer["output"]["message"]["content"] if "text" in block
        ]
        usage = answer["usage"]
        billed = self._routes.model_id(model_id)
        usages = (
            Usage(service="bedrock", item=billed, unit="input_token", amount=usage["inputTokens"]),
            Usage(
                service="bedrock", item=billed, unit="output_token", amount=usage["outputTokens"]
            ),
        )
        text, stopped = _replace_surrogates("".join(texts)), answer["stopReason"]
        if stopped in CUT_OFF:
            raise AnswerCutOff(
                f"The answer of {model_id} was cut off (stop reason {stopped}): "
                f"{shorten(text, MOST_SHOWN_VALUE)!r}",
                usages,
            )
        if not texts:
            log.warning("%s gave no text (stop reason %s).", model_id, stopped)
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


def _replace_surrogates(text: str) -> str:
    """Replace lone surrogates, which JSON may escape and UTF-8 cannot encode, by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _content(part: Part) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    return {"image": {"format": picture_format(part), "source": {"bytes": part}}}

"""Both embedding models, asked in their own form and answered alike."""

from __future__ import annotations

import io
import json
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import encode_jpeg, encode_png
from storyboard_ops.domain.error_tree import AnswerUnusable, SettingsError
from storyboard_ops.gateways.models.bedrock_runtime import BedrockRuntime
from storyboard_ops.gateways.models.embedding_forms import check_vector, embedding_form
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.fakes.memory_bucket import MemoryBucket
from tests.material.factories import picture, settings
from tests.studio.studio_fixture import Studio

TITAN = "amazon.titan-embed-image-v1"
NOVA = "amazon.nova-2-multimodal-embeddings-v1:0"


@pytest.mark.parametrize("model_id", [TITAN, NOVA])
@pytest.mark.parametrize("encode", [encode_png, encode_jpeg])
def test_a_picture_becomes_1024_values_and_is_billed_once(studio: Studio, model_id, encode) -> None:
    runtime = BedrockRuntime(studio.client("bedrock-runtime"))
    alike, usages = runtime.embed(model_id, encode(picture(1)))
    again, _ = runtime.embed(model_id, encode(picture(1)))
    other, _ = runtime.embed(model_id, encode(picture(7)))
    assert len(alike) == 1024
    assert np.linalg.norm(alike) == pytest.approx(1, abs=1e-4)
    assert alike == again
    assert np.dot(alike, other) < 0.999
    assert [(usage.item, usage.unit, usage.amount) for usage in usages] == [(model_id, "image", 1)]


def test_the_model_is_a_parameter_and_its_answers_are_kept_apart(studio: Studio) -> None:
    """Other embeddings are other questions: nothing of one model is taken for the other's."""
    png = encode_png(picture(3))
    for model_id in (TITAN, NOVA, NOVA):
        tools = studio.tools(embedding_model_id=model_id)
        embedder = PictureEmbedder(tools)
        assert embedder.model_id == model_id
        assert embedder.embed(png, "a" * 64).shape == (1024,)
    assert (tools.answers.bought, tools.answers.reused) == (0, 1)


def test_a_model_of_an_inference_profile_has_its_models_form() -> None:
    assert embedding_form(f"us.{NOVA}") is embedding_form(NOVA)
    assert embedding_form(settings().embedding_model_id) is embedding_form(TITAN)


def test_an_unknown_model_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(SettingsError, match=f"'cohere.embed-v4:0' is not known.*{TITAN}"):
        embedding_form("cohere.embed-v4:0")


@pytest.mark.parametrize(
    ("vector", "words"),
    [
        ([0.5] * 1024, ""),
        ([1] * 1024, ""),
        ([0.5] * 1023, "has 1023 values; 1,024 are needed"),
        ([], "has 0 values"),
        (None, "has no values"),
        ("0.5", "has no values"),
        ([0.5] * 1023 + [float("nan")], "not finite numbers"),
        ([0.5] * 1023 + [float("inf")], "not finite numbers"),
        ([0.5] * 1023 + [1e300], "not finite numbers"),
        ([0.5] * 1023 + [None], "not finite numbers"),
        ([0.5] * 1023 + ["0.5"], "not finite numbers"),
        ([0.5] * 1023 + [True], "not finite numbers"),
        ([0.5] * 1023 + [10**400], "not finite numbers"),
    ],
)
def test_an_embedding_has_1024_finite_numbers(vector: Any, words: str) -> None:
    with pytest.raises(AnswerUnusable, match=words) if words else nullcontext():
        check_vector(vector)


@pytest.mark.parametrize("body", [{}, {"embeddings": []}, {"embeddings": [{}]}, {"message": "no"}])
def test_an_answer_without_an_embedding_has_none(body: dict[str, Any]) -> None:
    for model_id in (TITAN, NOVA):
        assert embedding_form(model_id).vector(body) is None


def test_a_bad_embedding_is_metered_but_not_stored_as_bought() -> None:
    said = [[0.5] * 7, [1e300] * 1024, [0.5] * 1024]

    def invoke_model(**_: Any) -> dict[str, Any]:
        return {"body": io.BytesIO(json.dumps({"embedding": said.pop(0)}).encode())}

    clients = {"s3": MemoryBucket(), "bedrock-runtime": SimpleNamespace(invoke_model=invoke_model)}
    tools = ToolBox("run-1", settings(), clients.__getitem__)
    png = encode_png(picture(1))
    for words in ("has 7 values", "not finite"):
        with pytest.raises(AnswerUnusable, match=words):
            PictureEmbedder(tools).embed(png, "a" * 64)
    for _ in range(2):
        assert PictureEmbedder(tools).embed(png, "a" * 64).shape == (1024,)
    assert [usage.amount for usage in tools.answers.usages] == [3]


@pytest.mark.parametrize("body", [b'{"embedding": [NaN, 0.5]}', b'{"embedding": [0.5, 0.'])
def test_a_body_that_is_no_json_is_an_unusable_answer(body: bytes) -> None:
    client = SimpleNamespace(invoke_model=lambda **_: {"body": io.BytesIO(body)})
    with pytest.raises(AnswerUnusable, match=f"The answer of {TITAN}"):
        BedrockRuntime(client).embed(TITAN, encode_png(picture(1)))  # type: ignore[arg-type]

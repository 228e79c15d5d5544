"""Both embedding models, asked in their own form and answered alike."""

from __future__ import annotations

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import encode_jpeg, encode_png
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.gateways.models.bedrock_runtime import BedrockRuntime
from storyboard_ops.gateways.models.embedding_forms import embedding_form
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
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

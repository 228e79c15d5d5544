"""The product's limits against botocore's service models, the endpoint's facts, and the form."""

from __future__ import annotations

import re
from typing import Any

import annotated_types
import boto3
import pytest

from local_aws.services.bedrock.model_catalogue import load_foundation_models
from local_aws.services.bedrock_runtime.canvas import GenerationConfig
from local_aws.services.bedrock_runtime.stability import LARGEST_SEED, SIZES, TextToImageBody
from local_aws.services.rekognition.images import CUSTOM_LABELS_LIMITS, IMAGE_LIMITS
from storyboard_ops.domain.models.call_limits import ModelLimits
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.include_files import include_yaml
from storyboard_ops.gateways.models.embedding_forms import FORMS
from storyboard_ops.gateways.models.limits_file import (
    drawing_limits,
    limits_table,
    operation_limits,
)

TABLE = limits_table()
PICTURE_MODELS = (*TABLE.converse, *TABLE.embedding)


def service_model(service: str) -> Any:
    client = boto3.Session(region_name="us-east-1").client(service)
    return client.meta.service_model


def test_converse_limits_are_those_of_the_api_reference() -> None:
    message = service_model("bedrock-runtime").shape_for("Message").members["content"]
    pictures, megabytes, side = re.findall(r"[\d.]*\d", message.documentation)[:3]
    for limits in TABLE.converse:
        assert limits.pictures <= int(pictures)
        assert limits.picture_bytes <= float(megabytes) * 1e6
        assert limits.side_px[1] <= int(side)


def test_requests_fit_the_body_of_invoke_model() -> None:
    body = service_model("bedrock-runtime").shape_for("Body").metadata["max"]
    for limits in TABLE.embedding:
        assert 4 * -(-limits.picture_bytes // 3) <= limits.request_bytes <= body


def test_rekognition_limits_are_those_of_the_api() -> None:
    blob = service_model("rekognition").shape_for("ImageBlob").metadata["max"]
    assert operation_limits("DetectLabels").picture_bytes == blob


@pytest.mark.parametrize("limits", PICTURE_MODELS, ids=lambda limits: limits.models[0])
def test_what_the_product_sends_the_endpoint_accepts(limits: ModelLimits) -> None:
    catalogue = {model.id: model for model in load_foundation_models()}
    for model_id in limits.models:
        allowed = catalogue[model_id].limits
        assert allowed is not None
        assert limits.pictures <= allowed.pictures
        assert limits.picture_bytes <= allowed.picture_bytes
        assert limits.side_px[1] <= allowed.longest_side
        assert limits.request_bytes <= (allowed.payload_bytes or 25_000_000)


def test_the_endpoint_counts_tokens_alike() -> None:
    catalogue = {model.id: model for model in load_foundation_models()}
    for limits in TABLE.converse:
        for model_id in limits.models:
            allowed = catalogue[model_id].limits
            assert allowed is not None
            assert limits.input_tokens == allowed.context_tokens
            assert limits.output_tokens == allowed.new_tokens


def test_the_endpoint_judges_rekognition_alike() -> None:
    for operation, allowed in (
        ("DetectLabels", IMAGE_LIMITS),
        ("DetectCustomLabels", CUSTOM_LABELS_LIMITS),
    ):
        limits = operation_limits(operation)
        assert limits.picture_bytes <= allowed.most_bytes
        assert limits.side_px == (allowed.least_side, allowed.longest_side)


def test_every_model_with_a_price_per_request_has_limits() -> None:
    prices = include_yaml("prices/aws-us-east-1.yaml")["prices"]
    units = {"input_token", "image", "drawn_image"}
    priced = {p["item"] for p in prices if p["service"] == "bedrock" and p["unit"] in units}
    with_limits = (*PICTURE_MODELS, *TABLE.drawing, *TABLE.prompted)
    limited = {model for limits in with_limits for model in limits.models}
    assert priced <= limited


def test_every_embedding_form_has_limits() -> None:
    for form in FORMS:
        assert any(form in model for limits in TABLE.embedding for model in limits.models)


def bounds(record: Any, field: str) -> tuple[float, float]:
    """The fewest and most that a field accepts."""
    metadata = record.model_fields[field].metadata
    (least,) = (each.ge for each in metadata if isinstance(each, annotated_types.Ge))
    (most,) = (each.le for each in metadata if isinstance(each, annotated_types.Le))
    return least, most


@pytest.mark.parametrize(
    ("parameter", "limit"),
    [
        ("panel_width", "side_px"),
        ("panel_height", "side_px"),
        ("seed", "seed"),
        ("cfg_scale", "cfg_scale"),
    ],
)
def test_the_form_allows_what_the_painter_accepts(parameter: str, limit: str) -> None:
    assert bounds(RunSettings, parameter) == getattr(drawing_limits(), limit)


def test_the_endpoint_draws_what_the_painter_accepts() -> None:
    assert bounds(GenerationConfig, "width") == drawing_limits().side_px
    assert bounds(GenerationConfig, "seed") == drawing_limits().seed


def test_the_endpoint_draws_from_prompts_what_the_product_asks_for() -> None:
    catalogue = {model.id: model for model in load_foundation_models()}
    body = TextToImageBody.model_fields
    for limits in TABLE.prompted:
        assert limits.seed[1] == LARGEST_SEED
        assert set(limits.aspect_ratios) == SIZES.keys()
        (longest,) = (
            each.max_length
            for each in body["prompt"].metadata
            if isinstance(each, annotated_types.MaxLen)
        )
        assert limits.prompt_characters[1] == longest
        for model_id in limits.models:
            assert set(limits.regions) == set(catalogue[model_id].regions)
            assert "ON_DEMAND" in catalogue[model_id].inference_types


def test_the_form_names_a_model_that_draws_from_prompts() -> None:
    default = RunSettings.model_fields["prompt_model_id"].default
    assert limits_table().of_prompted(default).pictures == 1

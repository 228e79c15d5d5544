"""Inference profiles: which models they serve from a region, and what calls without one answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.bedrock_data import ACCOUNT, picture
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint

NOVA_PRO = "amazon.nova-pro-v1:0"
NOVA_2_LITE = "amazon.nova-2-lite-v1:0"
QUESTION = [
    {
        "role": "user",
        "content": [
            {"image": {"format": "png", "source": {"bytes": picture()}}},
            {"text": json.dumps({"present": [{"id": "mara", "name": "Mara"}]})},
            {"text": 'Answer with JSON only, key "caption".'},
        ],
    }
]


@pytest.fixture
def bedrock(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("bedrock")


@pytest.fixture
def runtime(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("bedrock-runtime")


def listed(bedrock: Any, **query: Any) -> list[str]:
    pages = bedrock.get_paginator("list_inference_profiles").paginate(**query)
    return [
        one["inferenceProfileId"] for page in pages for one in page["inferenceProfileSummaries"]
    ]


def inference_types(bedrock: Any, model: str) -> list[str]:
    details = bedrock.get_foundation_model(modelIdentifier=model)["modelDetails"]
    return list(details["inferenceTypesSupported"])


def test_the_profiles_of_virginia(bedrock: Any) -> None:
    assert listed(bedrock, PaginationConfig={"PageSize": 2}) == [
        "us.amazon.nova-pro-v1:0",
        "us.amazon.nova-lite-v1:0",
        "us.amazon.nova-2-lite-v1:0",
        "global.amazon.nova-2-lite-v1:0",
    ]
    assert inference_types(bedrock, NOVA_PRO) == ["ON_DEMAND"]
    assert inference_types(bedrock, NOVA_2_LITE) == []


def test_a_profile_is_found_by_id_and_by_arn(bedrock: Any) -> None:
    arn = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/us.{NOVA_PRO}"
    found = bedrock.get_inference_profile(inferenceProfileIdentifier=f"us.{NOVA_PRO}")
    assert found["inferenceProfileArn"] == arn
    assert found["type"] == "SYSTEM_DEFINED"
    assert [model["modelArn"] for model in found["models"]] == [
        f"arn:aws:bedrock:{region}::foundation-model/{NOVA_PRO}"
        for region in ("us-east-1", "us-east-2", "us-west-2")
    ]
    by_arn = bedrock.get_inference_profile(inferenceProfileIdentifier=arn)
    assert by_arn["inferenceProfileId"] == f"us.{NOVA_PRO}"


def test_a_global_profile_has_the_model_in_no_region_and_in_the_source(bedrock: Any) -> None:
    found = bedrock.get_inference_profile(inferenceProfileIdentifier=f"global.{NOVA_2_LITE}")
    assert [model["modelArn"] for model in found["models"]] == [
        f"arn:aws:bedrock:{region}::foundation-model/{NOVA_2_LITE}" for region in ("", "us-east-1")
    ]


def test_a_profile_of_another_geography_is_not_found(bedrock: Any, runtime: Any) -> None:
    with pytest.raises(ClientError) as caught:
        bedrock.get_inference_profile(inferenceProfileIdentifier=f"eu.{NOVA_PRO}")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    with pytest.raises(ClientError, match="The provided model identifier is invalid"):
        runtime.converse(modelId=f"eu.{NOVA_PRO}", messages=QUESTION)


def test_a_model_that_only_profiles_serve_refuses_its_own_id(
    local_endpoint: RunningEndpoint, runtime: Any
) -> None:
    with pytest.raises(ClientError) as caught:
        runtime.converse(modelId=NOVA_2_LITE, messages=QUESTION)
    assert caught.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": (
            f"Invocation of model ID {NOVA_2_LITE} with on-demand throughput isn\u2019t supported. "
            "Retry your request with the ID or ARN of an inference profile that contains this "
            "model."
        ),
    }
    answer = runtime.converse(modelId=f"us.{NOVA_2_LITE}", messages=QUESTION)
    assert "caption" in answer["output"]["message"]["content"][0]["text"]
    lines = local_endpoint.admin("GET", "bill")["lines"]
    (read,) = [
        line for line in lines if line["resource"] == NOVA_2_LITE and line["unit"] == "input_token"
    ]
    assert read["usd_per_unit"] == 0.00000033  # billed as its model


def test_an_application_profile_is_created_called_and_deleted(bedrock: Any, runtime: Any) -> None:
    source = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/us.{NOVA_PRO}"
    created = bedrock.create_inference_profile(
        inferenceProfileName="film-team",
        modelSource={"copyFrom": source},
        tags=[{"key": "team", "value": "film"}],
    )
    arn = created["inferenceProfileArn"]
    assert ":application-inference-profile/" in arn
    assert arn.rpartition("/")[2] in listed(bedrock, typeEquals="APPLICATION")
    models = bedrock.get_inference_profile(inferenceProfileIdentifier=arn)["models"]
    assert models[0]["modelArn"].endswith(f"foundation-model/{NOVA_PRO}")
    assert bedrock.list_tags_for_resource(resourceARN=arn)["tags"][0]["value"] == "film"
    assert runtime.converse(modelId=arn, messages=QUESTION)["stopReason"] == "end_turn"
    bedrock.delete_inference_profile(inferenceProfileIdentifier=arn)
    assert arn.rpartition("/")[2] not in listed(bedrock, typeEquals="APPLICATION")
    with pytest.raises(ClientError):
        runtime.converse(modelId=arn, messages=QUESTION)


@pytest.mark.parametrize(
    ("region", "profile"), [("eu-central-1", "eu"), ("ap-southeast-2", "apac")]
)
def test_elsewhere_nova_pro_is_called_by_the_profile_of_the_geography(
    tmp_path: Path, region: str, profile: str
) -> None:
    with running_endpoint(tmp_path / "data", ("--region", region)) as endpoint:
        assert inference_types(endpoint.client("bedrock"), NOVA_PRO) == []
        runtime = endpoint.client("bedrock-runtime")
        with pytest.raises(ClientError, match="on-demand throughput"):
            runtime.converse(modelId=NOVA_PRO, messages=QUESTION)
        answer = runtime.converse(modelId=f"{profile}.{NOVA_PRO}", messages=QUESTION)
        assert answer["stopReason"] == "end_turn"

"""Foundation models on different days, and custom models."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.bedrock_data import (
    NOVA_CANVAS,
    custom_model,
    finished_job,
    job_request,
    put_data_set,
)
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint

TITAN_IMAGE = "amazon.titan-image-generator-v2:0"


@pytest.fixture
def bedrock(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("bedrock")


def test_nova_canvas_on_the_default_day(bedrock: Any) -> None:
    details = bedrock.get_foundation_model(modelIdentifier=NOVA_CANVAS)["modelDetails"]

    assert details["modelArn"] == f"arn:aws:bedrock:us-east-1::foundation-model/{NOVA_CANVAS}"
    assert details["customizationsSupported"] == ["FINE_TUNING"]
    assert details["inferenceTypesSupported"] == ["ON_DEMAND", "PROVISIONED"]
    assert details["modelLifecycle"] == {
        "status": "ACTIVE",
        "startOfLifeTime": datetime(2024, 12, 3, tzinfo=UTC),
        "legacyTime": datetime(2026, 3, 30, tzinfo=UTC),
        "publicExtendedAccessTime": datetime(2026, 6, 30, tzinfo=UTC),
        "endOfLifeTime": datetime(2026, 9, 30, tzinfo=UTC),
    }


def test_a_foundation_model_is_found_by_its_arn(bedrock: Any) -> None:
    arn = f"arn:aws:bedrock:us-east-1::foundation-model/{NOVA_CANVAS}"

    assert bedrock.get_foundation_model(modelIdentifier=arn)["modelDetails"]["modelId"] == (
        NOVA_CANVAS
    )


def test_an_unknown_foundation_model_is_invalid(bedrock: Any) -> None:
    with pytest.raises(ClientError, match="The provided model identifier is invalid") as caught:
        bedrock.get_foundation_model(modelIdentifier="amazon.nova-easel-v1:0")

    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_models_are_listed_by_what_they_do(bedrock: Any) -> None:
    def listed(**filters: str) -> set[str]:
        answer = bedrock.list_foundation_models(**filters)
        return {one["modelId"] for one in answer["modelSummaries"]}

    assert NOVA_CANVAS in listed(byOutputModality="IMAGE", byCustomizationType="FINE_TUNING")
    assert NOVA_CANVAS not in listed(byOutputModality="TEXT")
    assert "amazon.nova-2-lite-v1:0" not in listed(byInferenceType="ON_DEMAND")
    assert listed(byProvider="Stability AI") == set()  # they are offered in another region


def test_a_legacy_model_says_so(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "legacy", ("--today", "2026-03-30")) as endpoint:
        bedrock = endpoint.client("bedrock")
        details = bedrock.get_foundation_model(modelIdentifier=NOVA_CANVAS)["modelDetails"]

        assert details["modelLifecycle"]["status"] == "LEGACY"


def test_a_model_past_its_end_of_life_is_gone(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "ended", ("--today", "2026-09-30")) as endpoint:
        bedrock = endpoint.client("bedrock")

        with pytest.raises(ClientError, match="reached the end of its life") as caught:
            bedrock.get_foundation_model(modelIdentifier=NOVA_CANVAS)
        assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_custom_model_is_listed_and_deleted(bedrock: Any, s3: Any, bucket: str) -> None:
    request = job_request(bucket, put_data_set(s3, bucket))
    bedrock.create_model_customization_job(**request)
    arn = finished_job(bedrock, request["jobName"])["outputModelArn"]
    name = request["customModelName"]

    (summary,) = bedrock.list_custom_models(nameContains=name)["modelSummaries"]
    assert (summary["modelArn"], summary["baseModelName"]) == (arn, "amazon.nova-canvas-v1")

    bedrock.delete_custom_model(modelIdentifier=name)

    assert bedrock.list_custom_models(nameContains=name)["modelSummaries"] == []
    with pytest.raises(ClientError, match="Could not find the custom model"):
        bedrock.get_custom_model(modelIdentifier=arn)


def test_a_model_that_capacity_serves_cannot_be_deleted(bedrock: Any, s3: Any, bucket: str) -> None:
    arn = custom_model(bedrock, s3, bucket)
    deployment = bedrock.create_custom_model_deployment(
        modelDeploymentName="serving", modelArn=arn
    )["customModelDeploymentArn"]

    with pytest.raises(ClientError, match=deployment) as caught:
        bedrock.delete_custom_model(modelIdentifier=arn)
    assert caught.value.response["Error"]["Code"] == "ConflictException"

    bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=deployment)
    bedrock.delete_custom_model(modelIdentifier=arn)


def test_models_and_jobs_carry_their_tags(bedrock: Any, s3: Any, bucket: str) -> None:
    request = job_request(
        bucket,
        put_data_set(s3, bucket),
        jobTags=[{"key": "run", "value": "1"}],
        customModelTags=[{"key": "film", "value": "harbour"}],
    )
    job = bedrock.create_model_customization_job(**request)["jobArn"]
    model = finished_job(bedrock, job)["outputModelArn"]

    bedrock.tag_resource(resourceARN=model, tags=[{"key": "run", "value": "1"}])

    assert bedrock.list_tags_for_resource(resourceARN=job)["tags"] == request["jobTags"]
    assert bedrock.list_tags_for_resource(resourceARN=model)["tags"] == [
        {"key": "film", "value": "harbour"},
        {"key": "run", "value": "1"},
    ]

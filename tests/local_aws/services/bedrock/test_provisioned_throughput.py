"""Provisioned throughput and custom model deployments: states, quota, commitments, the bill."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.bedrock_data import NOVA_CANVAS, custom_model, until
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint


@pytest.fixture
def bedrock(local_endpoint: RunningEndpoint) -> Iterator[Any]:
    """A client of the shared endpoint; deletes the throughput that a test leaves behind."""
    client = local_endpoint.client("bedrock")
    yield client
    for left in client.list_provisioned_model_throughputs()["provisionedModelSummaries"]:
        client.delete_provisioned_model_throughput(provisionedModelId=left["provisionedModelArn"])


def request_for(model: str, **changes: Any) -> dict[str, Any]:
    name = f"capacity-{uuid.uuid4().hex[:12]}"
    return {"modelUnits": 1, "provisionedModelName": name, "modelId": model, **changes}


def in_service(bedrock: Any, identifier: str) -> dict[str, Any]:
    return until(
        lambda: bedrock.get_provisioned_model_throughput(provisionedModelId=identifier),
        lambda answer: answer["status"] == "InService",
    )


def code_of(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return str(caught.value.response["Error"]["Code"])


def test_throughput_comes_into_service_and_goes(
    local_endpoint: RunningEndpoint, bedrock: Any, s3: Any, bucket: str
) -> None:
    model = custom_model(bedrock, s3, bucket)
    request = request_for(model, tags=[{"key": "run", "value": "1"}])

    with local_endpoint.stopped_clock():
        created = bedrock.create_provisioned_model_throughput(**request)
        arn = created["provisionedModelArn"]
        first = bedrock.get_provisioned_model_throughput(provisionedModelId=arn)

    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert first["status"] == "Creating"
    served = in_service(bedrock, request["provisionedModelName"])
    assert served["modelArn"] == model
    assert served["foundationModelArn"].endswith(NOVA_CANVAS)
    assert (served["lastModifiedTime"] - served["creationTime"]).total_seconds() == (
        pytest.approx(0.2)
    )
    assert bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == request["tags"]
    assert code_of(bedrock.delete_custom_model, modelIdentifier=model) == "ConflictException"

    bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)

    assert code_of(bedrock.get_provisioned_model_throughput, provisionedModelId=arn) == (
        "ResourceNotFoundException"
    )
    bedrock.delete_custom_model(modelIdentifier=model)


def test_a_repeated_token_adopts_the_throughput(bedrock: Any) -> None:
    request = request_for(NOVA_CANVAS, clientRequestToken=uuid.uuid4().hex)

    first = bedrock.create_provisioned_model_throughput(**request)["provisionedModelArn"]
    again = bedrock.create_provisioned_model_throughput(**request)["provisionedModelArn"]

    assert again == first
    listed = bedrock.list_provisioned_model_throughputs()["provisionedModelSummaries"]
    assert [each["provisionedModelArn"] for each in listed] == [first]
    request["modelUnits"] = 2
    assert code_of(bedrock.create_provisioned_model_throughput, **request) == (
        "ValidationException"
    )


def test_a_used_name_is_refused(bedrock: Any) -> None:
    request = request_for(NOVA_CANVAS)
    bedrock.create_provisioned_model_throughput(**request)

    with pytest.raises(ClientError, match="name is currently in use"):
        bedrock.create_provisioned_model_throughput(**request)


def test_model_units_are_limited_by_the_quota(bedrock: Any) -> None:
    bedrock.create_provisioned_model_throughput(**request_for(NOVA_CANVAS))

    with pytest.raises(ClientError, match="2 requested and 1 in use") as too:
        bedrock.create_provisioned_model_throughput(**request_for(NOVA_CANVAS, modelUnits=2))

    assert too.value.response["Error"]["Code"] == "ServiceQuotaExceededException"
    assert too.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_unknown_model_is_not_found(bedrock: Any) -> None:
    request = request_for("no-such-model")

    assert code_of(bedrock.create_provisioned_model_throughput, **request) == (
        "ResourceNotFoundException"
    )


def test_throughput_is_listed_by_model_and_status(bedrock: Any, s3: Any, bucket: str) -> None:
    model = custom_model(bedrock, s3, bucket)
    arns = [
        bedrock.create_provisioned_model_throughput(**request_for(each))["provisionedModelArn"]
        for each in (model, NOVA_CANVAS)
    ]
    in_service(bedrock, arns[1])

    by_model = bedrock.list_provisioned_model_throughputs(modelArnEquals=model)
    by_status = bedrock.list_provisioned_model_throughputs(
        statusEquals="InService", sortOrder="Ascending"
    )

    listed = [each["provisionedModelArn"] for each in by_model["provisionedModelSummaries"]]
    assert listed == arns[:1]
    listed = [each["provisionedModelArn"] for each in by_status["provisionedModelSummaries"]]
    assert listed == arns


def test_a_commitment_cannot_be_deleted_early(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "committed") as endpoint:
        bedrock = endpoint.client("bedrock")
        request = request_for(NOVA_CANVAS, commitmentDuration="OneMonth")
        arn = bedrock.create_provisioned_model_throughput(**request)["provisionedModelArn"]

        throughput = bedrock.get_provisioned_model_throughput(provisionedModelId=arn)
        days = (throughput["commitmentExpirationTime"] - throughput["creationTime"]).days
        assert (throughput["commitmentDuration"], days) == ("OneMonth", 30)
        with pytest.raises(ClientError, match="cannot be deleted before"):
            bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)


def test_a_legacy_model_gets_no_new_throughput(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "legacy", ("--today", "2026-04-01")) as endpoint:
        bedrock = endpoint.client("bedrock")

        with pytest.raises(ClientError, match="marked as Legacy") as caught:
            bedrock.create_provisioned_model_throughput(**request_for(NOVA_CANVAS))
        assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_capacity_bills_until_it_is_deleted(local_endpoint: RunningEndpoint, bedrock: Any) -> None:
    request = request_for(NOVA_CANVAS, modelUnits=2)
    arn = bedrock.create_provisioned_model_throughput(**request)["provisionedModelArn"]
    in_service(bedrock, arn)

    (running,) = [each for each in local_endpoint.admin("GET", "bill")["running"]
                  if each["resource"] == arn]  # fmt: skip
    assert (running["per_hour"], running["unit"]) == (2, "model_unit_hour")
    hours = until(lambda: model_unit_hours(local_endpoint, arn), lambda quantity: quantity > 0)

    bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)
    final = model_unit_hours(local_endpoint, arn)

    assert final >= hours
    assert final == model_unit_hours(local_endpoint, arn)
    assert arn not in {each["resource"] for each in local_endpoint.admin("GET", "bill")["running"]}


def model_unit_hours(endpoint: RunningEndpoint, arn: str) -> float:
    (line,) = [each for each in endpoint.admin("GET", "bill")["lines"] if each["resource"] == arn]
    return float(line["quantity"])


def test_capacity_fails_when_a_fault_orders_it(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data", ("--throughput-seconds", "0.2")) as endpoint:
        bedrock = endpoint.client("bedrock")
        reason = "Insufficient capacity."
        fault = {"kind": "fail", "operation": "CreateProvisionedModelThroughput"}
        endpoint.admin("PUT", "faults", {"faults": [{**fault, "message": reason}]})
        request = request_for(NOVA_CANVAS)
        arn = bedrock.create_provisioned_model_throughput(**request)["provisionedModelArn"]

        failed = until(
            lambda: bedrock.get_provisioned_model_throughput(provisionedModelId=arn),
            lambda answer: answer["status"] != "Creating",
        )

        assert (failed["status"], failed["failureMessage"]) == ("Failed", reason)
        assert endpoint.admin("GET", "bill")["running"] == []


def test_a_deployment_becomes_active_and_goes(bedrock: Any, s3: Any, bucket: str) -> None:
    model = custom_model(bedrock, s3, bucket)
    request = {"modelDeploymentName": "on-demand", "modelArn": model, "description": "a test"}
    created = bedrock.create_custom_model_deployment(**request)
    arn = created["customModelDeploymentArn"]

    def deployments(**filters: str) -> list[dict[str, Any]]:
        listed = bedrock.list_custom_model_deployments(modelArnEquals=model, **filters)
        found: list[dict[str, Any]] = listed["modelDeploymentSummaries"]
        return found

    assert created["ResponseMetadata"]["HTTPStatusCode"] == 202
    (deployment,) = until(lambda: deployments(statusEquals="Active"), bool)
    assert deployment["customModelDeploymentArn"] == arn
    assert deployment["customModelDeploymentName"] == "on-demand"
    bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier="on-demand")
    assert deployments() == []
    assert (
        code_of(bedrock.delete_custom_model_deployment, customModelDeploymentIdentifier=arn)
        == "ResourceNotFoundException"
    )

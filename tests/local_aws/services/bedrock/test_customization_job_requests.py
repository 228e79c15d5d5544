"""What CreateModelCustomizationJob accepts and rejects: bounds, names, tokens, roles, models."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.local_aws.bedrock_data import (
    ACCOUNT,
    NOVA_CANVAS,
    finished_job,
    job_request,
    put_data_set,
)
from tests.local_aws.refusals import refusal
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({"batchSize": "7"}, "batchSize must be 8 to 192, not 7"),
        ({"batchSize": "193"}, "batchSize must be 8 to 192, not 193"),
        ({"stepCount": "9"}, "stepCount must be 10 to 20000, not 9"),
        ({"stepCount": "20001"}, "stepCount must be 10 to 20000, not 20001"),
        ({"learningRate": "0.00011"}, "learningRate must be 1e-07 to 0.0001"),
        ({"learningRate": "9e-8"}, "learningRate must be 1e-07 to 0.0001"),
        ({"learningRate": "fast"}, "learningRate must be a number"),
        ({"stepCount": "12.5"}, "stepCount must be an integer"),
        ({"epochCount": "2"}, "has no hyperparameter epochCount"),
    ],
)
def test_hyperparameters_are_checked_at_creation(
    bedrock: Any, bucket: str, hyperparameters: dict[str, str], reason: str
) -> None:
    request = job_request(bucket, "s3://a-bucket/a", hyperParameters=hyperparameters)

    code, message, status = refusal(bedrock.create_model_customization_job, **request)

    assert (code, status) == ("ValidationException", 400)
    assert reason in message


def test_a_used_job_name_is_refused_in_the_words_the_provider_looks_for(
    bedrock: Any, s3: Any, bucket: str
) -> None:
    manifest = put_data_set(s3, bucket)
    first = job_request(bucket, manifest)
    bedrock.create_model_customization_job(**first)
    second = job_request(bucket, manifest, jobName=first["jobName"])

    assert refusal(bedrock.create_model_customization_job, **second) == (
        "ValidationException",
        "The provided job name is currently in use.",
        400,
    )


def test_a_used_model_name_is_refused(bedrock: Any, s3: Any, bucket: str) -> None:
    manifest = put_data_set(s3, bucket)
    first = job_request(bucket, manifest)
    bedrock.create_model_customization_job(**first)
    second = job_request(bucket, manifest, customModelName=first["customModelName"])

    assert refusal(bedrock.create_model_customization_job, **second)[0] == "ValidationException"


def test_a_repeated_token_adopts_the_job(bedrock: Any, s3: Any, bucket: str) -> None:
    token = uuid.uuid4().hex
    request = job_request(bucket, put_data_set(s3, bucket), clientRequestToken=token)

    first = bedrock.create_model_customization_job(**request)["jobArn"]
    again = bedrock.create_model_customization_job(**request)["jobArn"]

    assert again == first
    assert finished_job(bedrock, first)["clientRequestToken"] == token


def test_a_token_with_other_parameters_is_refused(bedrock: Any, s3: Any, bucket: str) -> None:
    token = uuid.uuid4().hex
    manifest = put_data_set(s3, bucket)
    first = job_request(bucket, manifest, clientRequestToken=token)
    bedrock.create_model_customization_job(**first)
    other = job_request(bucket, manifest, clientRequestToken=token)

    assert refusal(bedrock.create_model_customization_job, **other)[0] == "ConflictException"


def test_a_role_of_another_account_is_refused(bedrock: Any, bucket: str) -> None:
    role = "arn:aws:iam::111111111111:role/storyboard-training"
    request = job_request(bucket, f"s3://{bucket}/a.jsonl", roleArn=role)

    assert refusal(bedrock.create_model_customization_job, **request) == (
        "ValidationException",
        "Could not assume provided IAM role.",
        400,
    )


@pytest.mark.parametrize(
    ("service", "accepted"), [("bedrock.amazonaws.com", True), ("ec2.amazonaws.com", False)]
)
def test_an_existing_role_must_trust_bedrock(
    local_endpoint: RunningEndpoint, bedrock: Any, bucket: str, service: str, accepted: bool
) -> None:
    name = f"role-{uuid.uuid4().hex[:8]}"
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        f' "Principal": {{"Service": "{service}"}}}}]}}'
    )
    local_endpoint.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    request = job_request(bucket, f"s3://{bucket}/a.jsonl", roleArn=role)

    if accepted:
        assert bedrock.create_model_customization_job(**request)["jobArn"]
    else:
        assert refusal(bedrock.create_model_customization_job, **request)[1] == (
            "Could not assume provided IAM role."
        )


def test_a_base_model_that_cannot_be_customized_is_refused(bedrock: Any, bucket: str) -> None:
    request = job_request(
        bucket, f"s3://{bucket}/a.jsonl", baseModelIdentifier="amazon.nova-pro-v1:0"
    )

    assert refusal(bedrock.create_model_customization_job, **request) == (
        "ValidationException",
        "The model amazon.nova-pro-v1:0 does not support FINE_TUNING in us-east-1.",
        400,
    )


def test_a_role_is_known_after_a_restart(tmp_path: Path) -> None:
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ec2.amazonaws.com"},
            },
        }
    )
    with running_endpoint(tmp_path / "data") as endpoint:
        endpoint.client("iam").create_role(RoleName="other", AssumeRolePolicyDocument=trust)
    with running_endpoint(tmp_path / "data") as endpoint:
        role = f"arn:aws:iam::{ACCOUNT}:role/other"
        request = job_request("a-bucket", "s3://a-bucket/a.jsonl", roleArn=role)

        refused = refusal(endpoint.client("bedrock").create_model_customization_job, **request)

        assert refused[1] == "Could not assume provided IAM role."


@pytest.mark.parametrize(
    ("day", "code", "message"),
    [
        ("2026-04-15", "ValidationException", "is marked as Legacy"),
        ("2026-11-23", "ResourceNotFoundException", "reached the end of its life"),
    ],
)
def test_the_calendar_day_decides_whether_a_model_can_be_customized(
    tmp_path: Path, day: str, code: str, message: str
) -> None:
    with running_endpoint(tmp_path / "later", ("--today", day)) as endpoint:
        request = job_request("a-bucket", "s3://a-bucket/a.jsonl", baseModelIdentifier=NOVA_CANVAS)
        refused = refusal(endpoint.client("bedrock").create_model_customization_job, **request)

        assert refused[0] == code
        assert message in refused[1]

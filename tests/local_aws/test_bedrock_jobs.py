"""Model customization jobs: states, reasons of failure, names, tokens, what they leave behind."""

import csv
import io
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.endpoint_fixture import RunningEndpoint, running_endpoint
from tests.local_aws.bedrock_data import (
    ACCOUNT,
    NOVA_CANVAS,
    finished_job,
    job_request,
    picture,
    put_data_set,
    put_manifest,
    record,
    until,
)


@pytest.fixture
def bedrock(local_endpoint: RunningEndpoint) -> Iterator[Any]:
    """A client of the shared endpoint; a test ends when its jobs have, the quota being two."""
    client = local_endpoint.client("bedrock")
    yield client
    until(
        lambda: client.list_model_customization_jobs(statusEquals="InProgress"),
        lambda answer: not answer["modelCustomizationJobSummaries"],
    )


def refusal(call: Any, **request: Any) -> tuple[str, str, int]:
    """Code, message and HTTP status of the error that a call answers."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response
    status = error["ResponseMetadata"]["HTTPStatusCode"]
    return error["Error"]["Code"], error["Error"]["Message"], status


def test_a_job_trains_a_model_and_leaves_its_metrics(bedrock: Any, s3: Any, bucket: str) -> None:
    request = job_request(bucket, put_data_set(s3, bucket))

    created = bedrock.create_model_customization_job(**request)
    job = finished_job(bedrock, request["jobName"])

    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert job["jobArn"] == created["jobArn"]
    assert job["status"] == "Completed"
    assert {stage["status"] for stage in job["statusDetails"].values()} == {"Completed"}
    assert (job["endTime"] - job["creationTime"]).total_seconds() == pytest.approx(0.2)
    assert job["hyperParameters"] == {"stepCount": "500", "batchSize": "8", "learningRate": "1e-05"}
    model = bedrock.get_custom_model(modelIdentifier=job["outputModelArn"])
    assert model["modelName"] == request["customModelName"]
    assert model["trainingMetrics"] == job["trainingMetrics"]
    key = f"output/model-customization-job-{job['jobArn'].rpartition('/')[2]}/training_artifacts"
    metrics = s3.get_object(Bucket=bucket, Key=f"{key}/step_wise_training_metrics.csv")
    rows = list(csv.DictReader(io.StringIO(metrics["Body"].read().decode())))
    assert list(rows[0]) == ["step_number", "epoch_number", "training_loss", "perplexity"]
    assert int(rows[-1]["step_number"]) == 499
    assert float(rows[-1]["training_loss"]) == pytest.approx(job["trainingMetrics"]["trainingLoss"])


def test_a_new_job_is_validated_first(bedrock: Any, s3: Any, bucket: str) -> None:
    request = job_request(bucket, put_data_set(s3, bucket))
    bedrock.create_model_customization_job(**request)

    job = bedrock.get_model_customization_job(jobIdentifier=request["jobName"])

    assert job["status"] == "InProgress"
    assert job["statusDetails"]["trainingDetails"]["status"] in ("NotStarted", "InProgress")
    assert "outputModelArn" not in job and "endTime" not in job


PICTURE = "s3://{bucket}/crops/0.png"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "not valid JSON"),
        ('["a"]', "not a JSON object"),
        ('{"image_ref": "s3://a/b.png", "caption": "abc"}', "the attribute 'image-ref' is missing"),
        (record(PICTURE, "Hi"), "the caption has 2 characters; 3 to 1,024"),
        (record(PICTURE, "x" * 1025), "the caption has 1025 characters"),
        (record("s3://{bucket}/crops/no.png", "Mara"), "The specified key does not exist."),
        (record("s3://{bucket}/a b.png", "Mara"), "characters other than letters"),
        (record("http://{bucket}/a.png", "Mara"), "is not the S3 URI of an object"),
        (record("s3://{bucket}/odd/small.png", "Mara"), "has 511x640 pixels"),
        (record("s3://{bucket}/odd/wide.png", "Mara"), "the aspect ratio 2560:512"),
        (record("s3://{bucket}/odd/large.png", "Mara"), "has 16,777,216 pixels"),
        (record("s3://{bucket}/odd/moving.gif", "Mara"), "is not a readable PNG or JPEG"),
        (record("s3://{bucket}/odd/broken.png", "Mara"), "is not a readable PNG or JPEG"),
    ],
)
def test_a_bad_record_fails_the_job_and_names_the_line(
    bedrock: Any, s3: Any, bucket: str, line: str, reason: str
) -> None:
    put_data_set(s3, bucket)
    odd = {
        "small.png": picture(511, 640),
        "wide.png": picture(2560, 512),
        "large.png": picture(4096, 4096),
        "moving.gif": picture(kind="GIF"),
        "broken.png": picture()[:200],
    }
    name = line.partition("odd/")[2].partition('"')[0]
    if name:
        s3.put_object(Bucket=bucket, Key=f"odd/{name}", Body=odd[name])
    good = [record(f"s3://{bucket}/crops/{n}.png", "Mara waves") for n in range(5)]
    manifest = put_manifest(s3, bucket, [*good, line.replace("{bucket}", bucket)])
    request = job_request(bucket, manifest)

    bedrock.create_model_customization_job(**request)
    job = finished_job(bedrock, request["jobName"])

    assert job["status"] == "Failed"
    assert job["failureMessage"].startswith(f"Line 6 of {manifest}: ")
    assert reason in job["failureMessage"]
    stages = {name: stage["status"] for name, stage in job["statusDetails"].items()}
    assert stages == {
        "validationDetails": "Failed",
        "dataProcessingDetails": "NotStarted",
        "trainingDetails": "NotStarted",
    }
    assert "outputModelArn" not in job


def test_a_missing_manifest_fails_the_job(bedrock: Any, bucket: str) -> None:
    request = job_request(bucket, f"s3://{bucket}/nowhere.jsonl")
    bedrock.create_model_customization_job(**request)

    job = finished_job(bedrock, request["jobName"])

    assert job["status"] == "Failed"
    assert job["failureMessage"] == (
        f"s3://{bucket}/nowhere.jsonl cannot be read: The specified key does not exist."
    )


def test_a_missing_output_bucket_fails_the_job(bedrock: Any, s3: Any, bucket: str) -> None:
    output = {"s3Uri": "s3://no-such-bucket-anywhere/output/"}
    request = job_request(bucket, put_data_set(s3, bucket), outputDataConfig=output)
    bedrock.create_model_customization_job(**request)

    assert (
        "no-such-bucket-anywhere does not exist"
        in (finished_job(bedrock, request["jobName"])["failureMessage"])
    )


@pytest.mark.parametrize(("records", "status"), [(4, "Failed"), (5, "Completed")])
def test_five_records_are_the_least(
    bedrock: Any, s3: Any, bucket: str, records: int, status: str
) -> None:
    request = job_request(bucket, put_data_set(s3, bucket, records))
    bedrock.create_model_customization_job(**request)

    assert finished_job(bedrock, request["jobName"])["status"] == status


def test_ten_thousand_records_are_the_most(bedrock: Any, s3: Any, bucket: str) -> None:
    line = record(f"s3://{bucket}/crops/0.png", "Mara waves")
    request = job_request(bucket, put_manifest(s3, bucket, [line] * 10_001))
    bedrock.create_model_customization_job(**request)

    assert (
        "has 10001 records; 5 to 10,000 are required"
        in (finished_job(bedrock, request["jobName"])["failureMessage"])
    )


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


def test_an_unknown_job_is_not_found(bedrock: Any) -> None:
    code, _, status = refusal(bedrock.get_model_customization_job, jobIdentifier="no-such-job")

    assert (code, status) == ("ResourceNotFoundException", 404)


def test_jobs_are_listed_by_name_status_and_page(bedrock: Any, s3: Any, bucket: str) -> None:
    manifest = put_data_set(s3, bucket)
    stem = f"listed-{uuid.uuid4().hex[:8]}"
    names = [f"{stem}-{number}" for number in range(3)]
    for name in names:
        bedrock.create_model_customization_job(**job_request(bucket, manifest, jobName=name))
        finished_job(bedrock, name)

    pages = bedrock.get_paginator("list_model_customization_jobs").paginate(
        nameContains=stem, statusEquals="Completed", PaginationConfig={"PageSize": 2}
    )
    sizes, listed = [], []
    for page in pages:
        sizes.append(len(page["modelCustomizationJobSummaries"]))
        listed += [job["jobName"] for job in page["modelCustomizationJobSummaries"]]

    assert sizes == [2, 1]
    assert listed == names[::-1]
    failed = bedrock.list_model_customization_jobs(nameContains=stem, statusEquals="Failed")
    assert failed["modelCustomizationJobSummaries"] == []


def test_a_page_token_of_ones_own_making_is_refused(bedrock: Any) -> None:
    refused = refusal(bedrock.list_model_customization_jobs, nextToken="made-up")

    assert refused[:2] == ("ValidationException", "The provided nextToken is invalid.")


def test_the_images_seen_are_billed(
    local_endpoint: RunningEndpoint, bedrock: Any, s3: Any, bucket: str
) -> None:
    request = job_request(bucket, put_data_set(s3, bucket))
    before = images_seen(local_endpoint)
    bedrock.create_model_customization_job(**request)
    finished_job(bedrock, request["jobName"])

    assert images_seen(local_endpoint) - before == 500 * 8


def images_seen(endpoint: RunningEndpoint) -> float:
    lines = endpoint.admin("GET", "bill")["lines"]
    return sum(line["quantity"] for line in lines if line["unit"] == "training_image")


@pytest.fixture
def slow_endpoint(tmp_path: Path) -> Any:
    """An endpoint whose jobs take three seconds."""
    arguments = ("--customization-seconds", "3")
    with running_endpoint(tmp_path / "slow", arguments) as endpoint:
        yield endpoint


def test_two_jobs_run_at_a_time(slow_endpoint: RunningEndpoint) -> None:
    bedrock, s3 = slow_endpoint.client("bedrock"), slow_endpoint.client("s3")
    s3.create_bucket(Bucket="crowded")
    manifest = put_data_set(s3, "crowded")
    for _ in range(2):
        bedrock.create_model_customization_job(**job_request("crowded", manifest))

    third = job_request("crowded", manifest)
    code, message, _ = refusal(bedrock.create_model_customization_job, **third)

    assert code == "ServiceQuotaExceededException"
    assert message == (
        "Scheduled customization jobs: 1 asked for and 2 in use; the account's quota is 2."
    )


def test_training_fails_when_a_fault_orders_it(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data", ("--customization-seconds", "0.3")) as endpoint:
        bedrock, s3 = endpoint.client("bedrock"), endpoint.client("s3")
        s3.create_bucket(Bucket="doomed")
        request = job_request("doomed", put_data_set(s3, "doomed"))
        reason = "Internal error during training."
        fault = {"kind": "fail", "operation": "CreateModelCustomizationJob", "message": reason}
        endpoint.admin("PUT", "faults", {"faults": [fault]})
        bedrock.create_model_customization_job(**request)

        job = finished_job(bedrock, request["jobName"])

        assert (job["status"], job["failureMessage"]) == ("Failed", reason)
        stages = {name: stage["status"] for name, stage in job["statusDetails"].items()}
        assert stages == {
            "validationDetails": "Completed",
            "dataProcessingDetails": "Completed",
            "trainingDetails": "Failed",
        }


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


def test_a_stopped_job_trains_no_model(slow_endpoint: RunningEndpoint) -> None:
    bedrock, s3 = slow_endpoint.client("bedrock"), slow_endpoint.client("s3")
    s3.create_bucket(Bucket="stopped")
    request = job_request("stopped", put_data_set(s3, "stopped"))
    arn = bedrock.create_model_customization_job(**request)["jobArn"]

    bedrock.stop_model_customization_job(jobIdentifier=arn)

    assert bedrock.get_model_customization_job(jobIdentifier=arn)["status"] == "Stopping"
    job = finished_job(bedrock, arn)
    assert job["status"] == "Stopped"
    assert job["statusDetails"]["validationDetails"]["status"] == "Stopped"
    assert bedrock.list_custom_models()["modelSummaries"] == []
    again = refusal(bedrock.stop_model_customization_job, jobIdentifier=arn)
    assert (again[0], again[2]) == ("ConflictException", 400)


def test_a_kill_in_the_middle_of_a_job_loses_nothing(tmp_path: Path) -> None:
    data, arguments = tmp_path / "killed", ("--customization-seconds", "1.5")
    with running_endpoint(data, arguments) as endpoint:
        bedrock, s3 = endpoint.client("bedrock"), endpoint.client("s3")
        s3.create_bucket(Bucket="killed")
        manifest = put_data_set(s3, "killed")
        request = job_request("killed", manifest)
        arn = bedrock.create_model_customization_job(**request)["jobArn"]
        assert bedrock.get_model_customization_job(jobIdentifier=arn)["status"] == "InProgress"
        endpoint.kill()

    with running_endpoint(data, arguments) as endpoint:
        bedrock, s3 = endpoint.client("bedrock"), endpoint.client("s3")
        s3.delete_object(Bucket="killed", Key="train.jsonl")
        job = finished_job(bedrock, arn)

        assert job["status"] == "Completed"
        assert bedrock.get_custom_model(modelIdentifier=job["outputModelArn"])["jobArn"] == arn
        assert images_seen(endpoint) == 500 * 8


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

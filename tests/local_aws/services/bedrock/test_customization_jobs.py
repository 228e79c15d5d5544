"""Model customization jobs: states, lists, faults, stops, kills and outcomes."""

import csv
import io
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.local_aws.bedrock_data import finished_job, job_request, put_data_set
from tests.local_aws.refusals import refusal
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint


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


def test_a_new_job_is_validated_first(
    local_endpoint: RunningEndpoint, bedrock: Any, s3: Any, bucket: str
) -> None:
    request = job_request(bucket, put_data_set(s3, bucket))

    with local_endpoint.stopped_clock():
        bedrock.create_model_customization_job(**request)
        job = bedrock.get_model_customization_job(jobIdentifier=request["jobName"])

    assert job["status"] == "InProgress"
    stages = {name: stage["status"] for name, stage in job["statusDetails"].items()}
    assert stages == {
        "validationDetails": "InProgress",
        "dataProcessingDetails": "NotStarted",
        "trainingDetails": "NotStarted",
    }
    assert "outputModelArn" not in job and "endTime" not in job


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


def test_two_jobs_run_at_a_time(
    local_endpoint: RunningEndpoint, bedrock: Any, s3: Any, bucket: str
) -> None:
    manifest = put_data_set(s3, bucket)

    with local_endpoint.stopped_clock():
        for _ in range(2):
            bedrock.create_model_customization_job(**job_request(bucket, manifest))
        third = job_request(bucket, manifest)
        code, message, _ = refusal(bedrock.create_model_customization_job, **third)

    assert code == "ServiceQuotaExceededException"
    assert message == (
        "Scheduled customization jobs: 1 requested and 2 in use; the account's quota is 2."
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


def test_a_stopped_job_trains_no_model(
    local_endpoint: RunningEndpoint, bedrock: Any, s3: Any, bucket: str
) -> None:
    request = job_request(bucket, put_data_set(s3, bucket))

    with local_endpoint.stopped_clock():
        arn = bedrock.create_model_customization_job(**request)["jobArn"]
        bedrock.stop_model_customization_job(jobIdentifier=arn)
        assert bedrock.get_model_customization_job(jobIdentifier=arn)["status"] == "Stopping"

    job = finished_job(bedrock, arn)
    assert job["status"] == "Stopped"
    assert job["statusDetails"]["validationDetails"]["status"] == "Stopped"
    trained = bedrock.list_custom_models(nameContains=request["customModelName"])
    assert trained["modelSummaries"] == []
    again = refusal(bedrock.stop_model_customization_job, jobIdentifier=arn)
    assert (again[0], again[2]) == ("ConflictException", 400)


@pytest.mark.long
def test_a_kill_in_the_middle_of_a_job_loses_nothing(tmp_path: Path) -> None:
    data, arguments = tmp_path / "killed", ("--customization-seconds", "1800")
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
        endpoint.move_clock(hours=1)
        job = finished_job(bedrock, arn)

        assert job["status"] == "Completed"
        assert bedrock.get_custom_model(modelIdentifier=job["outputModelArn"])["jobArn"] == arn
        assert images_seen(endpoint) == 500 * 8

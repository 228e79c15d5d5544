"""Training data of customization jobs: each violated limit fails the job and names the line."""

from typing import Any

import pytest

from tests.local_aws.bedrock_data import (
    finished_job,
    job_request,
    picture,
    put_data_set,
    put_manifest,
    record,
)

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

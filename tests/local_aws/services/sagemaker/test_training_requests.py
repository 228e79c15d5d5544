"""Requests about training jobs: names, limits, quotas, pages and tags."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.refusals import refusal, refused
from tests.local_aws.services.sagemaker.job_scripts import (
    TYPE,
    Jobs,
    wait_until,
)


def test_names_are_unique_until_their_job_is_deleted(jobs: Jobs) -> None:
    request = jobs.describe_training()
    name = request["TrainingJobName"]
    arn = jobs.sagemaker.create_training_job(**request)["TrainingJobArn"]
    assert refusal(jobs.sagemaker.create_training_job, **request)[:2] == (
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, and a training job "
        f"with this name already exists ({arn})",
    )
    jobs.finish_training(name)
    jobs.sagemaker.delete_training_job(TrainingJobName=name)
    jobs.sagemaker.create_training_job(**request)
    assert jobs.finish_training(name)["TrainingJobStatus"] == "Completed"


def test_one_of_several_callers_creates_a_job(jobs: Jobs) -> None:
    request = jobs.describe_training()

    def create(number: int) -> str:
        try:
            jobs.endpoint.client("sagemaker").create_training_job(**request)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "created"

    with ThreadPoolExecutor(4) as callers:
        answers = sorted(callers.map(create, range(4)))
    assert answers == ["ResourceInUse"] * 3 + ["created"]
    assert jobs.finish_training(request["TrainingJobName"])["TrainingJobStatus"] == "Completed"


@pytest.mark.parametrize("call", ["describe", "stop", "delete"])
def test_an_unknown_job_is_a_validation_exception(jobs: Jobs, call: str) -> None:
    method = getattr(jobs.sagemaker, f"{call}_training_job")
    expected = ("ValidationException", "Requested resource not found.", 400)
    assert refusal(method, TrainingJobName="no-such-job") == expected


def test_a_running_job_cannot_be_deleted(jobs: Jobs) -> None:
    with jobs.endpoint.stopped_clock():
        name = jobs.train()
        with refused("ResourceInUse", 400):
            jobs.sagemaker.delete_training_job(TrainingJobName=name)
    jobs.finish_training(name)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds. It must be present"),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59},
            },
            "Invalid MaxWaitTimeInSeconds. It must be present",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 61}},
            "only allowed with EnableManagedSpotTraining",
        ),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 2_419_201}}, "at most 2419200"),
        (
            {"ResourceConfig": {"InstancePreferences": [{"InstanceType": TYPE}]}},
            "Give InstanceCount once",
        ),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
                "ResourceConfig": {
                    "InstancePreferences": [{"InstanceType": TYPE, "InstanceCount": 1}]
                },
            },
            "InstancePreferences cannot be used with managed spot",
        ),
        ({"ResourceConfig": {"InstanceCount": 1}}, "either InstanceType or InstancePreferences"),
        ({"HyperParameters": {"x": "y" * 2501}}, "less than or equal to 2500"),
        ({"Environment": {"X": "y" * 513}}, "less than or equal to 512"),
        ({"CheckpointConfig": {"S3Uri": "s3://b/c", "LocalPath": "/tmp/x"}}, "below /opt/ml"),
        ({"TrainingJobName": "under_score"}, "regular expression pattern"),
    ],
)
def test_a_request_that_aws_refuses_is_refused(
    jobs: Jobs, members: dict[str, Any], message: str
) -> None:
    code, found, status = refusal(
        jobs.sagemaker.create_training_job, **jobs.describe_training(**members)
    )
    assert (code, status) == ("ValidationException", 400)
    assert message in found


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"VpcConfig": {"SecurityGroupIds": ["sg"], "Subnets": ["s"]}}, "VpcConfig"),
        ({"RetryStrategy": {"MaximumRetryAttempts": 1}}, "RetryStrategy"),
        (
            {"ResourceConfig": {"InstanceType": TYPE, "InstanceCount": 2}},
            "ResourceConfig.InstanceCount 2; it plays 1",
        ),
        ({"EnableInterContainerTrafficEncryption": True}, "EnableInterContainerTrafficEncryption"),
    ],
)
def test_what_is_not_played_is_refused_by_name(
    jobs: Jobs, members: dict[str, Any], named: str
) -> None:
    code, message, _ = refusal(
        jobs.sagemaker.create_training_job, **jobs.describe_training(**members)
    )
    assert code == "NotImplemented"
    assert named in message


def test_another_image_is_refused(jobs: Jobs) -> None:
    request = jobs.describe_training()
    request["AlgorithmSpecification"]["TrainingImage"] = "mine:latest"
    with refused("NotImplemented", 501) as error:
        jobs.sagemaker.create_training_job(**request)
    assert "huggingface-pytorch-training" in error["Message"]


def test_inputs_must_exist_before_the_job(jobs: Jobs) -> None:
    request = jobs.describe_training()
    source = {"S3DataType": "S3Prefix", "S3Uri": jobs.uri("nothing/")}
    request["InputDataConfig"] = [
        {"ChannelName": "code", "DataSource": {"S3DataSource": source}},
    ]
    code, message, _ = refusal(jobs.sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    assert message.startswith(f'No S3 objects found under S3 URL "{jobs.uri("nothing/")}"')


def test_the_quota_of_instances_is_enforced(jobs: Jobs) -> None:
    name = f"{TYPE} for training job usage"
    jobs.endpoint.admin("PUT", "quotas", {"quotas": {name: 1}})
    try:
        with jobs.endpoint.stopped_clock():
            running = jobs.train()
            code, message, status = refusal(
                jobs.sagemaker.create_training_job, **jobs.describe_training()
            )
        assert (code, status) == ("ResourceLimitExceeded", 400)
        assert message.startswith(
            f"The account-level service limit '{name}' is 1 Instances, with current utilization of "
            "1 Instances and a request delta of 1 Instances."
        )
        jobs.finish_training(running)
    finally:
        jobs.endpoint.admin("PUT", "quotas", {"quotas": {}})


def test_a_new_account_has_no_accelerated_instances(jobs: Jobs) -> None:
    quotas = jobs.endpoint.client("service-quotas").get_paginator("list_service_quotas")
    values = {
        quota["QuotaName"]: quota["Value"]
        for page in quotas.paginate(ServiceCode="sagemaker")
        for quota in page["Quotas"]
    }
    uses = ("training", "spot training", "processing")
    assert [values[f"ml.g5.2xlarge for {use} job usage"] for use in uses] == [0, 0, 0]
    assert [values[f"ml.m5.xlarge for {use} job usage"] for use in uses] == [4, 4, 4]
    assert values[f"{TYPE} for spot training job usage"] == 50
    with refused("ResourceLimitExceeded"):
        cluster = {"InstanceType": "ml.g5.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
        jobs.train(ResourceConfig=cluster)


def test_jobs_are_listed_page_by_page(jobs: Jobs) -> None:
    part = uuid.uuid4().hex[:8]
    names = [f"listed-{part}-{number}" for number in range(3)]
    for name in names:
        jobs.train(TrainingJobName=name)
    wait_until(lambda: [jobs.finish_training(name) for name in names], bool)
    pages = jobs.sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains=part, StatusEquals="Completed", PaginationConfig={"PageSize": 2}
    )
    found = [[job["TrainingJobName"] for job in page["TrainingJobSummaries"]] for page in pages]
    assert found == [names[:0:-1], names[:1]]
    failed = jobs.sagemaker.list_training_jobs(NameContains=part, StatusEquals="Failed")
    assert failed["TrainingJobSummaries"] == []


def test_tags_are_added_listed_and_removed(jobs: Jobs) -> None:
    request = jobs.describe_training(Tags=[{"Key": "run", "Value": "r1"}])
    arn = jobs.sagemaker.create_training_job(**request)["TrainingJobArn"]
    jobs.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "lease", "Value": "2026"}])
    assert jobs.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "run", "Value": "r1"},
        {"Key": "lease", "Value": "2026"},
    ]
    jobs.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["run", "unknown"])
    assert [tag["Key"] for tag in jobs.sagemaker.list_tags(ResourceArn=arn)["Tags"]] == ["lease"]
    jobs.finish_training(request["TrainingJobName"])
    assert [tag["Key"] for tag in jobs.sagemaker.list_tags(ResourceArn=arn)["Tags"]] == ["lease"]
    with refused("ValidationException"):
        jobs.sagemaker.list_tags(ResourceArn=f"{arn}-unknown")

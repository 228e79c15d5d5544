"""A job may do what its role may do: in IAM, in S3 and with KMS keys."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from tests.local_aws.refusals import refusal
from tests.local_aws.services.sagemaker.job_scripts import Jobs

MODEL = '(ml / "model/lora.safetensors").write_text("weights")'


def make_role(
    jobs: Jobs, statements: Sequence[dict[str, Any]], service: str = "sagemaker.amazonaws.com"
) -> str:
    """Create a role that a service may assume; return its ARN."""
    iam = jobs.endpoint.client("iam")
    name = f"role-{uuid.uuid4().hex}"
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    answer = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
    )
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_role_policy(RoleName=name, PolicyName="access", PolicyDocument=policy)
    return str(answer["Role"]["Arn"])


def allow(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def rights(jobs: Jobs) -> list[dict[str, Any]]:
    """Return the statements that a job of the tests needs."""
    bucket = f"arn:aws:s3:::{jobs.bucket}"
    return [
        allow("s3:ListBucket", bucket),
        allow("s3:GetObject", f"{bucket}/code/*"),
        allow("s3:PutObject", f"{bucket}/out/*"),
    ]


def test_a_role_with_its_rights_trains(jobs: Jobs) -> None:
    name = jobs.train(MODEL, RoleArn=make_role(jobs, rights(jobs)))
    assert jobs.finish_training(name)["TrainingJobStatus"] == "Completed"


def test_a_role_that_another_service_assumes_is_refused(jobs: Jobs) -> None:
    role = make_role(jobs, rights(jobs), "bedrock.amazonaws.com")
    for create, request in (
        (jobs.sagemaker.create_training_job, jobs.describe_training(RoleArn=role)),
        (jobs.sagemaker.create_processing_job, jobs.describe_processing(RoleArn=role)),
    ):
        code, message, _ = refusal(create, **request)
        assert code == "ValidationException"
        assert message.startswith(f"Could not assume role {role}.")


def test_a_role_that_cannot_list_is_refused_at_once(jobs: Jobs) -> None:
    role = make_role(jobs, rights(jobs)[1:])
    code, message, _ = refusal(
        jobs.sagemaker.create_training_job, **jobs.describe_training(RoleArn=role)
    )
    assert code == "ValidationException"
    assert '"s3:ListBucket" permissions' in message


def test_a_role_that_cannot_read_fails_the_job(jobs: Jobs) -> None:
    listing, _, writing = rights(jobs)
    job = jobs.finish_training(jobs.train(MODEL, RoleArn=make_role(jobs, [listing, writing])))
    assert job["FailureReason"].startswith("ClientError: Data download failed")
    assert "s3:GetObject" in job["FailureReason"]


def test_a_role_that_cannot_write_fails_the_job(jobs: Jobs) -> None:
    role = make_role(jobs, rights(jobs)[:2])
    job = jobs.finish_training(jobs.train(MODEL, RoleArn=role))
    assert job["FailureReason"].startswith("ClientError: Artifact upload failed")
    assert "s3:PutObject" in job["FailureReason"]


def test_outputs_are_encrypted_with_the_key_that_the_role_may_use(jobs: Jobs) -> None:
    key = jobs.endpoint.client("kms").create_key()["KeyMetadata"]["Arn"]
    output = {"S3OutputPath": jobs.uri("out"), "CompressionType": "NONE", "KmsKeyId": key}
    for statements, status in (
        (rights(jobs), "Failed"),
        ([*rights(jobs), allow("kms:GenerateDataKey", key)], "Completed"),
    ):
        role = make_role(jobs, statements)
        name = jobs.train(MODEL, RoleArn=role, OutputDataConfig=output)
        assert jobs.finish_training(name)["TrainingJobStatus"] == status
    stored = jobs.s3.head_object(
        Bucket=jobs.bucket, Key=f"out/{name}/output/model/lora.safetensors"
    )
    assert stored["SSEKMSKeyId"] == key

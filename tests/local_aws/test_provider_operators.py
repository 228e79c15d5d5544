"""The amazon provider's own Bedrock operators, sensors and triggers, and the published boto3
sequence, unchanged against the endpoint."""

import asyncio
import base64
import io
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from tests.local_aws.bedrock_data import NOVA_CANVAS, ROLE, job_request, put_data_set, until
from tests.studio.endpoint_fixture import RunningEndpoint

pytest.importorskip("airflow.providers.amazon")

from airflow.providers.amazon.aws.operators.bedrock import (
    BedrockCreateProvisionedModelThroughputOperator,
    BedrockCustomizeModelOperator,
    BedrockInvokeModelOperator,
)
from airflow.providers.amazon.aws.sensors.bedrock import (
    BedrockCustomizeModelCompletedSensor,
    BedrockProvisionModelThroughputCompletedSensor,
)
from airflow.sdk.exceptions import TaskDeferred
from airflow.triggers.base import TriggerEvent

CONNECTION = {"aws_conn_id": None, "region_name": "us-east-1"}
WAITING = {"waiter_delay": 1, "waiter_max_attempts": 20}
PROMPT = "Mara waves from the pier"


@pytest.fixture
def bedrock(local_endpoint: RunningEndpoint, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A Bedrock client; the provider finds the endpoint in the environment, as in production."""
    for name, value in local_endpoint.environment.items():
        monkeypatch.setenv(name, value)
    client = local_endpoint.client("bedrock")
    yield client
    for left in client.list_provisioned_model_throughputs()["provisionedModelSummaries"]:
        client.delete_provisioned_model_throughput(provisionedModelId=left["provisionedModelArn"])


@pytest.fixture
def manifest(s3: Any, bucket: str) -> str:
    return put_data_set(s3, bucket)


def customize(bucket: str, manifest: str, **changes: Any) -> BedrockCustomizeModelOperator:
    unique = uuid.uuid4().hex[:12]
    members = {
        "task_id": "customize_model",
        "job_name": f"job-{unique}",
        "custom_model_name": f"model-{unique}",
        "role_arn": ROLE,
        "base_model_id": NOVA_CANVAS,
        "training_data_uri": manifest,
        "output_data_uri": f"s3://{bucket}/output/",
        "hyperparameters": {"stepCount": "500", "batchSize": "8"},
        **WAITING,
        **CONNECTION,
        **changes,
    }
    return BedrockCustomizeModelOperator(**members)


def provision(model: str, **changes: Any) -> BedrockCreateProvisionedModelThroughputOperator:
    return BedrockCreateProvisionedModelThroughputOperator(
        task_id="provision",
        model_units=1,
        provisioned_model_name=f"capacity-{uuid.uuid4().hex[:12]}",
        model_id=model,
        **{**WAITING, **CONNECTION, **changes},
    )


def deferred_event(task: Any) -> dict[str, Any]:
    """Run a task until it defers, then its trigger; return the trigger's event."""
    with pytest.raises(TaskDeferred) as deferred:
        task.execute({})

    async def first_event() -> TriggerEvent:
        return await anext(aiter(deferred.value.trigger.run()))

    payload: dict[str, Any] = asyncio.run(first_event()).payload
    return payload


def test_operators_customize_provision_and_invoke(bedrock: Any, bucket: str, manifest: str) -> None:
    job = customize(bucket, manifest)

    job_arn = job.execute({})
    model = bedrock.get_model_customization_job(jobIdentifier=job_arn)["outputModelArn"]
    capacity = provision(model).execute({})
    body = BedrockInvokeModelOperator(
        task_id="draw", model_id=capacity, input_data=picture_request(), **CONNECTION
    ).execute({})

    assert bedrock.get_provisioned_model_throughput(provisionedModelId=capacity)["status"] == (
        "InService"
    )
    assert first_picture(body).size == (512, 512)


def test_deferrable_operators_finish_through_their_triggers(
    bedrock: Any, bucket: str, manifest: str
) -> None:
    job = customize(bucket, manifest, deferrable=True)

    event = deferred_event(job)
    job_arn = job.execute_complete({}, event)

    assert event == {"status": "success", "job_name": job.job_name}
    finished = bedrock.get_model_customization_job(jobIdentifier=job_arn)
    assert finished["status"] == "Completed"
    capacity = provision(finished["outputModelArn"], deferrable=True)
    event = deferred_event(capacity)
    arn = capacity.execute_complete({}, event)
    assert bedrock.get_provisioned_model_throughput(provisionedModelId=arn)["status"] == (
        "InService"
    )


def test_sensors_wait_for_jobs_and_capacity(bedrock: Any, bucket: str, manifest: str) -> None:
    job = customize(bucket, manifest, wait_for_completion=False)
    job_arn = job.execute({})

    BedrockCustomizeModelCompletedSensor(
        task_id="await_job", job_name=job.job_name, poke_interval=1, **CONNECTION
    ).execute({})
    model = bedrock.get_model_customization_job(jobIdentifier=job_arn)["outputModelArn"]
    capacity = provision(model, wait_for_completion=False).execute({})
    BedrockProvisionModelThroughputCompletedSensor(
        task_id="await_capacity", model_id=capacity, poke_interval=1, **CONNECTION
    ).execute({})

    throughput = bedrock.get_provisioned_model_throughput(provisionedModelId=capacity)
    assert throughput["status"] == "InService"


def test_the_operator_renames_its_job_on_a_name_conflict(
    bedrock: Any, bucket: str, manifest: str
) -> None:
    first = customize(bucket, manifest)
    first.execute({})
    second = customize(bucket, manifest, job_name=first.job_name)

    arn = second.execute({})

    renamed = bedrock.get_model_customization_job(jobIdentifier=arn)["jobName"]
    assert renamed.startswith(f"{first.job_name}-")


@pytest.mark.logs_errors
def test_a_failed_job_fails_the_operator(bedrock: Any, bucket: str) -> None:
    with pytest.raises(Exception, match="Waiter encountered a terminal failure state"):
        customize(bucket, f"s3://{bucket}/nowhere.jsonl").execute({})


def test_the_published_boto3_sequence(
    local_endpoint: RunningEndpoint, bedrock: Any, s3: Any, bucket: str, manifest: str
) -> None:
    """Create a job, find it by name, provision its model, draw, delete."""
    runtime = local_endpoint.client("bedrock-runtime")
    request = job_request(bucket, manifest, customizationType="FINE_TUNING")
    bedrock.create_model_customization_job(**request)

    def jobs() -> list[dict[str, Any]]:
        listed = bedrock.list_model_customization_jobs(nameContains=request["jobName"])
        return list(listed["modelCustomizationJobSummaries"])

    (job,) = until(jobs, lambda found: found[0]["status"] == "Completed")
    model = bedrock.get_custom_model(modelIdentifier=job["customModelArn"])["modelArn"]
    throughput = bedrock.create_provisioned_model_throughput(
        modelUnits=1, provisionedModelName=request["customModelName"], modelId=model
    )["provisionedModelArn"]
    until(
        lambda: bedrock.get_provisioned_model_throughput(provisionedModelId=throughput),
        lambda answer: answer["status"] == "InService",
    )
    drawn = runtime.invoke_model(modelId=throughput, body=json.dumps(picture_request()))
    bedrock.delete_provisioned_model_throughput(provisionedModelId=throughput)
    bedrock.delete_custom_model(modelIdentifier=model)

    assert first_picture(json.loads(drawn["body"].read())).size == (512, 512)
    assert (
        bedrock.list_custom_models(nameContains=request["customModelName"])["modelSummaries"] == []
    )


def picture_request() -> dict[str, Any]:
    return {
        "taskType": "TEXT_IMAGE",
        "textToImageParams": {"text": PROMPT},
        "imageGenerationConfig": {"numberOfImages": 1, "width": 512, "height": 512, "seed": 7},
    }


def first_picture(body: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(body["images"][0])))

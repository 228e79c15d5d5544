"""Jobs and capacity across kill -9: nothing acknowledged is lost, nothing happens twice."""

import random
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.local_aws.bedrock_data import NOVA_CANVAS, finished_job, job_request, put_data_set
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint, start_endpoint

ROUNDS = 3
ARGUMENTS = ("--customization-seconds", "0.3", "--throughput-seconds", "0.1", "--no-quotas")
LONGEST_LIFE = 0.8


def work_until_killed(endpoint: RunningEndpoint, manifest: str, seed: int) -> dict[str, list[str]]:
    """Start and follow jobs and capacity; return what was acknowledged before the kill."""
    bedrock = endpoint.client("bedrock")
    acknowledged: dict[str, list[str]] = {"jobs": [], "models": [], "capacity": []}
    end = time.monotonic() + random.Random(seed).uniform(0.05, LONGEST_LIFE)
    while time.monotonic() < end:
        step(bedrock, manifest, acknowledged)
    endpoint.kill()
    return acknowledged


def step(bedrock: Any, manifest: str, acknowledged: dict[str, list[str]]) -> None:
    """Run one job from its creation to its model, or create and delete one piece of capacity."""
    try:
        request = job_request("kept", manifest)
        acknowledged["jobs"].append(bedrock.create_model_customization_job(**request)["jobArn"])
        if not acknowledged["capacity"]:
            name = f"capacity-{uuid.uuid4().hex[:8]}"
            made = bedrock.create_provisioned_model_throughput(
                modelUnits=1, provisionedModelName=name, modelId=NOVA_CANVAS
            )
            acknowledged["capacity"].append(made["provisionedModelArn"])
        for model in bedrock.list_custom_models()["modelSummaries"]:
            acknowledged["models"].append(model["modelArn"])
    except (ClientError, BotoCoreError):
        time.sleep(0.02)  # two jobs at a time: wait for one to end


@pytest.mark.long
def test_no_kill_loses_or_repeats_a_job(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_endpoint(data, ARGUMENTS) as endpoint:
        endpoint.client("s3").create_bucket(Bucket="kept")
        manifest = put_data_set(endpoint.client("s3"), "kept")
    jobs: list[str] = []
    for seed in range(ROUNDS):
        acknowledged = work_until_killed(start_endpoint(data, ARGUMENTS), manifest, seed)
        jobs += acknowledged["jobs"]

        with running_endpoint(data, ARGUMENTS) as endpoint:
            check_what_is_there(endpoint, jobs, acknowledged)


def check_what_is_there(
    endpoint: RunningEndpoint, jobs: list[str], acknowledged: dict[str, list[str]]
) -> None:
    bedrock = endpoint.client("bedrock")
    finished = [finished_job(bedrock, job) for job in jobs]
    every_job = bedrock.list_model_customization_jobs()["modelCustomizationJobSummaries"]
    models = [model["modelArn"] for model in bedrock.list_custom_models()["modelSummaries"]]
    completed = [job for job in every_job if finished_job(bedrock, job["jobArn"])]
    bill = endpoint.admin("GET", "bill")
    images = sum(line["quantity"] for line in bill["lines"] if line["unit"] == "training_image")

    assert {job["status"] for job in finished} <= {"Completed"}
    assert set(acknowledged["models"]) <= set(models)
    assert len(models) == len(set(models)) == len(completed)
    assert images == 4000 * len(completed)
    for capacity in acknowledged["capacity"]:
        assert capacity in {line["resource"] for line in bill["running"]}
        bedrock.delete_provisioned_model_throughput(provisionedModelId=capacity)
    folders = list((endpoint.data_dir / "trained_models").iterdir())
    assert len(folders) == len(completed)

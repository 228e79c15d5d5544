"""Another user of this machine can neither read the endpoint's files nor call it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import pytest

from tests.local_aws.services.sagemaker.job_scripts import Jobs
from tests.studio.endpoint_fixture import PROJECT_ROOT, RunningEndpoint, running_endpoint
from tests.studio.other_user import (
    NOBODY,
    as_another_user,
    can_become_another_user,
    open_paths,
    readable_paths,
    statuses,
)

FORGED = (
    "AWS4-HMAC-SHA256 Credential={key}/{day}/us-east-1/{service}/aws4_request,"
    "SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=" + "0" * 64
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that everybody may list, as that of a checkout may be."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def endpoint(folder: Path) -> Iterator[RunningEndpoint]:
    """An endpoint started under the usual umask, with objects, a queue, a task and a job."""
    before = os.umask(0o022)
    try:
        with running_endpoint(folder / "data") as endpoint:
            _use(endpoint)
            yield endpoint
    finally:
        os.umask(before)


def _use(endpoint: RunningEndpoint) -> None:
    s3, ecs = endpoint.client("s3"), endpoint.client("ecs")
    s3.create_bucket(Bucket="films")
    s3.put_object(Bucket="films", Key="film.mp4", Body=b"frames" * 1000)
    upload = s3.create_multipart_upload(Bucket="films", Key="parts")["UploadId"]
    s3.upload_part(Bucket="films", Key="parts", UploadId=upload, PartNumber=1, Body=b"part")
    endpoint.client("sqs").create_queue(QueueName="uploads")
    container = {
        "name": "main",
        "image": "any",
        "command": [sys.executable, "-c", "print('log'); open('made', 'w').write('by the task')"],
    }
    ecs.register_task_definition(family="print", containerDefinitions=[container])
    (task,) = ecs.run_task(taskDefinition="print")["tasks"]
    while ecs.describe_tasks(tasks=[task["taskArn"]])["tasks"][0]["lastStatus"] != "STOPPED":
        time.sleep(0.1)
    _train(endpoint)


def _train(endpoint: RunningEndpoint) -> None:
    """Start a job that runs until the endpoint is stopped."""
    endpoint.client("s3").create_bucket(Bucket="jobs")
    jobs = Jobs(endpoint, "jobs")
    script = '(ml / "checkpoints/weights").touch(); time.sleep(60)'
    request = jobs.describe_training(script, CheckpointConfig={"S3Uri": jobs.uri("saved")})
    request["AlgorithmSpecification"]["ContainerEntrypoint"][0] = sys.executable
    request["ResourceConfig"]["InstanceType"] = "ml.m5.xlarge"
    jobs.sagemaker.create_training_job(**request)
    jobs.wait_for_key("saved/weights")


def test_no_file_or_folder_gives_others_any_right(endpoint: RunningEndpoint, folder: Path) -> None:
    written = {path.name for path in folder.rglob("*")}
    assert {"endpoint.db", "credentials.json", "task.json", "output.log", "made"} <= written
    assert {"main.py", "hyperparameters.json", "weights"} <= written  # of a job that runs
    assert open_paths(endpoint.data_dir) == []
    assert open_paths(folder / "data-ready.json") == []


@can_become_another_user
def test_another_user_can_read_nothing(endpoint: RunningEndpoint, folder: Path) -> None:
    (folder / "public").write_text("")
    (folder / "public").chmod(0o644)
    readable = as_another_user(readable_paths, [folder, *folder.rglob("*")])
    assert readable == [str(folder), str(folder / "public")]


def test_no_secret_is_in_a_command_line(endpoint: RunningEndpoint) -> None:
    secrets = secrets_of(endpoint)
    for process in psutil.process_iter(["cmdline"]):
        command = " ".join(process.info["cmdline"] or ())
        assert not any(secret in command for secret in secrets)


def secrets_of(endpoint: RunningEndpoint) -> list[str]:
    """The endpoint's secret key, admin token and portal token."""
    ready = endpoint.ready
    portal_token = ready["portal_url"].partition("token=")[2]
    return [ready["secret_access_key"], ready["admin_token"], portal_token]


def calls_without_the_secrets(endpoint: RunningEndpoint) -> list[tuple[str, str, dict[str, str]]]:
    """Requests that read, write, run commands or administer, unsigned and wrongly signed."""
    day = time.strftime("%Y%m%d", time.gmtime())
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    run_task = {
        "x-amz-target": "AmazonEC2ContainerServiceV20141113.RunTask",
        "content-type": "application/x-amz-json-1.1",
    }
    create_job = {**run_task, "x-amz-target": "SageMaker.CreateTrainingJob"}

    def forged(service: str) -> dict[str, str]:
        key = endpoint.ready["access_key_id"]
        return {
            "authorization": FORGED.format(key=key, day=day, service=service),
            "x-amz-date": now,
            "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        }

    presigned = (
        f"/films/film.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={now}&X-Amz-Expires=60"
        f"&X-Amz-Credential={endpoint.ready['access_key_id']}/{day}/us-east-1/s3/aws4_request"
        f"&X-Amz-SignedHeaders=host&X-Amz-Signature={'0' * 64}"
    )
    admin, portal = "/_localaws/", "/_localaws/portal"
    return [
        ("GET", "/", {}),
        ("GET", "/films/film.mp4", {}),
        ("GET", "/films/film.mp4", forged("s3")),
        ("GET", presigned, {}),
        ("PUT", "/films/new", forged("s3")),
        ("DELETE", "/films/film.mp4", {}),
        ("POST", "/", {**forged("ecs"), **run_task}),
        ("POST", "/", {**forged("sagemaker"), **create_job}),
        ("POST", "/?Action=AssumeRole", forged("sts")),
        ("OPTIONS", "/films/film.mp4", {"origin": "http://evil.example"}),
        ("GET", f"{admin}faults", {}),
        ("PUT", f"{admin}clock", {"x-localaws-token": "guess"}),
        ("PUT", f"{admin}quotas", {"x-localaws-token": "guess"}),
        ("GET", f"{admin}bill", {"x-localaws-token": ""}),
        ("GET", f"{admin}resources", {}),
        ("GET", portal, {}),
        ("GET", f"{portal}?token=guess", {}),
        ("GET", portal, {"cookie": "localaws_portal=guess"}),
        ("GET", f"{portal}/api/loops", {"authorization": "Bearer guess"}),
        ("POST", f"{portal}/worker", {}),
    ]


@can_become_another_user
def test_another_user_can_call_nothing(endpoint: RunningEndpoint) -> None:
    requests = calls_without_the_secrets(endpoint)
    port = int(endpoint.url.rpartition(":")[2])
    answered = as_another_user(statuses, port, requests)
    # Amazon's services with the JSON protocol answer 400 to a bad signature.
    refused = [(request[:2], status) for request, status in zip(requests, answered, strict=True)]
    expected = [(request[:2], 400 if "x-amz-target" in request[2] else 403) for request in requests]
    assert refused == expected
    stored: Any = endpoint.client("s3").list_objects_v2(Bucket="films")
    assert [item["Key"] for item in stored["Contents"]] == ["film.mp4"]
    assert len(endpoint.client("ecs").list_tasks(desiredStatus="STOPPED")["taskArns"]) == 1


@can_become_another_user
def test_the_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, NOBODY, NOBODY)
    command = [sys.executable, "-m", "local_aws", "--data", str(data)]
    result = subprocess.run(
        command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert result.returncode == 1
    assert f"{data} belongs to the user with the id {NOBODY}" in result.stderr
    assert list(data.iterdir()) == []


def test_keys_that_others_could_read_are_replaced(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data") as first:
        old = first.ready
        first.client("s3").create_bucket(Bucket="films")
    (tmp_path / "data").chmod(0o755)
    with running_endpoint(tmp_path / "data") as second:
        assert not set(secrets_of(second)) & set(secrets_of(first))
        assert second.ready["access_key_id"] != old["access_key_id"]
        assert second.client("s3").list_buckets()["Buckets"][0]["Name"] == "films"
        assert open_paths(tmp_path / "data") == []
        third = second.ready
    with running_endpoint(tmp_path / "data") as again:
        assert again.ready["secret_access_key"] == third["secret_access_key"]

"""Jobs for tests: requests, scripts and waits.

A job's program is a Python script in the channel (or input) `code`, run by this interpreter.
"""

import sys
import textwrap
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tests.studio.endpoint_fixture import RunningEndpoint

IMAGE = (
    "763104351884.dkr.ecr.us-east-1.amazonaws.com/huggingface-pytorch-training:"
    "2.9.0-transformers5.3.0-gpu-py312-cu130-ubuntu22.04"
)
ROLE = "arn:aws:iam::000000000000:role/not-in-iam"
TYPE = "ml.g6e.2xlarge"
ARGUMENTS = (
    *("--training-python", sys.executable),
    *("--job-start-seconds", "0.1", "--job-stop-seconds", "1"),
    *("--quota", f"{TYPE} for training job usage=50"),
    *("--quota", f"{TYPE} for spot training job usage=50"),
    *("--quota", f"{TYPE} for processing job usage=50"),
)
"""Arguments of an endpoint that plays these jobs quickly."""

BEGINNING = """\
import json, os, pathlib, signal, sys, time
ml = pathlib.Path(os.environ["ML_ROOT"])
"""
PATIENCE_SECONDS = 30

T = TypeVar("T")


class Jobs:
    """The jobs of one endpoint and one bucket."""

    def __init__(self, endpoint: RunningEndpoint, bucket: str) -> None:
        self.endpoint = endpoint
        self.bucket = bucket
        self.s3 = endpoint.client("s3")
        self.sagemaker = endpoint.client("sagemaker")

    def put_script(self, script: str) -> str:
        """Store a script; return the URI of its folder."""
        folder = f"code/{uuid.uuid4().hex}"
        body = BEGINNING + textwrap.dedent(script)
        self.s3.put_object(Bucket=self.bucket, Key=f"{folder}/main.py", Body=body.encode())
        return f"s3://{self.bucket}/{folder}"

    def describe_training(self, script: str = "", **members: Any) -> dict[str, Any]:
        """Return the request for a training job of this script."""
        source = {"S3DataType": "S3Prefix", "S3Uri": self.put_script(script)}
        return {
            "TrainingJobName": f"job-{uuid.uuid4().hex}",
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/main.py"],
            },
            "RoleArn": ROLE,
            "InputDataConfig": [{"ChannelName": "code", "DataSource": {"S3DataSource": source}}],
            "OutputDataConfig": {"S3OutputPath": self.uri("out"), "CompressionType": "NONE"},
            "ResourceConfig": {"InstanceType": TYPE, "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            "Environment": {"ML_ROOT": "/opt/ml"},
            "EnableNetworkIsolation": True,
            **members,
        }

    def train(self, script: str = "", **members: Any) -> str:
        """Start a training job of this script; return its name."""
        request = self.describe_training(script, **members)
        self.sagemaker.create_training_job(**request)
        return str(request["TrainingJobName"])

    def spot(self, wait: int = 7200) -> dict[str, Any]:
        """Return the members of a request for a spot job with checkpoints of its own."""
        return {
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": wait},
            "CheckpointConfig": {"S3Uri": self.uri(f"checkpoints/{uuid.uuid4().hex}")},
        }

    def training(self, name: str) -> dict[str, Any]:
        """Return a training job as it is now."""
        return dict(self.sagemaker.describe_training_job(TrainingJobName=name))

    def finish_training(self, name: str) -> dict[str, Any]:
        """Wait until a training job is over; return it."""
        return wait_until(
            lambda: self.training(name),
            lambda job: job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"),
        )

    def describe_processing(
        self, script: str = "", outputs: Mapping[str, str] = {}, **members: Any
    ) -> dict[str, Any]:
        """Return the request for a processing job of this script.

        `outputs` maps folders below processing/ to Continuous or EndOfJob; each is stored below
        the folder's name in the bucket.
        """
        root = "/opt/ml/processing"
        return {
            "ProcessingJobName": f"job-{uuid.uuid4().hex}",
            "ProcessingInputs": [self.describe_input("code", self.put_script(script))],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": folder,
                        "S3Output": {
                            "S3Uri": self.uri(folder),
                            "LocalPath": f"{root}/{folder}",
                            "S3UploadMode": mode,
                        },
                    }
                    for folder, mode in outputs.items()
                ]
            },
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": TYPE, "InstanceCount": 1, "VolumeSizeInGB": 10}
            },
            "AppSpecification": {
                "ImageUri": IMAGE,
                "ContainerEntrypoint": ["python3", f"{root}/input/code/main.py"],
            },
            "RoleArn": ROLE,
            "Environment": {"ML_ROOT": "/opt/ml"},
            "NetworkConfig": {"EnableNetworkIsolation": True},
            **members,
        }

    @staticmethod
    def describe_input(name: str, uri: str) -> dict[str, Any]:
        """Return an input of a processing job, in a folder of its name."""
        return {
            "InputName": name,
            "S3Input": {
                "S3Uri": uri,
                "LocalPath": f"/opt/ml/processing/input/{name}",
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
            },
        }

    def process(self, script: str = "", **members: Any) -> str:
        """Start a processing job of this script; return its name."""
        request = self.describe_processing(script, **members)
        self.sagemaker.create_processing_job(**request)
        return str(request["ProcessingJobName"])

    def processing(self, name: str) -> dict[str, Any]:
        """Return a processing job as it is now."""
        return dict(self.sagemaker.describe_processing_job(ProcessingJobName=name))

    def finish_processing(self, name: str) -> dict[str, Any]:
        """Wait until a processing job is over; return it."""
        return wait_until(
            lambda: self.processing(name),
            lambda job: job["ProcessingJobStatus"] in ("Completed", "Failed", "Stopped"),
        )

    def uri(self, key: str) -> str:
        """Return the URI of a key."""
        return f"s3://{self.bucket}/{key}"

    def keys(self, prefix: str) -> list[str]:
        """Return the keys below a prefix, without it."""
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return [item["Key"].removeprefix(prefix) for item in found]

    def read(self, key: str) -> str:
        """Return the text of an object."""
        return str(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode())

    def wait_for_key(self, key: str) -> str:
        """Wait for an object; return its text."""
        wait_until(lambda: self.keys(key), lambda found: "" in found)
        return self.read(key)


def wait_until(look: Callable[[], T], enough: Callable[[T], bool]) -> T:
    """Look until it is enough, and return that; fails after PATIENCE_SECONDS."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not enough(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def secondaries(job: dict[str, Any]) -> list[str]:
    """Return the states that a training job has passed."""
    return [transition["Status"] for transition in job["SecondaryStatusTransitions"]]


def checkpoints_of(jobs: Jobs, folder: str) -> dict[str, Any]:
    """Return the parameter that keeps checkpoints in a folder of the bucket."""
    return {"CheckpointConfig": {"S3Uri": jobs.uri(folder)}}

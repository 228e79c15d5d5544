"""Data sets and requests of the Bedrock tests."""

import io
import json
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image

ACCOUNT = "000000000000"
NOVA_CANVAS = "amazon.nova-canvas-v1:0"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/storyboard-training"
PATIENCE_SECONDS = 10.0


def picture(width: int = 640, height: int = 512, shade: int = 0, kind: str = "PNG") -> bytes:
    """Encode a picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (200, shade, 30)).save(buffer, kind)
    return buffer.getvalue()


def put_data_set(s3: Any, bucket: str, records: int = 6) -> str:
    """Upload pictures and a manifest of valid records; return the manifest's URI."""
    lines = []
    for number in range(records):
        key = f"crops/{number}.png"
        s3.put_object(Bucket=bucket, Key=key, Body=picture(shade=number))
        lines.append(record(f"s3://{bucket}/{key}", f"Mara waves, picture {number}"))
    return put_manifest(s3, bucket, lines)


def record(image_ref: str, caption: str) -> str:
    """Return one line of a manifest."""
    return json.dumps({"image-ref": image_ref, "caption": caption})


def put_manifest(s3: Any, bucket: str, lines: Sequence[str], key: str = "train.jsonl") -> str:
    """Upload a manifest of these lines; return its URI."""
    s3.put_object(Bucket=bucket, Key=key, Body="\n".join(lines).encode())
    return f"s3://{bucket}/{key}"


def job_request(bucket: str, manifest: str, **changes: Any) -> dict[str, Any]:
    """Return a CreateModelCustomizationJob request with new names; `changes` replace members."""
    unique = uuid.uuid4().hex[:12]
    return {
        "jobName": f"job-{unique}",
        "customModelName": f"model-{unique}",
        "roleArn": ROLE,
        "baseModelIdentifier": NOVA_CANVAS,
        "trainingDataConfig": {"s3Uri": manifest},
        "outputDataConfig": {"s3Uri": f"s3://{bucket}/output/"},
        "hyperParameters": {"stepCount": "500", "batchSize": "8"},
        **changes,
    }


def finished_job(bedrock: Any, job: str) -> dict[str, Any]:
    """Wait until the job is no longer InProgress or Stopping; return it."""
    job_now: dict[str, Any] = until(
        lambda: bedrock.get_model_customization_job(jobIdentifier=job),
        lambda answer: answer["status"] not in ("InProgress", "Stopping"),
    )
    return job_now


def custom_model(bedrock: Any, s3: Any, bucket: str) -> str:
    """Train a model; return its ARN."""
    request = job_request(bucket, put_data_set(s3, bucket))
    bedrock.create_model_customization_job(**request)
    return str(finished_job(bedrock, request["jobName"])["outputModelArn"])


def until(
    ask: Callable[[], Any], reached: Callable[[Any], bool], seconds: float = PATIENCE_SECONDS
) -> Any:
    """Call `ask` until `reached` accepts its answer, and return it; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not reached(answer := ask()):
        assert time.monotonic() < deadline, f"never reached: {answer}"
        time.sleep(0.02)
    return answer

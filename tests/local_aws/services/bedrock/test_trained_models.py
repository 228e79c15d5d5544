"""The training set of a customized model, read through the endpoint's own modules."""

import hashlib
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.account.settings import EndpointSettings
from local_aws.backend import Backend
from local_aws.http.messages import HttpRequest
from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock import (
    customization_jobs,
    models,
    provisioned_throughput,
    resources,
    training_store,
)
from local_aws.services.bedrock.trained_models import load_training_set
from local_aws.signing.identity import load_identity
from tests.local_aws.bedrock_data import job_request, picture, record

SECONDS = 0.05


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """The context of a call to an endpoint without a server."""
    settings = EndpointSettings(
        data_dir=tmp_path, customization_seconds=SECONDS, throughput_seconds=SECONDS
    )
    backend = Backend(settings, load_identity(tmp_path))
    request = HttpRequest("GET", "/", "", {"host": "127.0.0.1:4566"}, io.BytesIO())
    yield backend.context(request, request_id="1")
    backend.close()


def create_job(context: Context) -> str:
    """Start a job on six pictures of different shades; return its ARN."""
    context.objects.create_bucket("film")
    lines = []
    for shade in range(6):
        context.objects.put("film", f"{shade}.png", picture(shade=shade))
        lines.append(record(f"s3://film/{shade}.png", f"Mara, shade {shade}"))
    context.objects.put("film", "train.jsonl", "\n".join(lines).encode())
    request = job_request("film", "s3://film/train.jsonl")
    return str(customization_jobs.create_model_customization_job(request, context)["jobArn"])


def trained_model(context: Context) -> str:
    """Return the ARN of the model of a finished job."""
    request = {"jobIdentifier": create_job(context)}
    time.sleep(SECONDS)
    return str(customization_jobs.get_model_customization_job(request, context)["outputModelArn"])


def provisioned(context: Context, model: str) -> str:
    request = {"modelUnits": 1, "provisionedModelName": "capacity", "modelId": model}
    made = provisioned_throughput.create_provisioned_model_throughput(request, context)
    return str(made["provisionedModelArn"])


def test_the_training_set_outlives_the_data_set(context: Context) -> None:
    model = trained_model(context)
    for stored in context.objects.list("film"):
        context.objects.delete("film", stored.key)

    examples = load_training_set(context, model)

    assert [example.caption for example in examples] == [f"Mara, shade {n}" for n in range(6)]
    assert examples[3].image_ref == "s3://film/3.png"
    assert examples[3].image_bytes_loader() == picture(shade=3)


def test_capacity_serves_the_training_set_once_it_is_ready(context: Context) -> None:
    capacity = provisioned(context, trained_model(context))

    with pytest.raises(ServiceError, match="ModelNotReadyException"):
        load_training_set(context, capacity)
    time.sleep(SECONDS)

    assert len(load_training_set(context, capacity)) == 6


def test_capacity_on_a_base_model_has_no_training_set(context: Context) -> None:
    capacity = provisioned(context, "amazon.nova-canvas-v1:0")
    time.sleep(SECONDS)

    assert load_training_set(context, capacity) == []


def test_a_deleted_model_takes_its_training_set_along(context: Context) -> None:
    model = trained_model(context)

    models.delete_custom_model({"modelIdentifier": model}, context)

    with pytest.raises(ServiceError, match="ResourceNotFoundException"):
        load_training_set(context, model)
    assert list((context.settings.data_dir / training_store.FOLDER).iterdir()) == []


def test_a_failing_record_keeps_nothing(context: Context) -> None:
    context.objects.create_bucket("film")
    context.objects.put("film", "good.png", picture())
    lines = [record("s3://film/good.png", "Mara waves")] * 5 + ["{broken"]
    context.objects.put("film", "train.jsonl", "\n".join(lines).encode())
    request = job_request("film", "s3://film/train.jsonl")

    customization_jobs.create_model_customization_job(request, context)

    assert list((context.settings.data_dir / training_store.FOLDER).iterdir()) == []


def test_a_start_sweeps_what_a_killed_process_left(context: Context) -> None:
    model = trained_model(context)
    folder = context.settings.data_dir / training_store.FOLDER
    (folder / "unfinished12").mkdir()
    (folder / "unfinished12" / hashlib.sha256(b"").hexdigest()).write_bytes(b"")
    jobs = [job["arn"] for job in context.state.list(resources.JOB)]

    training_store.sweep(context.settings.data_dir, context.state, jobs)

    assert not (folder / "unfinished12").exists()
    assert len(load_training_set(context, model)) == 6


def test_a_model_appears_once_however_often_its_job_is_looked_at(context: Context) -> None:
    job = create_job(context)
    time.sleep(SECONDS)

    for _ in range(3):
        customization_jobs.settle(context)

    (model,) = context.state.list(resources.CUSTOM_MODEL)
    assert model["job_arn"] == job
    images = [
        line
        for line in context.meter.bill(context.now())["lines"]
        if line["unit"] == "training_image"
    ]
    assert [line["quantity"] for line in images] == [4000]


def test_an_output_bucket_that_goes_away_fails_the_job_at_its_end(context: Context) -> None:
    request = {"jobIdentifier": create_job(context)}
    for stored in context.objects.list("film"):
        context.objects.delete("film", stored.key)
    context.objects.delete_bucket("film")
    time.sleep(SECONDS)

    job = customization_jobs.get_model_customization_job(request, context)

    assert job["status"] == "Failed"
    assert "cannot be written: The specified bucket does not exist" in job["failureMessage"]
    assert job["statusDetails"]["trainingDetails"]["status"] == "Failed"
    assert context.state.list(resources.CUSTOM_MODEL) == []

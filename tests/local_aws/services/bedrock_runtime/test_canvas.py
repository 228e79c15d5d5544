"""InvokeModel of Nova Canvas: base and customized, its limits, and blocked pictures."""

import base64
import json

import numpy as np
import pytest

from local_aws.vision.picture_codec import decode_picture, encode_png
from tests.local_aws.bedrock_data import finished_job, job_request, put_manifest, record, until
from tests.local_aws.refusals import refused
from tests.local_aws.vision.drawn_pictures import bolt, mira
from tests.studio.endpoint_fixture import FAST, running_endpoint

CANVAS = "amazon.nova-canvas-v1:0"


@pytest.fixture
def runtime(local_endpoint):
    return local_endpoint.client("bedrock-runtime")


def draw(runtime, model=CANVAS, text="Mira waves", config=None, **changes):
    body = {
        "taskType": "TEXT_IMAGE",
        "textToImageParams": {"text": text},
        "imageGenerationConfig": {"width": 512, "height": 320, "seed": 5, **(config or {})},
        **changes,
    }
    answer = runtime.invoke_model(modelId=model, body=json.dumps(body))
    return json.loads(answer["body"].read())


def pictures(answer):
    return [decode_picture(base64.b64decode(data)) for data in answer["images"]]


def throughput_of(endpoint, bucket, name, picture) -> str:
    """Train a model on pictures of one character and serve it; return the ARN to invoke."""
    s3, bedrock = endpoint.client("s3"), endpoint.client("bedrock")
    lines = []
    for number in range(5):
        key = f"{name}/{number}.png"
        s3.put_object(Bucket=bucket, Key=key, Body=encode_png(picture(512 + number)))
        lines.append(record(f"s3://{bucket}/{key}", f"In warm light, {name} waves, {number}"))
    request = job_request(bucket, put_manifest(s3, bucket, lines, f"{name}.jsonl"))
    bedrock.create_model_customization_job(**request)
    assert finished_job(bedrock, request["jobName"])["status"] == "Completed"
    arn = bedrock.create_provisioned_model_throughput(
        modelUnits=1,
        provisionedModelName=request["customModelName"],
        modelId=request["customModelName"],
    )["provisionedModelArn"]
    until(
        lambda: bedrock.get_provisioned_model_throughput(provisionedModelId=arn)["status"],
        lambda status: status == "InService",
    )
    return str(arn)


def test_the_base_model_draws_repeatable_placeholders(runtime):
    answer = draw(runtime, config={"numberOfImages": 2})
    first, second = pictures(answer)
    assert answer["error"] is None
    assert first.shape == (320, 512, 3)
    assert np.array_equal(first, pictures(draw(runtime))[0])
    assert second.shape == (320, 512, 3)


def test_a_customized_model_draws_its_own_characters(tmp_path):
    with running_endpoint(tmp_path / "data", FAST) as endpoint:
        endpoint.client("s3").create_bucket(Bucket="training")
        of_mira = throughput_of(endpoint, "training", "Mira", mira)
        of_bolt = throughput_of(endpoint, "training", "Bolt", bolt)
        runtime = endpoint.client("bedrock-runtime")
        first, again, other = (
            pictures(draw(runtime, arn, "a hero waves"))[0] for arn in (of_mira, of_mira, of_bolt)
        )
    assert np.array_equal(first, again)
    visor = [((p[:, :, 2] > 190) & (p[:, :, 1] > 180) & (p[:, :, 0] < 110)).mean()
             for p in (first, other)]  # fmt: skip
    assert visor[0] < 0.005 < 0.01 < visor[1]


@pytest.mark.parametrize(
    "config",
    [
        {"width": 304},
        {"width": 4112},
        {"width": 500},
        {"width": 2048, "height": 2048},
        {"width": 1616, "height": 320},
        {"cfgScale": 1.0},
        {"cfgScale": 10.5},
        {"numberOfImages": 0},
        {"numberOfImages": 6},
        {"seed": -1},
        {"seed": 858_993_460},
        {"quality": "ultra"},
        {"steps": 30},
        {"width": "512"},
    ],
    ids=str,
)
def test_a_value_out_of_bounds_is_refused(runtime, config):
    with refused("ValidationException", 400) as error:
        draw(runtime, config=config)
    assert "imageGenerationConfig" in error["Message"]


@pytest.mark.parametrize("text", ["", "x" * 1025])
def test_the_text_has_1_to_1024_characters(runtime, text):
    with refused("ValidationException", 400):
        draw(runtime, text=text)


def test_a_blocked_prompt_is_a_validation_error(runtime):
    with refused("ValidationException", 400) as error:
        draw(runtime, text="gore everywhere")
    assert "content filters" in error["Message"]


@pytest.mark.parametrize(("count", "left"), [(1, 0), (3, 2)])
def test_a_blocked_picture_is_an_answer_with_an_error(tmp_path, count, left):
    with running_endpoint(tmp_path / "data", FAST) as endpoint:
        endpoint.admin(
            "PUT", "faults", {"faults": [{"kind": "filter", "operation": "InvokeModel"}]}
        )
        answer = draw(endpoint.client("bedrock-runtime"), config={"numberOfImages": count})
    assert len(answer["images"]) == left
    assert "content filters" in answer["error"]


def test_other_tasks_and_broken_bodies_are_refused(runtime):
    for body in ('{"taskType": "IMAGE_VARIATION"}', '{"taskType": "PAINT"}', "[]", "not json"):
        with refused("ValidationException", 400):
            runtime.invoke_model(modelId=CANVAS, body=body)


def test_a_model_past_its_end_of_life_is_not_found(tmp_path):
    ended = running_endpoint(tmp_path / "data", ("--today", "2026-11-22"))
    with ended as endpoint, refused("ResourceNotFoundException", 404):
        draw(endpoint.client("bedrock-runtime"))


def test_a_throughput_that_is_not_there_is_not_found(runtime):
    arn = "arn:aws:bedrock:us-east-1:000000000000:provisioned-model/abcdefghijkl"
    with refused("ResourceNotFoundException", 404):
        draw(runtime, arn)

"""InvokeModel of the embedding models, called as a client does."""

import base64
import json
import uuid

import numpy as np
import pytest

from local_aws.vision.picture_codec import encode_png
from tests.local_aws.refusals import refused
from tests.local_aws.vision.drawn_pictures import meadow, mira

TITAN = "amazon.titan-embed-image-v1"
NOVA = "amazon.nova-2-multimodal-embeddings-v1:0"


@pytest.fixture
def runtime(local_endpoint):
    return local_endpoint.client("bedrock-runtime")


def invoke(runtime, model, body):
    answer = runtime.invoke_model(modelId=model, body=json.dumps(body))
    assert answer["contentType"] == "application/json"
    return json.loads(answer["body"].read())


def encoded(picture) -> str:
    return base64.b64encode(encode_png(picture)).decode()


def nova_body(image=None, **parameters):
    if image is not None:
        parameters["image"] = image
    common = {"embeddingPurpose": "GENERIC_INDEX", "embeddingDimension": 1024}
    return {"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {**common, **parameters}}


def test_both_models_embed_a_picture_alike(runtime):
    titan = invoke(runtime, TITAN, {"inputImage": encoded(mira())})["embedding"]
    source = {"bytes": encoded(mira())}
    [nova] = invoke(runtime, NOVA, nova_body({"format": "png", "source": source}))["embeddings"]
    assert nova == {"embeddingType": "IMAGE", "embedding": titan}
    assert len(titan) == 1024
    assert np.linalg.norm(titan) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({}, "inputImage"),
        ({"inputImage": "%%%"}, "inputImage"),
        ({"inputImage": 5}, "inputImage"),
        (
            {"inputImage": encoded(mira()), "embeddingConfig": {"outputEmbeddingLength": 512}},
            "Length",
        ),
        ({"inputImage": encoded(mira()), "surprise": 1}, "surprise"),
        ({"inputImage": encoded(mira()), "inputText": "a striped scarf"}, "inputText"),
        ({"inputImage": base64.b64encode(b"GIF89a....").decode()}, "png"),
    ],
)
def test_titan_refuses_a_body_that_breaks_its_schema(runtime, body, part):
    with refused("ValidationException", 400) as error:
        invoke(runtime, TITAN, body)
    assert part in error["Message"]


def test_titan_refuses_a_picture_over_2048_pixels(runtime):
    with refused("ValidationException", 400) as error:
        invoke(runtime, TITAN, {"inputImage": encoded(np.zeros((100, 2049, 3), np.uint8))})
    assert "2048" in error["Message"]


@pytest.mark.parametrize(
    "body",
    [
        nova_body(),
        nova_body({"format": "bmp", "source": {"bytes": ""}}),
        nova_body({"format": "jpeg", "source": {"bytes": encoded(mira())}}),
        nova_body({"format": "png", "source": {}}),
        nova_body({"format": "png", "source": {"s3Location": {"uri": "s3://bucket/a.png"}}}),
        nova_body({"format": "png", "source": {"bytes": encoded(mira())}}, embeddingDimension=512),
        nova_body(text={"truncationMode": "END", "value": "x"}),
        {"taskType": "SEGMENTED_EMBEDDING"},
    ],
)
def test_nova_refuses_a_body_that_breaks_its_schema(runtime, body):
    with refused("ValidationException", 400):
        invoke(runtime, NOVA, body)


def test_each_picture_is_on_the_bill(local_endpoint, runtime):
    def billed():
        lines = local_endpoint.admin("GET", "bill")["lines"]
        return sum(line["quantity"] for line in lines if line["resource"] == TITAN)

    before = billed()
    invoke(runtime, TITAN, {"inputImage": encoded(meadow(seed=uuid.uuid4().int % 1000))})
    assert billed() >= before + 1


def test_an_unknown_model_is_refused(runtime):
    with refused("ValidationException", 400):
        invoke(runtime, "amazon.titan-embed-image-v9", {"inputImage": encoded(mira())})

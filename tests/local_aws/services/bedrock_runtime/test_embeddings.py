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
    return {
        "taskType": "SINGLE_EMBEDDING",
        "singleEmbeddingParams": {"embeddingPurpose": "GENERIC_INDEX", **parameters},
    }


@pytest.mark.parametrize("length", [256, 384, 1024])
def test_titan_embeds_a_picture(runtime, length):
    body = {"inputImage": encoded(mira()), "embeddingConfig": {"outputEmbeddingLength": length}}
    answer = invoke(runtime, TITAN, body)
    assert len(answer["embedding"]) == length
    assert np.linalg.norm(answer["embedding"]) == pytest.approx(1.0, abs=1e-4)


def test_titan_averages_text_and_picture(runtime):
    picture = np.array(invoke(runtime, TITAN, {"inputImage": encoded(mira())})["embedding"])
    text = np.array(invoke(runtime, TITAN, {"inputText": "a striped scarf"})["embedding"])
    body = {"inputImage": encoded(mira()), "inputText": "a striped scarf"}
    both = invoke(runtime, TITAN, body)
    assert both["inputTextTokenCount"] == 4
    middle = (picture + text) / np.linalg.norm(picture + text)
    assert np.allclose(both["embedding"], middle, atol=1e-4)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({}, "inputImage"),
        ({"inputImage": "%%%"}, "inputImage"),
        ({"inputImage": 5}, "inputImage"),
        ({"inputText": "a", "embeddingConfig": {"outputEmbeddingLength": 512}}, "outputEmbedding"),
        ({"inputText": "a", "surprise": 1}, "surprise"),
        ({"inputText": "word " * 300}, "256"),
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


def test_nova_embeds_a_picture_from_bytes_and_from_s3_alike(runtime, s3, bucket):
    picture = encode_png(meadow())
    s3.put_object(Bucket=bucket, Key="frame.png", Body=picture)
    answers = [
        invoke(runtime, NOVA, nova_body({"format": "png", "source": source}, **size))
        for source, size in [
            ({"bytes": base64.b64encode(picture).decode()}, {"embeddingDimension": 1024}),
            ({"s3Location": {"uri": f"s3://{bucket}/frame.png"}}, {"embeddingDimension": 1024}),
            ({"bytes": base64.b64encode(picture).decode()}, {}),
        ]
    ]
    vectors = [answer["embeddings"][0]["embedding"] for answer in answers]
    assert vectors[0] == vectors[1]
    assert len(vectors[2]) == 3072
    assert answers[0]["embeddings"][0]["embeddingType"] == "IMAGE"


@pytest.mark.parametrize(
    "body",
    [
        nova_body(),
        nova_body({"format": "bmp", "source": {"bytes": ""}}),
        nova_body({"format": "jpeg", "source": {"bytes": encoded(mira())}}),
        nova_body({"format": "png", "source": {}}),
        nova_body(text={"truncationMode": "END", "value": "x"}, embeddingDimension=512),
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
        invoke(runtime, "amazon.titan-embed-image-v9", {"inputText": "a"})

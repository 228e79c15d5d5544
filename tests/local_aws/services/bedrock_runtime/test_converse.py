"""Converse: boxes, captions, and rejected requests."""

import json

import cv2
import numpy as np
import pytest

from local_aws.services.bedrock.model_catalogue import find_model
from local_aws.services.bedrock_runtime.converse import count_picture_tokens
from local_aws.vision.picture_codec import encode_png
from tests.local_aws.refusals import refused
from tests.local_aws.vision.drawn_pictures import bolt, meadow, mira, paste, title_card

NOVA_PRO = "amazon.nova-pro-v1:0"
NOVA_2_LITE = "amazon.nova-2-lite-v1:0"
STORED = {"s3Location": {"uri": "s3://bucket/a.png"}}


@pytest.fixture
def runtime(local_endpoint):
    return local_endpoint.client("bedrock-runtime")


def image(picture, kind="png"):
    return {"image": {"format": kind, "source": {"bytes": encode_png(picture)}}}


def question(picture):
    return [
        {"text": "character: mira"},
        image(mira()),
        {"text": "character: bolt"},
        image(bolt()),
        {"text": "Picture to examine:"},
        image(picture),
        {"text": 'Answer with JSON only, with the key "detections".'},
    ]


def ask(runtime, content, model=NOVA_PRO, **rest):
    return runtime.converse(modelId=model, messages=[{"role": "user", "content": content}], **rest)


def text_of(answer) -> str:
    assert answer["output"]["message"]["role"] == "assistant"
    return answer["output"]["message"]["content"][0]["text"]


@pytest.mark.parametrize("model", [NOVA_PRO, "us.amazon.nova-lite-v1:0"])
def test_boxes_are_on_a_scale_of_1000(runtime, model):
    scene = meadow(seed=4)
    left, top, right, bottom = paste(scene, mira(150), 60, 150)
    answer = ask(runtime, question(scene), model)
    detections = json.loads(text_of(answer))["detections"]
    assert [found["character"] for found in detections] == ["mira"]
    expected = [left / 0.64, top / 0.36, right / 0.64, bottom / 0.36]
    assert np.allclose(detections[0]["box"], expected, atol=70)
    assert 0.5 <= detections[0]["confidence"] <= 1
    assert answer["stopReason"] == "end_turn"


def test_a_title_card_shows_nobody(runtime):
    answer = ask(runtime, question(title_card("THE END")))
    assert json.loads(text_of(answer)) == {"detections": []}


def test_tokens_are_counted_and_billed(local_endpoint, runtime):
    def billed(unit):
        lines = local_endpoint.admin("GET", "bill")["lines"]
        return sum(
            line["quantity"]
            for line in lines
            if line["resource"] == NOVA_PRO and line["unit"] == unit
        )

    before = billed("input_token"), billed("output_token")
    usage = ask(runtime, question(meadow()))["usage"]
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]
    assert usage["inputTokens"] > count_picture_tokens(360, 640, 650)
    assert billed("input_token") >= before[0] + usage["inputTokens"]
    assert billed("output_token") >= before[1] + usage["outputTokens"]


@pytest.mark.parametrize(
    ("model", "documented"),
    [(NOVA_PRO, (800, 1300, 1800, 2400, 2600)), (NOVA_2_LITE, (515, 1035, 1600, 2060, 2155))],
)
def test_picture_tokens_follow_the_documented_tables(model, documented):
    limits = find_model(model).limits
    sizes = [(900, 450), (900, 900), (1400, 900), (1800, 900), (1300, 1300)]
    counted = [
        count_picture_tokens(height, width, limits.pixels_per_token) for width, height in sizes
    ]
    assert counted == pytest.approx(documented, rel=0.25)


def test_a_caption_names_who_is_present(runtime):
    facts = {
        "production": "Film",
        "style": "2D",
        "present": [{"id": "mira", "name": "Mira"}],
        "avoid": ["green hair"],
    }
    content = [
        {"text": json.dumps(facts)},
        image(mira(300)),
        {"text": 'Answer with JSON only, with the keys "caption" and "characters".'},
    ]
    answer = json.loads(text_of(ask(runtime, content)))
    assert answer["characters"] == ["mira"]
    assert "Mira" in answer["caption"]
    assert "green" not in answer["caption"]
    assert 20 <= len(answer["caption"].split()) <= 30


def test_max_tokens_cuts_the_answer(runtime):
    content = [image(mira(300)), {"text": "Answer with a caption."}]
    answer = ask(runtime, content, inferenceConfig={"maxTokens": 3})
    assert answer["stopReason"] == "max_tokens"
    assert len(text_of(answer)) == 12


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "assistant", "content": [{"text": "hello"}]}],
        [
            {"role": "user", "content": [{"text": "a"}]},
            {"role": "user", "content": [{"text": "b"}]},
        ],
        [
            {"role": "user", "content": [{"text": "a"}]},
            {"role": "assistant", "content": [{"text": "b"}]},
        ],
        [{"role": "user", "content": [image(mira(300)), {"text": "Who is this?"}]}],
        [{"role": "user", "content": [{"image": {"format": "png", "source": STORED}}]}],
        [{"role": "user", "content": []}],
        [{"role": "user", "content": [{"text": "  "}]}],
        [{"role": "user", "content": [image(mira(), kind="jpeg")]}],
        [{"role": "user", "content": [{"image": {"format": "png", "source": {"bytes": b"no"}}}]}],
        [{"role": "user", "content": [image(mira(40))] * 21}],
        [{"role": "user", "content": [image(np.zeros((8, 8001, 3), np.uint8))]}],
    ],
    ids=[
        "assistant-first",
        "twice-user",
        "assistant-last",
        "other-question",
        "in-s3",
        "empty",
        "blank",
        "wrong-format",
        "damaged",
        "21",
        "wide",
    ],
)
def test_what_the_service_refuses_is_refused(runtime, messages):
    with refused("ValidationException", 400):
        runtime.converse(modelId=NOVA_PRO, messages=messages)


def padded(size: int) -> dict:
    """A small JPEG with this many bytes; decoders read over what follows its end."""
    data = cv2.imencode(".jpg", mira(40))[1].tobytes()
    return {"image": {"format": "jpeg", "source": {"bytes": data + bytes(size - len(data))}}}


DETECT = {"text": 'Answer with JSON only, with the key "detections".'}


@pytest.mark.parametrize(("model", "most"), [(NOVA_PRO, 20), (f"us.{NOVA_2_LITE}", 5)])
def test_each_model_accepts_its_number_of_pictures(runtime, model, most):
    assert ask(runtime, [image(mira(40))] * most + [DETECT], model)["stopReason"] == "end_turn"
    with refused("ValidationException", 400):
        ask(runtime, [image(mira(40))] * (most + 1) + [DETECT], model)


def test_a_picture_has_at_most_3_75_megabytes(runtime):
    assert ask(runtime, [padded(3_750_000), DETECT])["stopReason"] == "end_turn"
    with refused("ValidationException", 400):
        ask(runtime, [padded(3_750_001), DETECT])


def test_pictures_count_as_base64_in_the_payload(runtime):
    six = [padded(3_120_000)] * 6  # 18,720,000 bytes, in base64 24,960,000
    assert ask(runtime, [*six, DETECT])["stopReason"] == "end_turn"
    with refused("ValidationException", 400):
        ask(runtime, [*six, padded(30_000), DETECT])


def test_a_request_fits_the_context_of_its_model(runtime):
    picture = count_picture_tokens(40, 40, 650)
    left = 4 * (300_000 - picture - -(-len(DETECT["text"]) // 4))
    assert ask(runtime, [{"text": "a" * left}, image(mira(40)), DETECT])["stopReason"] == "end_turn"
    longer = [{"text": "a" * (left + 1)}, image(mira(40)), DETECT]
    with refused("ValidationException", 400):
        ask(runtime, longer)
    assert ask(runtime, longer, f"us.{NOVA_2_LITE}")["stopReason"] == "end_turn"


def test_each_model_writes_its_number_of_tokens(runtime):
    asked = [image(mira(40)), DETECT]
    for model, most in ((NOVA_PRO, 10_000), (f"us.{NOVA_2_LITE}", 64_000)):
        ask(runtime, asked, model, inferenceConfig={"maxTokens": most})
        with refused("ValidationException", 400):
            ask(runtime, asked, model, inferenceConfig={"maxTokens": most + 1})


def test_a_prop_is_found_by_its_reference(runtime):
    scene = meadow(seed=4)
    paste(scene, bolt(150), 60, 150)
    asked = [*question(scene)[:2], {"text": "prop: bolt"}, *question(scene)[3:]]
    (found,) = json.loads(text_of(ask(runtime, asked)))["detections"]
    assert found["character"] == "bolt"


def test_a_sheet_shows_several_references(runtime):
    scene = meadow(seed=4)
    left, top, right, bottom = paste(scene, mira(150), 60, 150)
    row = np.full((220, 428, 3), 255, np.uint8)
    for number, picture in enumerate((mira(), mira(190))):
        cell = cv2.copyMakeBorder(picture, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(128,) * 3)
        row[8 : 8 + cell.shape[0], 8 + 212 * number :][:, : cell.shape[1]] = cell
    asked = [{"text": "character sheet: mira"}, image(row), *question(scene)[4:]]
    (found,) = json.loads(text_of(ask(runtime, asked)))["detections"]
    assert found["character"] == "mira"
    expected = [left / 0.64, top / 0.36, right / 0.64, bottom / 0.36]
    assert np.allclose(found["box"], expected, atol=70)


def test_a_model_without_text_output_is_refused(runtime):
    with refused("ValidationException", 400):
        ask(runtime, [{"text": "hello"}], "amazon.nova-canvas-v1:0")

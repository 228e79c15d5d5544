"""InvokeModel of Stability AI's models: one region, one picture a call, filters with HTTP 200."""

import base64
import json

import numpy as np
import pytest

from local_aws.vision.picture_codec import decode_picture, picture_format
from tests.local_aws.refusals import refused
from tests.studio.endpoint_fixture import FAST, running_endpoint

SD35 = "stability.sd3-5-large-v1:0"
CORE = "stability.stable-image-core-v1:1"
ULTRA = "stability.stable-image-ultra-v1:1"
OREGON = "us-west-2"


@pytest.fixture
def runtime(local_endpoint):
    return local_endpoint.in_region(OREGON).client("bedrock-runtime")


def draw(runtime, model=SD35, **body):
    given = {"prompt": "Mira waves", "seed": 5, **body}
    answer = runtime.invoke_model(modelId=model, body=json.dumps(given))
    return json.loads(answer["body"].read())


def picture(answer):
    (encoded,) = answer["images"]
    return decode_picture(base64.b64decode(encoded))


@pytest.mark.parametrize("model", [SD35, CORE, ULTRA])
def test_one_picture_a_call_with_the_size_of_its_aspect_ratio(runtime, model):
    answer = draw(runtime, model, aspect_ratio="16:9", mode="text-to-image", output_format="png")
    assert (answer["seeds"], answer["finish_reasons"]) == ([5], [None])
    assert picture(answer).shape == (768, 1344, 3)
    assert picture(draw(runtime, model, aspect_ratio="9:21")).shape == (1536, 640, 3)


def test_the_same_request_draws_the_same_picture_and_another_seed_another(runtime):
    first = picture(draw(runtime))
    assert first.shape == (1024, 1024, 3)
    assert np.array_equal(first, picture(draw(runtime)))
    assert not np.array_equal(first, picture(draw(runtime, seed=6)))


@pytest.mark.parametrize("given", [{"seed": 0}, {"seed": None}])
def test_without_a_seed_or_with_seed_0_chance_decides_and_the_answer_says_the_seed(runtime, given):
    body = {key: value for key, value in given.items() if value is not None}
    seeds = set()
    for _ in range(2):
        answer = runtime.invoke_model(modelId=SD35, body=json.dumps({"prompt": "fog", **body}))
        seeds.update(json.loads(answer["body"].read())["seeds"])
    assert len(seeds) == 2
    assert 0 not in seeds


@pytest.mark.parametrize(("kind", "model"), [("jpeg", CORE), ("webp", ULTRA), ("png", SD35)])
def test_the_picture_comes_in_the_format_that_is_asked_for(runtime, kind, model):
    (encoded,) = draw(runtime, model, output_format=kind)["images"]
    assert picture_format(base64.b64decode(encoded)) == kind


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (SD35, {"prompt": "x" * 10_001}),
        (SD35, {"negative_prompt": "x" * 10_001}),
        (SD35, {"aspect_ratio": "4:3"}),
        (SD35, {"seed": -1}),
        (SD35, {"seed": 4_294_967_295}),
        (SD35, {"seed": "5"}),
        (SD35, {"output_format": "gif"}),
        (CORE, {"output_format": "webp"}),
        (SD35, {"mode": "inpaint"}),
    ],
    ids=str,
)
def test_a_value_out_of_bounds_is_refused_by_the_name_of_its_member(runtime, model, body):
    with refused("ValidationException", 400) as error:
        draw(runtime, model, **body)
    assert f"#/{next(iter(body))}: " in error["Message"]


def test_a_prompt_is_needed_and_has_at_most_10_000_characters(runtime):
    assert picture(draw(runtime, prompt="x" * 10_000)).size
    with refused("ValidationException", 400) as error:
        runtime.invoke_model(modelId=SD35, body='{"text_prompts": []}')
    assert error["Message"] == (
        "Malformed input request: #: required key [prompt] not found, "
        "please reformat your input and try again."
    )


@pytest.mark.parametrize("member", ["cfg_scale", "width", "taskType", "numberOfImages"])
def test_a_member_of_another_model_s_form_is_refused(runtime, member):
    with refused("ValidationException", 400) as error:
        draw(runtime, **{member: 5})
    detail = json.loads(error["Message"])["detail"]
    assert detail.startswith("Invalid field in request. Available fields: ['prompt', ")


def test_a_filtered_prompt_is_an_answer_without_pictures(runtime):
    assert draw(runtime, prompt="gore everywhere") == {"finish_reasons": ["Filter reason: prompt"]}


def test_a_filtered_picture_is_not_billed_and_a_drawn_one_is(tmp_path):
    with running_endpoint(tmp_path / "data", FAST) as endpoint:
        runtime = endpoint.in_region(OREGON).client("bedrock-runtime")
        fault = {"kind": "filter", "operation": "InvokeModel", "times": 1}
        endpoint.admin("PUT", "faults", {"faults": [fault]})
        assert draw(runtime) == {"finish_reasons": ["Filter reason: output image"]}
        assert endpoint.admin("GET", "bill")["lines"] == []
        assert picture(draw(runtime)).size
        (line,) = endpoint.admin("GET", "bill")["lines"]
    assert (line["resource"], line["unit"], line["quantity"]) == (SD35, "drawn_image", 1)
    assert line["usd"] == 0.08


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_other_regions_do_not_know_the_models(local_endpoint, region):
    runtime = local_endpoint.in_region(region).client("bedrock-runtime")
    with refused("ValidationException", 400) as error:
        draw(runtime)
    assert error["Message"] == "The provided model identifier is invalid."


def test_the_region_lists_the_models_with_their_life_cycle(local_endpoint):
    bedrock = local_endpoint.in_region(OREGON).client("bedrock")
    listed = bedrock.list_foundation_models(byProvider="Stability AI")["modelSummaries"]
    assert {one["modelId"] for one in listed} == {SD35, CORE, ULTRA}
    for one in listed:
        assert one["modelLifecycle"]["status"] == "ACTIVE"
        assert one["inferenceTypesSupported"] == ["ON_DEMAND"]
        assert one["modelArn"] == f"arn:aws:bedrock:{OREGON}::foundation-model/{one['modelId']}"
        details = bedrock.get_foundation_model(modelIdentifier=one["modelId"])["modelDetails"]
        assert details["modelLifecycle"] == one["modelLifecycle"]


def test_what_has_state_is_played_in_the_endpoint_s_own_region_only(local_endpoint):
    bedrock = local_endpoint.in_region(OREGON).client("bedrock")
    with refused("NotImplemented") as error:
        bedrock.list_custom_models()
    assert error["Message"] == ("The local endpoint plays ListCustomModels in us-east-1 only.")

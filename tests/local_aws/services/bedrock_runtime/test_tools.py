"""Tools of Converse: called as they are chosen, and refused as the Nova models refuse them."""

import json

import pytest

from tests.local_aws.refusals import refused
from tests.local_aws.services.bedrock_runtime.test_converse import (
    NOVA_2_LITE,
    NOVA_PRO,
    ask,
    image,
    question,
)
from tests.local_aws.vision.drawn_pictures import meadow, mira, paste

FACTS = {"text": json.dumps({"present": [{"id": "mira", "name": "Mira"}], "avoid": []})}


@pytest.fixture
def runtime(local_endpoint):
    return local_endpoint.client("bedrock-runtime")


def tool(name="mark", *members, **changes):
    properties = {member: {"type": "string"} for member in members or ("detections",)}
    schema = {"type": "object", "properties": properties, "required": list(properties), **changes}
    return {"toolSpec": {"name": name, "inputSchema": {"json": schema}}}


def config(*tools, choice=None):
    chosen = {"toolChoice": choice} if choice else {}
    return {"toolConfig": {"tools": list(tools), **chosen}}


def mark(runtime, asked=None, model=NOVA_PRO, **rest):
    """Ask about a drawn picture without any words about the form of the answer."""
    scene = meadow(seed=4)
    paste(scene, mira(150), 60, 150)
    return ask(runtime, asked or question(scene)[:-1], model, **rest)


@pytest.mark.parametrize("choice", [None, {"auto": {}}, {"any": {}}, {"tool": {"name": "mark"}}])
@pytest.mark.parametrize("model", [NOVA_PRO, f"us.{NOVA_2_LITE}"])
def test_a_tool_is_called_with_what_is_asked_for_in_words_without_it(runtime, model, choice):
    answer = mark(runtime, None, model, **config(tool(), choice=choice))
    (block,) = answer["output"]["message"]["content"]
    assert answer["stopReason"] == "tool_use"
    assert block["toolUse"]["name"] == "mark"
    assert block["toolUse"]["toolUseId"].startswith("tooluse_")
    (found,) = block["toolUse"]["input"]["detections"]
    assert found["character"] == "mira"
    assert all(0 <= corner <= 1000 for corner in found["box"])


def test_the_chosen_tool_is_called_and_no_other(runtime):
    both = (tool("mark"), tool("write", "caption", "characters"))
    asked = [FACTS, image(mira(300))]
    answer = mark(runtime, asked, **config(*both, choice={"tool": {"name": "write"}}))
    called = answer["output"]["message"]["content"][0]["toolUse"]
    assert called["name"] == "write"
    assert called["input"].keys() == {"caption", "characters"}
    assert "Mira" in called["input"]["caption"]


def test_tools_are_read_like_words(runtime):
    plain = ask(runtime, question(meadow()))["usage"]["inputTokens"]
    long = tool() | {"toolSpec": tool()["toolSpec"] | {"description": "d" * 4_000}}
    usage = ask(runtime, question(meadow()), **config(long))["usage"]
    assert plain + 1_000 < usage["inputTokens"] < plain + 1_100


def test_a_call_that_is_cut_off_has_no_input(runtime):
    cut = mark(runtime, **config(tool()), inferenceConfig={"maxTokens": 3})
    assert cut["stopReason"] == "max_tokens"
    assert cut["output"]["message"]["content"][0]["toolUse"]["input"] == {}
    assert cut["usage"]["outputTokens"] == 3


def test_a_name_with_a_hyphen_gives_a_call_that_the_service_cannot_read(runtime):
    with refused("ModelErrorException", 424) as error:
        mark(runtime, **config(tool("mark-characters")))
    assert "invalid sequence as part of ToolUse" in error["Message"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (config(tool(definitions={})), "extraneous key [definitions] is not permitted"),
        (config(tool(additionalProperties=False)), "extraneous key [additionalProperties]"),
        (config(tool(**{"$schema": "x"})), "extraneous key [$schema]"),
        (config(tool(type="array")), "/type: "),
        (config(tool(type=None)), "/type: null"),
        (config(tool(properties=[])), "expected properties as JSONObject"),
        (config(tool(required="detections")), "required as JSONArray"),
        (config(tool(required=["other"])), "other is not in properties"),
        (config({"toolSpec": {"name": "mark", "inputSchema": {}}}), "expected type: JSONObject"),
        (config(tool(), tool()), "two tools of one name"),
        (config(tool(), choice={"tool": {"name": "other"}}), "names other, which is not a tool"),
        (config({"systemTool": {"name": "search"}}), "takes tools with a toolSpec"),
        (config(tool() | {"toolSpec": tool()["toolSpec"] | {"strict": True}}), "not strict ones"),
        (config(tool("weather", "place")), "answers requests for"),
        (config(), "length greater than or equal to 1"),
        (config(tool("a b")), "[a-zA-Z0-9_-]+"),
        (config(tool("n" * 65)), "length less than or equal to 64"),
    ],
)  # fmt: skip
def test_tools_that_the_models_do_not_take_are_refused(local_endpoint, given, words):
    runtime = local_endpoint.client("bedrock-runtime", parameter_validation=False)
    with refused("ValidationException", 400) as error:
        mark(runtime, **given)
    assert words in error["Message"]


def test_an_answer_of_a_tool_cannot_be_given_back(runtime):
    used = {"toolUse": {"toolUseId": "t", "name": "mark", "input": {}}}
    with refused("ValidationException", 400):
        mark(runtime, [used], **config(tool()))

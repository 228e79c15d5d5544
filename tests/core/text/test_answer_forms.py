"""The forms of answers: what the Nova models accept as a tool, and what it forces."""

from __future__ import annotations

import json
import re

import pytest

from storyboard_ops.core.text.answer_forms import caption_tool, detection_tool, tool_line
from storyboard_ops.domain.models.model_answers import AnswerTool

TOOLS = [detection_tool(["mira", "bram"]), caption_tool(["mira", "bram"])]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_is_one_that_nova_takes(tool: AnswerTool) -> None:
    assert re.fullmatch(r"[a-z_]{1,64}", tool.name)  # with a hyphen Nova fails
    assert tool.schema.keys() == {"type", "properties", "required"}
    assert set(tool.schema["required"]) == tool.schema["properties"].keys()
    assert json.loads(json.dumps(tool.schema)) == tool.schema
    assert tool.name in tool_line(tool)


def test_boxes_are_thousandths_and_names_are_those_of_the_production() -> None:
    item = TOOLS[0].properties["detections"]["items"]["properties"]
    assert item["character"]["enum"] == ["mira", "bram", "none_of_them"]
    assert item["box"]["items"] == {"type": "integer", "minimum": 0, "maximum": 1000}
    assert (item["box"]["minItems"], item["box"]["maxItems"]) == (4, 4)
    assert "thousandths" in item["box"]["description"]
    assert TOOLS[1].properties["characters"]["items"]["enum"] == ["mira", "bram"]

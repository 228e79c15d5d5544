"""The forms in which multimodal models answer: tools with a schema, and lines that ask for JSON."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard_ops.domain.models.model_answers import AnswerTool
from storyboard_ops.domain.production_sheet import NONE_OF_THEM

#: The last line of a request, by how the answer is given.
DETECTIONS_AS_JSON = 'Answer with JSON only, key "detections".'
CAPTION_AS_JSON = 'Answer with JSON only, key "caption".'


def detection_tool(characters: Sequence[str]) -> AnswerTool:
    """Return the tool that marks characters by these ids, or as none of them."""
    box = {
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": 1000},
        "minItems": 4,
        "maxItems": 4,
        "description": "left, top, right and bottom edge in thousandths of the picture's width "
        "and height",
    }
    item = {
        "character": {"type": "string", "enum": [*characters, NONE_OF_THEM]},
        "box": box,
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
    }
    listed = {"type": "object", "properties": item, "required": list(item)}
    return AnswerTool(
        "mark_characters",
        "Marks the known characters in the picture to examine; an empty list where there are none.",
        {"detections": {"type": "array", "items": listed}},
    )


def caption_tool(characters: Sequence[str]) -> AnswerTool:
    """Return the tool that writes a caption and names the characters in it by these ids."""
    return AnswerTool(
        "write_caption",
        "Writes the caption of the picture, and the ids of the characters that it describes.",
        {
            "caption": {"type": "string", "description": "20 to 30 words"},
            "characters": {
                "type": "array",
                "items": {"type": "string", "enum": list(characters)},
            },
        },
    )


def tool_line(tool: AnswerTool) -> str:
    """Return the last line of a request that is answered by a tool."""
    return f"Answer by calling {tool.name} once."

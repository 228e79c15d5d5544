"""Converse with the Nova understanding models: boxes of characters, captions, panels of scripts.

Implemented: if the last text of a request asks for the JSON key "detections", or a tool has an
input of this name, the answer has the boxes of `vision.finding.character_finder`; for "caption" it
has the text of `vision.caption_writer`; for "panels" it has panels by the plain rule of
`services.bedrock_runtime.script_breakdown`, which understands nothing. Tools are checked and
chosen as Nova does it, with no more than `type`, `properties` and `required` at the top of a
schema. Tokens are counted and metered.
Not implemented: language understanding, conversations, video, documents and pictures in S3, strict
and system tools; all are rejected. Stop sequences have no effect. What Nova returns of a tool call
that is cut off is not documented; here its input is empty.

The pictures of a detections request are read in order: a picture that follows a text
"character: <id>" or "prop: <id>" is a reference of it, one that follows "character sheet: <id>" or
"prop sheet: <id>" shows several (see `vision.finding.sheet_cells`), the last other picture is
examined.
The facts of a caption request are the JSON object among its texts: `present` (list of objects
with `id` and `name`) and `avoid` (list of texts).
"""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.operations.context import Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock.model_catalogue import FoundationModel, RequestLimits
from local_aws.services.bedrock_runtime.bodies import CODE, check_picture, read_picture
from local_aws.services.bedrock_runtime.script_breakdown import break_down
from local_aws.services.bedrock_runtime.tools import (
    Tool,
    call_tool,
    describe_tools,
    find_tool,
    read_tools,
)
from local_aws.vision.caption_writer import write_caption
from local_aws.vision.finding.character_finder import Finding, find_characters
from local_aws.vision.finding.sheet_cells import find_cells
from local_aws.vision.picture_cache import answers, character_finder, content_hash, crops
from local_aws.vision.picture_codec import Pixels, decode_picture, encode_png
from local_aws.vision.picture_facts import PictureFacts, measure_picture

DEFAULT_NEW_TOKENS = 4096
CHARACTERS_PER_TOKEN = 4
LEAST_LONGER_SIDE = 896

REFERENCE_LINE = re.compile(
    r"\s*(?:character|prop)(?P<sheet> sheet)?:\s*(?P<id>.*\S)\s*\Z", re.IGNORECASE
)


@dataclass(frozen=True)
class Picture:
    """A picture of the request: its file, and height and width in pixels."""

    data: bytes
    height: int
    width: int
    format: str


Part = str | Picture


def converse(request: Request, context: Context, model: FoundationModel) -> dict[str, Any]:
    """Answer as a Nova understanding model, within the limits of one.

    Raises:
        ServiceError: ValidationException for wrong roles, formats and sizes.
    """
    began = time.perf_counter()
    limits = model.limits
    assert limits is not None, model.id
    parts = [_read_part(block, limits) for block in _read_question(request["messages"])]
    system = [block["text"] for block in request.get("system", []) if "text" in block]
    _require_limits([*parts, *system], limits)
    tools = read_tools(request)
    read = _count_read([*parts, *system, describe_tools(request)], limits)
    kind = _find_kind(parts, system, tools)
    text, stop = _truncate(
        ANSWERS[kind](parts, context), request.get("inferenceConfig", {}), limits
    )
    content: dict[str, Any] = {"text": text}
    if tool := find_tool(tools, kind):
        content = call_tool(tool, text, stop == "max_tokens")
        stop = "tool_use" if stop == "end_turn" else stop
    written = _count_tokens(text)
    usage = {"inputTokens": read, "outputTokens": written, "totalTokens": read + written}
    context.meter.record(
        "bedrock",
        "Converse",
        {"input_token": usage["inputTokens"], "output_token": usage["outputTokens"]},
        resource=model.id,
    )
    return {
        "output": {"message": {"role": "assistant", "content": [content]}},
        "stopReason": stop,
        "usage": usage,
        "metrics": {"latencyMs": round(1000 * (time.perf_counter() - began))},
    }


def count_picture_tokens(height: int, width: int, pixels_per_token: int) -> int:
    """Return the input tokens of a picture by its area after Nova's rescaling.

    This reproduces the tables of the Amazon Nova user guides within 25 %.
    """
    enlarge = max(1.0, LEAST_LONGER_SIDE / max(height, width))
    return max(1, round(height * width * enlarge**2 / pixels_per_token))


def _find_kind(parts: Sequence[Part], system: Sequence[str], tools: Sequence[Tool]) -> str:
    """Return the key of the answer that is requested, by a tool or in words."""
    texts = [part for part in parts if isinstance(part, str)]
    in_words = [*texts[-1:], " ".join(system)]
    for wanted in [tool.members for tool in tools] or in_words:
        for kind in ANSWERS:
            if kind in wanted:
                return kind
    raise ServiceError(
        CODE, 'The local endpoint answers requests for "detections", a "caption" or "panels" only.'
    )


def _find_detections(parts: Sequence[Part], context: Context) -> str:
    references: list[tuple[str, bytes]] = []
    examined: Picture | None = None
    previous: Part = ""
    for part in parts:
        named = REFERENCE_LINE.match(previous) if isinstance(previous, str) else None
        if isinstance(part, Picture):
            if named:
                shown = _split_sheet(part) if named["sheet"] else [part.data]
                references += [(named["id"], data) for data in shown]
            else:
                examined = part
        # Several pictures in a row may share one "character:" line.
        if not (isinstance(part, Picture) and named):
            previous = part
    if examined is None:
        raise ServiceError(CODE, "There is no picture to examine after the reference pictures.")
    if not references:
        return json.dumps({"detections": []})
    digest, model = character_finder(context.settings.data_dir, references)
    key = ("detections", digest, content_hash(examined.data))
    findings = answers.get(key, lambda: find_characters(model, _decode_pixels(examined)))
    return json.dumps({"detections": [_describe_detection(found, examined) for found in findings]})


def _split_sheet(sheet: Picture) -> list[bytes]:
    """Return the pictures of a contact sheet as PNG files."""
    key = ("sheet", content_hash(sheet.data))
    return crops.get(
        key, lambda: [encode_png(cell) for cell in find_cells(decode_picture(sheet.data))]
    )


def _describe_detection(finding: Finding, picture: Picture) -> dict[str, Any]:
    left, top, right, bottom = finding.box
    across, down = 1000 / picture.width, 1000 / picture.height
    return {
        "character": finding.character,
        "box": [
            round(left * across),
            round(top * down),
            round(right * across),
            round(bottom * down),
        ],
        "confidence": round(finding.confidence, 3),
    }


def _write_caption(parts: Sequence[Part], context: Context) -> str:
    texts = [part for part in parts if isinstance(part, str)]
    picture = next((part for part in reversed(parts) if isinstance(part, Picture)), None)
    if picture is None:
        raise ServiceError(CODE, "There is no picture to write a caption for.")
    sheet = next((found for found in map(_read_facts, texts) if found is not None), {})
    present = [entry for entry in sheet.get("present", []) if isinstance(entry, dict)]
    names = [str(entry.get("name") or entry.get("id")) for entry in present]
    avoid = [str(trait) for trait in sheet.get("avoid", [])]
    framing = str(sheet.get("framing", ""))
    measured = _measure_facts(picture)
    caption = write_caption(measured, names, avoid, content_hash(picture.data), framing)
    return json.dumps({"caption": caption, "characters": [entry.get("id") for entry in present]})


def _break_down(parts: Sequence[Part], context: Context) -> str:
    return json.dumps(break_down([part for part in parts if isinstance(part, str)]))


#: Writes the JSON of an answer, by its key.
ANSWERS: Mapping[str, Callable[[Sequence[Part], Context], str]] = {
    "detections": _find_detections,
    "caption": _write_caption,
    "panels": _break_down,
}


def _read_facts(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _measure_facts(picture: Picture) -> PictureFacts:
    key = ("facts", content_hash(picture.data))
    return answers.get(key, lambda: measure_picture(_decode_pixels(picture)))


def _decode_pixels(picture: Picture) -> Pixels:
    return read_picture(picture.data, (picture.format,), "The picture")


def _read_question(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    if [message["role"] for message in messages] != ["user"]:
        raise ServiceError(CODE, "The local endpoint answers one message, of the role user.")
    content: list[dict[str, Any]] = messages[0]["content"]
    if not content:
        raise ServiceError(CODE, "The content field in the Message object is empty.")
    return content


def _read_part(block: dict[str, Any], limits: RequestLimits) -> Part:
    if "text" in block:
        if not block["text"].strip():
            raise ServiceError(CODE, "The text field in the ContentBlock object is blank.")
        return str(block["text"])
    if "image" not in block:
        kind = next(iter(block), "nothing")
        raise ServiceError(CODE, f"The local endpoint reads texts and pictures, not {kind}.")
    return _read_picture(block["image"], limits)


def _read_picture(image: dict[str, Any], limits: RequestLimits) -> Picture:
    if "bytes" not in image["source"]:
        raise ServiceError(CODE, "The local endpoint reads pictures from bytes only.")
    data = image["source"]["bytes"]
    key = ("size", image["format"], content_hash(data))
    height, width = answers.get(
        key, lambda: read_picture(data, (image["format"],), "The picture").shape[:2]
    )
    check_picture(data, height, width, limits)
    return Picture(data, height, width, image["format"])


def _require_limits(parts: Sequence[Part], limits: RequestLimits) -> None:
    """Check the number of pictures and the payload, in which pictures count as base64."""
    pictures = sum(isinstance(part, Picture) for part in parts)
    if pictures > limits.pictures:
        raise ServiceError(
            CODE, f"The request has {pictures} images; the most is {limits.pictures}."
        )
    size = sum(
        len(part.encode()) if isinstance(part, str) else -(-len(part.data) // 3) * 4
        for part in parts
    )
    if limits.payload_bytes is not None and size > limits.payload_bytes:
        raise ServiceError(
            CODE, f"The payload has {size} bytes; the most is {limits.payload_bytes}."
        )


def _truncate(text: str, config: dict[str, Any], limits: RequestLimits) -> tuple[str, str]:
    most = config.get("maxTokens", DEFAULT_NEW_TOKENS)
    if limits.new_tokens is not None and most > limits.new_tokens:
        raise ServiceError(
            CODE,
            f"The maximum tokens you requested exceeds the model limit of {limits.new_tokens}.",
        )
    if _count_tokens(text) > most:
        return text[: most * CHARACTERS_PER_TOKEN], "max_tokens"
    return text, "end_turn"


def _count_read(parts: Sequence[Part], limits: RequestLimits) -> int:
    """Return the tokens of a request that fits the context of the model."""
    pixels_per_token = limits.pixels_per_token
    assert pixels_per_token is not None
    read = sum(
        _count_tokens(part)
        if isinstance(part, str)
        else count_picture_tokens(part.height, part.width, pixels_per_token)
        for part in parts
    )
    if limits.context_tokens is not None and read > limits.context_tokens:
        raise ServiceError(CODE, "Input is too long for requested model.")
    return read


def _count_tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)

"""Count the most tokens of the requests that a run sends to multimodal models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storyboard_ops.core.detection.reference_pictures import ReferencePicture
from storyboard_ops.core.pictures.codec import MODEL_SIDE, MOST_SENT_SIDE, picture_size
from storyboard_ops.core.text.answer_forms import caption_tool, detection_tool
from storyboard_ops.core.text.prompts import Part, caption_parts, detection_parts
from storyboard_ops.core.text.tokens import text_tokens
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.models.call_limits import ConverseLimits
from storyboard_ops.domain.production_sheet import Production

Size = tuple[int, int]  # width, height in pixels
#: The largest picture of a caption.
CAPTIONED = (MODEL_SIDE, MODEL_SIDE)


def detection_tokens(
    prompt: str,
    references: Sequence[ReferencePicture],
    frames: Iterable[Size],
    limits: ConverseLimits,
) -> int:
    """Return the most input tokens of a detection in frames of these sizes."""
    shown = [picture_size(one.picture) for one in references]
    most = max((_sent_size(size, limits) for size in frames), key=lambda size: _count(size, limits))
    tool = detection_tool(list(dict.fromkeys(one.character for one in references)))
    parts = [*detection_parts(references, b""), canonical_json(tool.schema)]
    return _request_tokens(prompt, parts, [*shown, most], limits)


def caption_tokens(prompt: str, production: Production, limits: ConverseLimits) -> int:
    """Return the most input tokens of the first request for a caption, of all characters."""
    present = [character.id for character in production.characters]
    tool = caption_tool(present)
    parts = caption_parts(production, present, b"", framing="medium")
    parts.append(canonical_json(tool.schema))
    return _request_tokens(prompt, parts, [CAPTIONED], limits)


def _request_tokens(
    prompt: str, parts: Sequence[Part], pictures: Sequence[Size], limits: ConverseLimits
) -> int:
    texts = [prompt, *(part for part in parts if isinstance(part, str))]
    return sum(map(text_tokens, texts)) + sum(_count(size, limits) for size in pictures)


def _count(size: Size, limits: ConverseLimits) -> int:
    return limits.picture_tokens.count(*size)


def _sent_size(size: Size, limits: ConverseLimits) -> Size:
    """Return the size in which a frame is sent, unless its bytes make it smaller still."""
    width, height = size
    scale = min(1.0, min(MOST_SENT_SIDE, limits.side_px[1]) / max(size))
    return max(1, round(width * scale)), max(1, round(height * scale))

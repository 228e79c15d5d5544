"""Build the parts of a prompt for a multimodal model: texts and pictures, in order.

A part is a text or the encoded bytes of a picture (JPEG or PNG).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from storyboard_ops.core.text.answer_forms import CAPTION_AS_JSON, DETECTIONS_AS_JSON
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.production_sheet import Character, Production

Part = str | bytes

ABOUT_SHEETS = (
    'A line "character sheet: <id>" comes before one picture that shows several reference pictures '
    "of that character, each in a frame, below the id."
)


ABOUT_PROPS = (
    'A line "prop: <id>" comes before a picture of an object. Mark every place where this very '
    'object is visible, also in a hand or partly hidden, with its id as "character" and a box '
    "around the whole visible object. Objects that only resemble it are not marked."
)
ABOUT_PROPS_IN_CAPTIONS = (
    'What has "kind": "prop" is an object: call it by name, and say where it is and who uses it, '
    "not how it looks."
)


class Reference(Protocol):
    """A picture of a request that shows one character."""

    @property
    def character(self) -> str: ...

    @property
    def picture(self) -> bytes: ...

    @property
    def is_sheet(self) -> bool: ...

    @property
    def is_prop(self) -> bool: ...


#: The most characters that a model marks when it is asked again: its answer may have been too long.
MOST_MARKED = 20


def detection_parts(
    references: Sequence[Reference], picture: bytes, last: str = DETECTIONS_AS_JSON
) -> list[Part]:
    """Return reference pictures with their character ids, then the picture to examine.

    ``last``: the line that says how to answer.
    """
    parts: list[Part] = [ABOUT_SHEETS] if any(one.is_sheet for one in references) else []
    parts += [ABOUT_PROPS] if any(one.is_prop for one in references) else []
    for one in references:
        kind = "prop" if one.is_prop else "character"
        sheet = " sheet" if one.is_sheet else ""
        parts += [f"{kind}{sheet}: {one.character}", one.picture]
    return [*parts, "Picture to examine:", picture, last]


def detect_again(fault: str) -> str:
    """Return the last line of a request whose earlier answer could not be used."""
    return (
        f"Your last answer cannot be used: {fault}\nMark at most {MOST_MARKED} characters, those "
        f"you are surest of. {DETECTIONS_AS_JSON}"
    )


def temperature_after(faults: Sequence[str]) -> float:
    """Return the temperature of a request after unusable answers to its question.

    At 0 the same words get the same answer, and after the second one they may be the same.
    """
    return 0.0 if len(faults) < 2 else 0.5


def caption_parts(
    production: Production,
    present: Sequence[str],
    picture: bytes,
    complaints: Sequence[str] = (),
    last: str = CAPTION_AS_JSON,
    *,
    framing: str = "",
) -> list[Part]:
    """Return the facts as JSON, the picture, and the complaints about an earlier caption.

    ``last``: the line that says how to answer. ``framing``: "full", "medium" or "close", as the
    prompt explains; "": unknown.
    """
    shown = [production.character(character) for character in present]
    facts = canonical_json(
        {
            "production": production.production,
            "style": production.style,
            "present": [_present(character) for character in shown],
            "avoid": sorted({trait for character in shown for trait in character.traits}),
            "forbidden": production.forbidden_words,
            **({"framing": framing} if framing else {}),
        }
    )
    parts: list[Part] = [facts, picture]
    if any(character.kind == "prop" for character in shown):
        parts.append(ABOUT_PROPS_IN_CAPTIONS)
    if complaints:
        parts.append("Your last caption cannot be used:\n- " + "\n- ".join(complaints))
    return [*parts, last]


def _present(character: Character) -> dict[str, str]:
    kind = {"kind": character.kind} if character.kind == "prop" else {}
    return {"id": character.id, "name": character.name, **kind}

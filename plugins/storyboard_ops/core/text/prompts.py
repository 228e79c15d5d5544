"""Build the parts of a prompt for a multimodal model: texts and pictures, in order.

A part is a text or the encoded bytes of a picture (JPEG or PNG).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.production_sheet import Production

Part = str | bytes


def detection_parts(references: Sequence[tuple[str, bytes]], picture: bytes) -> list[Part]:
    """Return reference pictures with their character ids, then the picture to examine."""
    parts: list[Part] = []
    for character, reference in references:
        parts += [f"character: {character}", reference]
    return [*parts, "Picture to examine:", picture, 'Answer with JSON only, key "detections".']


def caption_parts(
    production: Production, present: Sequence[str], picture: bytes, complaints: Sequence[str] = ()
) -> list[Part]:
    """Return the facts as JSON, the picture, and the complaints about an earlier caption."""
    shown = [production.character(character) for character in present]
    facts = canonical_json(
        {
            "production": production.production,
            "style": production.style,
            "present": [{"id": character.id, "name": character.name} for character in shown],
            "avoid": sorted({trait for character in shown for trait in character.traits}),
            "forbidden": production.forbidden_words,
        }
    )
    parts: list[Part] = [facts, picture]
    if complaints:
        parts.append("Your last caption cannot be used:\n- " + "\n- ".join(complaints))
    return [*parts, 'Answer with JSON only, key "caption".']


def evenly_chosen(pictures: Mapping[str, Sequence[bytes]], most: int) -> list[tuple[str, bytes]]:
    """Choose at most ``most`` reference pictures, spread evenly over the characters.

    Each character's first pictures are chosen first, so the order in the production file matters.
    """
    columns = [[(character, picture) for picture in row] for character, row in pictures.items()]
    taken = [item for rank in zip_longest(*columns) for item in rank if item is not None][:most]
    order = list(pictures)
    return sorted(taken, key=lambda item: order.index(item[0]))

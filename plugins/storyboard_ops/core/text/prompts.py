"""What is put before a multimodal model, in order: texts and pictures.

A part is a text or the encoded bytes of a picture (JPEG or PNG).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.production_sheet import Production

Part = str | bytes


def detection_parts(references: Sequence[tuple[str, bytes]], picture: bytes) -> list[Part]:
    """Reference pictures with their character ids, then the picture to examine."""
    parts: list[Part] = []
    for character, reference in references:
        parts += [f"character: {character}", reference]
    return [*parts, "Picture to examine:", picture, 'Answer with JSON only, key "detections".']


def caption_parts(
    production: Production, present: Sequence[str], picture: bytes, complaints: Sequence[str] = ()
) -> list[Part]:
    """The facts as JSON, the picture, and what was wrong with an earlier caption."""
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
    """At most ``most`` reference pictures, as evenly over the characters as they allow.

    The first pictures of each character come first, so the order in the production file matters.
    """
    columns = [[(character, picture) for picture in row] for character, row in pictures.items()]
    taken = [item for rank in zip_longest(*columns) for item in rank if item is not None][:most]
    order = list(pictures)
    return sorted(taken, key=lambda item: order.index(item[0]))

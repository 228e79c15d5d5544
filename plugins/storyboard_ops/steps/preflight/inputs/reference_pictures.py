"""Reference pictures of a production: shrunk, refused if no detector can use them, and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from storyboard_ops.core.pictures.codec import (
    MODEL_SIDE,
    DecodedPicture,
    decode_picture,
    decode_rgb,
    encode_png,
    fit_within,
)
from storyboard_ops.core.pictures.shrink import shrink_oversized
from storyboard_ops.domain.error_tree import BadInput, ProductionError
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import NONE_OF_THEM, Production
from storyboard_ops.gateways.models.limits_file import operation_limits
from storyboard_ops.gateways.storage.production_files import LoadedProduction
from storyboard_ops.steps.run.tool_box import ToolBox

#: The operation whose least side a reference picture must have, so that it suits every detector.
SMALLEST_BY = "IndexFaces"
#: Longest side, in pixels, of a stored reference picture. Custom Labels trains on pictures of at
#: most 4,096 px per side and 15 MB; a PNG of this size is always smaller.
MOST_REFERENCE_SIDE = 2048


def shrink_references(loaded: LoadedProduction) -> tuple[LoadedProduction, list[str]]:
    """Shrink pictures that are larger than any step decodes; returns a sentence about each.

    Raises ProductionError naming one that cannot be shrunk.
    """
    said: list[str] = []

    def shrink(pictures: Sequence[bytes], whose: str) -> list[bytes]:
        smaller = []
        for number, encoded in enumerate(pictures, start=1):
            where = f"Reference picture {number} of character {whose!r}"
            try:
                picture, remark = shrink_oversized(encoded)
            except BadInput as error:
                raise ProductionError(f"{where} cannot be read: {error}") from error
            smaller.append(picture)
            said.extend([f"{where}: {remark}"] if remark else [])
        return smaller

    references = {id: shrink(pictures, id) for id, pictures in loaded.references.items()}
    strangers = tuple(shrink(loaded.strangers, NONE_OF_THEM))
    return replace(loaded, references=references, strangers=strangers), said


def refuse_unusable_references(loaded: LoadedProduction) -> int:
    """Return how many pictures are cut out; raises ProductionError naming one that cannot be used.

    Pictures of strangers count, too.
    """
    shown: dict[str, str] = {}
    cut_out = 0
    for character, pictures in (*loaded.references.items(), (NONE_OF_THEM, loaded.strangers)):
        for number, encoded in enumerate(pictures, start=1):
            where = f"reference picture {number} of character {character!r}"
            picture = _usable_reference(encoded, where[0].upper() + where[1:])
            cut_out += picture.is_cut_out
            other = shown.setdefault(sha256_hex(picture.rgb.tobytes()), where)
            if other != where:
                raise ProductionError(
                    f"{where[0].upper()}{where[1:]} is the same picture as {other}. List each "
                    "picture once, and for one character only."
                )
    return cut_out


def store_references(tools: ToolBox, loaded: LoadedProduction) -> Production:
    characters = []
    for character in loaded.production.characters:
        uris = tuple(_store_picture(tools, picture) for picture in loaded.references[character.id])
        characters.append(character.model_copy(update={"references": uris}))
    strangers = tuple(_store_picture(tools, picture) for picture in loaded.strangers)
    stored = {"characters": tuple(characters), "strangers": strangers}
    return loaded.production.model_copy(update=stored)


def _usable_reference(encoded: bytes, where: str) -> DecodedPicture:
    """Decode a picture; raises ProductionError naming it when no detector can use it."""
    # Services get at most MODEL_SIDE pixels per side, so a very oblong picture is too small too.
    least = operation_limits(SMALLEST_BY).side_px[0]
    try:
        picture = decode_picture(encoded)
    except BadInput as error:
        raise ProductionError(f"{where} cannot be read: {error}") from error
    if picture.is_empty:
        raise ProductionError(f"{where} is transparent throughout. Save it with its figure.")
    side = min(fit_within(picture.rgb, MODEL_SIDE).shape[:2])
    if side < least:
        raise ProductionError(
            f"{where} is {side} px on its shorter side when shrunk to fit {MODEL_SIDE} px. "
            f"Replace it with one of at least {least} px."
        )
    return picture


def _store_picture(tools: ToolBox, picture: bytes) -> str:
    png = encode_png(fit_within(decode_rgb(picture), MOST_REFERENCE_SIDE))
    uri: S3Uri = tools.workspace.reference(sha256_hex(png))
    return tools.objects.put(uri, png, "image/png")

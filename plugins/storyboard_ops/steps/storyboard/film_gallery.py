"""Embed the film's own pictures, which drawn panels are compared with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.storyboard.consistency import Floats, Gallery, unit_rows
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.pictures import FigureSection
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.run.tool_box import ToolBox

#: Share of another character's box inside a picture up to which it shows its own character alone.
MOST_OVERLAP = 0.2


@dataclass(frozen=True)
class FilmGallery:
    """The embeddings of a film's pictures, and what they are of."""

    gallery: Gallery
    #: Training pictures that show one character of which others are held out.
    compared: tuple[ImageRecord, ...]
    #: By character, the ids of the training pictures that may be copied, in the gallery's order.
    copyable: Mapping[str, tuple[str, ...]]
    #: Characters of which film pictures are held out.
    held_out: frozenset[str]


def embed_gallery(
    tools: ToolBox[FigureSection], held_out: Iterable[ImageRecord], trained: Sequence[ImageRecord]
) -> FilmGallery:
    """Embed held-out pictures, reference pictures of the production, and training pictures.

    Pictures that show several characters are only what may be copied. The reference pictures count
    as held out, unless they are near-duplicates of training pictures. They do not stand alone,
    since they may be from the same shots: a character without other held-out pictures has no
    training pictures to be compared with.
    """
    held = _embed_pictures(tools, [picture for picture in held_out if _is_clear(picture)])
    compared = [one for one in trained if _is_clear(one) and one.character in held]
    others = [one for one in trained if not _is_clear(one) or one.character not in held]
    clear, crowded = _embed_pictures(tools, compared), _embed_pictures(tools, others)
    training = _joined(clear, crowded)
    sheets = {
        character: _without_near_duplicates(tools, rows, training.get(character))
        for character, rows in _embed_references(tools).items()
    }
    return FilmGallery(
        Gallery.of(_joined(sheets, held), clear, crowded),
        tuple(compared),
        _ids_by_character([*compared, *others]),
        frozenset(held),
    )


def _is_clear(picture: ImageRecord) -> bool:
    return max(picture.crop.overlap.values(), default=0.0) <= MOST_OVERLAP


def _joined(*kinds: Mapping[str, Floats]) -> dict[str, Floats]:
    characters = {character for kind in kinds for character in kind}
    return {
        character: np.concatenate([kind[character] for kind in kinds if character in kind])
        for character in sorted(characters)
    }


def _ids_by_character(pictures: Iterable[ImageRecord]) -> dict[str, tuple[str, ...]]:
    ids: dict[str, list[str]] = defaultdict(list)
    for picture in pictures:
        ids[picture.character].append(picture.image_id)
    return {character: tuple(own) for character, own in ids.items()}


def _embed_pictures(
    tools: ToolBox[FigureSection], pictures: Iterable[ImageRecord]
) -> dict[str, Floats]:
    """Embed approved pictures: character to (N, D), in the order of the pictures."""
    by_character: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
    embedder = PictureEmbedder(tools)
    for picture in pictures:
        body = tools.objects.get(S3Uri.parse(picture.uri))
        by_character[picture.character].append(embedder.embed(body, picture.image_id))
    return {character: np.stack(rows) for character, rows in by_character.items()}


def _embed_references(tools: ToolBox[FigureSection]) -> dict[str, Floats]:
    embedder = PictureEmbedder(tools)
    return {
        character: np.stack([embedder.embed(png, sha256_hex(png)) for png in pngs])
        for character, pngs in tools.references.items()
        if pngs
    }


def _without_near_duplicates(
    tools: ToolBox[FigureSection], rows: Floats, training: Floats | None
) -> Floats:
    """Leave out reference pictures that are training pictures too."""
    if training is None:
        return rows
    cosines = unit_rows(rows, "references") @ unit_rows(training, "training pictures").T
    return np.asarray(rows[cosines.max(axis=1) < tools.settings.duplicate_above])

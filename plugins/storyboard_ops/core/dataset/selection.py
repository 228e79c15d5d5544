"""Select the pictures of a balanced dataset, and count what it covers or lacks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest

from storyboard_ops.core.dataset.crop_geometry import Framing
from storyboard_ops.core.pictures.quality import best_first
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import DatasetReason, Drop, ImageRecord, Shot
from storyboard_ops.domain.production_sheet import Character

FRAMINGS: tuple[Framing, ...] = ("full", "medium", "close")
#: Props are cut whole.
FRAMINGS_OF_PROPS: tuple[Framing, ...] = ("full",)
#: With fewer pictures than this of one framing, the model learns little about it.
FEW_PICTURES = 5


class CoverageCell(Record):
    """Number of pictures of one character, in one framing, from one shot of one video."""

    character: str
    framing: Framing
    video: str  # URI
    shot: int
    pictures: int


class CoverageGap(Record):
    """A framing of a character with too few pictures."""

    character: str
    framing: Framing
    pictures: int  # available
    wanted: int  # at least


def framings_of(character: Character) -> tuple[Framing, ...]:
    """Return the framings that a character can have pictures in; a prop has one."""
    return FRAMINGS_OF_PROPS if character.kind == "prop" else FRAMINGS


def shot_of(image: ImageRecord) -> Shot:
    """Return the shot of a picture: SHA-256 of the video and the number of the shot in it."""
    return image.frame.video.sha256, image.frame.shot


def apply_caps(
    images: Sequence[ImageRecord], per_shot: int, per_character: int
) -> list[ImageRecord]:
    """Mark pictures beyond the caps as dropped; order and earlier drops stay unchanged.

    Keeps at most ``per_shot`` pictures of a character per shot: the best of every framing first,
    then the second best. If more than ``per_character`` remain, every shot contributes its best,
    then its second best, and so on, shots with better pictures first, until the cap is reached.
    """
    drops: dict[str, Drop] = {}
    for pictures in _by_character(images):
        for shot in _groups(pictures, shot_of):
            for image in _spread(_groups(shot, lambda image: image.crop.framing))[per_shot:]:
                drops[image.image_id] = _drop(
                    "shot cap", f"{per_shot} others of this shot are kept"
                )
        left = [image for image in pictures if image.image_id not in drops]
        for image in _spread(_groups(left, shot_of))[per_character:]:
            drops[image.image_id] = _drop("character cap", f"{per_character} others are kept")
    return [
        image.model_copy(update={"dropped": drops[image.image_id]})
        if image.kept and image.image_id in drops
        else image
        for image in images
    ]


def apply_total(images: Sequence[ImageRecord], most: int) -> list[ImageRecord]:
    """Mark pictures beyond a total of ``most`` as dropped, keeping the best of each character."""
    ranked = (_spread(_groups(pictures, shot_of)) for pictures in _by_character(images))
    by_turns = [image for rank in zip_longest(*ranked) for image in rank if image is not None]
    beyond = {image.image_id for image in by_turns[most:]}
    drop = _drop("total cap", f"{most:,} others are kept, as many as the trainer takes")
    return [
        image.model_copy(update={"dropped": drop}) if image.image_id in beyond else image
        for image in images
    ]


def coverage(images: Iterable[ImageRecord]) -> tuple[CoverageCell, ...]:
    """Count kept pictures by character, framing and shot; sorted, without empty cells.

    A picture that the rules are unsure of counts once a reviewer has approved it.
    """
    counts = Counter(
        (image.character, image.crop.framing, image.frame.video.uri, image.frame.shot)
        for image in images
        if image.kept and (image.review or not image.unsure)
    )
    return tuple(
        CoverageCell(character=character, framing=framing, video=video, shot=shot, pictures=count)
        for (character, framing, video, shot), count in sorted(counts.items())
    )


def coverage_gaps(
    cells: Iterable[CoverageCell], characters: Sequence[Character], wanted: int = FEW_PICTURES
) -> tuple[CoverageGap, ...]:
    """Find framings of a character with fewer than ``wanted`` pictures, in the given order."""
    counts: Counter[tuple[str, str]] = Counter()
    for cell in cells:
        counts[cell.character, cell.framing] += cell.pictures
    return tuple(
        CoverageGap(
            character=character.id,
            framing=framing,
            pictures=counts[character.id, framing],
            wanted=wanted,
        )
        for character in characters
        for framing in framings_of(character)
        if counts[character.id, framing] < wanted
    )


def _by_character(images: Iterable[ImageRecord]) -> list[list[ImageRecord]]:
    """Group kept pictures by character, best first."""
    kept = best_first(image for image in images if image.kept)
    return _groups(kept, lambda image: image.character)


def _groups(
    pictures: Iterable[ImageRecord], key: Callable[[ImageRecord], object]
) -> list[list[ImageRecord]]:
    """Group pictures in their order: the group of the best picture comes first."""
    groups: dict[object, list[ImageRecord]] = defaultdict(list)
    for image in pictures:
        groups[key(image)].append(image)
    return list(groups.values())


def _spread(groups: Iterable[Sequence[ImageRecord]]) -> list[ImageRecord]:
    """Return the best of every group, then the second best, and so on; unsure pictures last."""
    ranks = zip_longest(*groups)
    spread = [image for rank in ranks for image in rank if image is not None]
    return sorted(spread, key=lambda image: bool(image.unsure))


def _drop(reason: DatasetReason, detail: str) -> Drop:
    return Drop(stage="dataset", reason=reason, detail=detail)

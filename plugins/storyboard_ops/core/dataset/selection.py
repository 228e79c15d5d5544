"""Select the pictures of a balanced dataset, and count what it covers or lacks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from storyboard_ops.core.dataset.crop_geometry import Framing
from storyboard_ops.core.pictures.quality import Rank, rank
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
    return image.frame.shot_id


@dataclass(frozen=True, slots=True)
class Choice:
    """What choosing pictures needs to know about one; a record takes thirty times the memory."""

    image_id: str
    character: str
    framing: Framing
    shot: Shot
    rank: Rank  # the best picture has the lowest
    unsure: bool


def choice_of(image: ImageRecord) -> Choice:
    """Return what choosing needs to know about a picture."""
    return Choice(
        image_id=image.image_id,
        character=image.character,
        framing=image.crop.framing,
        shot=shot_of(image),
        rank=rank(image),
        unsure=bool(image.unsure),
    )


def beyond_caps(choices: Iterable[Choice], per_shot: int, per_character: int) -> dict[str, Drop]:
    """Return what is beyond the caps, by image id.

    At most ``per_shot`` pictures of a character per shot are kept: the best of every framing first,
    then the second best. If more than ``per_character`` remain, every shot contributes its best,
    then its second best, and so on, shots with better pictures first, until the cap is reached.
    """
    drops: dict[str, Drop] = {}
    of_shot = _drop("shot cap", f"{per_shot} others of this shot are kept")
    of_character = _drop("character cap", f"{per_character} others are kept")
    for pictures in _by_character(choices):
        for shot in _groups(pictures, lambda choice: choice.shot):
            for one in _spread(_groups(shot, lambda choice: choice.framing))[per_shot:]:
                drops[one.image_id] = of_shot
        left = [one for one in pictures if one.image_id not in drops]
        for one in _spread(_groups(left, lambda choice: choice.shot))[per_character:]:
            drops[one.image_id] = of_character
    return drops


def beyond_total(choices: Iterable[Choice], most: int) -> dict[str, Drop]:
    """Return what is beyond a total of ``most``, by image id; the best of each character stay."""
    ranked = (
        _spread(_groups(pictures, lambda choice: choice.shot))
        for pictures in _by_character(choices)
    )
    by_turns = [one for turn in zip_longest(*ranked) for one in turn if one is not None]
    drop = _drop("total cap", f"{most:,} others are kept, as many as the trainer takes")
    return {one.image_id: drop for one in by_turns[most:]}


def apply_caps(
    images: Sequence[ImageRecord], per_shot: int, per_character: int
) -> list[ImageRecord]:
    """Mark pictures beyond the caps as dropped; order and earlier drops stay unchanged."""
    kept = (choice_of(image) for image in images if image.kept)
    return mark_dropped(images, beyond_caps(kept, per_shot, per_character))


def mark_dropped(images: Iterable[ImageRecord], drops: Mapping[str, Drop]) -> list[ImageRecord]:
    """Mark the pictures with these ids as dropped, unless they were before."""
    return [drop_if(image, drops) for image in images]


def drop_if(image: ImageRecord, drops: Mapping[str, Drop]) -> ImageRecord:
    """Mark a picture as dropped when its id is among these and it was not dropped before."""
    drop = drops.get(image.image_id) if image.kept else None
    return image.model_copy(update={"dropped": drop}) if drop else image


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


def _by_character(choices: Iterable[Choice]) -> list[list[Choice]]:
    """Group pictures by character, best first."""
    return _groups(sorted(choices, key=lambda choice: choice.rank), lambda one: one.character)


def _groups(pictures: Iterable[Choice], key: Callable[[Choice], object]) -> list[list[Choice]]:
    """Group pictures in their order: the group of the best picture comes first."""
    groups: dict[object, list[Choice]] = defaultdict(list)
    for one in pictures:
        groups[key(one)].append(one)
    return list(groups.values())


def _spread(groups: Iterable[Sequence[Choice]]) -> list[Choice]:
    """Return the best of every group, then the second best, and so on; unsure pictures last."""
    ranks = zip_longest(*groups)
    spread = [one for turn in ranks for one in turn if one is not None]
    return sorted(spread, key=lambda choice: choice.unsure)


def _drop(reason: DatasetReason, detail: str) -> Drop:
    return Drop(stage="dataset", reason=reason, detail=detail)

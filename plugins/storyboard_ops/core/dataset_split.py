"""Which shots are kept out of training, so that the model can be judged on what it never saw."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable

from storyboard_ops.core.dataset_rules import NOVA_CANVAS
from storyboard_ops.core.dataset_selection import Shot, shot_of
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import ImageRecord

#: Share of each character's shots that is held out.
HELD_OUT_SHARE = 0.1
#: A character with fewer shots needs all of them for training.
MIN_SHOTS = 5


class DatasetSplit(Record):
    """Image ids by their use, and what could not be held out."""

    training: tuple[str, ...]
    evaluation: tuple[str, ...]
    notes: tuple[str, ...] = ()


def split_by_shot(
    images: Iterable[ImageRecord],
    share: float = HELD_OUT_SHARE,
    min_shots: int = MIN_SHOTS,
    least_training: int = NOVA_CANVAS.records[0],
) -> DatasetSplit:
    """Hold out about ``share`` of every character's shots; a shot is never on both sides.

    Shots are drawn in the order of a hash of their identity: the same every time, and from all
    over the film. A character with fewer than ``min_shots`` shots
    gives none, and a shot it shares with another character stays in training too. When training
    would be left with fewer than ``least_training`` pictures, nothing is held out.
    """
    kept = [image for image in images if image.kept]
    cast = _cast_of_shots(kept)
    wanted = {
        character: max(1, round(share * count)) if count >= min_shots and share > 0 else 0
        for character, count in _shot_counts(cast).items()
    }
    held_out, held_by = _draw(cast, wanted)
    evaluation = tuple(image.image_id for image in kept if shot_of(image) in held_out)
    if len(kept) - len(evaluation) < least_training:
        note = f"Nothing is held out: training needs at least {least_training} pictures."
        return DatasetSplit(
            training=tuple(image.image_id for image in kept), evaluation=(), notes=(note,)
        )
    return DatasetSplit(
        training=tuple(image.image_id for image in kept if shot_of(image) not in held_out),
        evaluation=evaluation,
        notes=_notes(cast, wanted, held_by, min_shots),
    )


def _cast_of_shots(images: Iterable[ImageRecord]) -> dict[Shot, set[str]]:
    """The characters that have pictures in each shot."""
    cast: dict[Shot, set[str]] = defaultdict(set)
    for image in images:
        cast[shot_of(image)].add(image.character)
    return cast


def _shot_counts(cast: dict[Shot, set[str]]) -> Counter[str]:
    return Counter(character for characters in cast.values() for character in characters)


def _draw(cast: dict[Shot, set[str]], wanted: dict[str, int]) -> tuple[set[Shot], Counter[str]]:
    """Draw shots until every character has what is wanted, never more than that of any of them."""
    held_out: set[Shot] = set()
    held_by: Counter[str] = Counter()
    for shot in sorted(cast, key=_lot):
        if all(held_by[character] < wanted[character] for character in cast[shot]):
            held_out.add(shot)
            held_by.update(cast[shot])
    return held_out, held_by


def _lot(shot: Shot) -> str:
    """The lot that a shot draws."""
    return hashlib.sha256(f"{shot[0]} {shot[1]}".encode()).hexdigest()


def _notes(
    cast: dict[Shot, set[str]], wanted: dict[str, int], held_by: Counter[str], min_shots: int
) -> tuple[str, ...]:
    counts = _shot_counts(cast)
    notes = []
    for character in sorted(wanted):
        if counts[character] < min_shots:
            notes.append(
                f"{character}: {counts[character]} shots, all used for training; "
                f"from {min_shots} shots on some are held out."
            )
        elif held_by[character] < wanted[character]:
            notes.append(
                f"{character}: {held_by[character]} of {wanted[character]} shots held out; "
                "the others are shared with characters that need them for training."
            )
    return tuple(notes)

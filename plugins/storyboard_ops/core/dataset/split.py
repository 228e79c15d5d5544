"""Which shots are kept out of training, so that the model can be judged on what it never saw.

What is drawn is the take: a shot, or several that may be one. A shot that begins at an anchor of
the shot finder may go on from the shot before, and their pictures are alike.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable

from storyboard_ops.core.dataset.selection import shot_of
from storyboard_ops.core.sampling.shots import ANCHOR
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import ImageRecord, Shot
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS

#: Share of each character's shots that is held out.
HELD_OUT_SHARE = 0.1
#: A character with fewer shots needs all of them for training.
MIN_SHOTS = 5

#: A take is named by its first shot.
Take = Shot


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
    over the film. A character with fewer than ``min_shots`` shots gives none, and a shot it shares
    with another character stays in training too. When training would be left with fewer than
    ``least_training`` pictures, nothing is held out.
    """
    kept = [image for image in images if image.kept]
    takes = takes_of(map(shot_of, kept))
    cast = _cast_of_takes(kept, takes)
    wanted = {
        character: max(1, round(share * count)) if count >= min_shots and share > 0 else 0
        for character, count in _shot_counts(cast).items()
    }
    held_out, held_by = _draw(cast, wanted)
    evaluation = tuple(i.image_id for i in kept if takes[shot_of(i)] in held_out)
    if len(kept) - len(evaluation) < least_training:
        note = f"Nothing is held out: training needs at least {least_training} pictures."
        return DatasetSplit(
            training=tuple(image.image_id for image in kept), evaluation=(), notes=(note,)
        )
    return DatasetSplit(
        training=tuple(i.image_id for i in kept if takes[shot_of(i)] not in held_out),
        evaluation=evaluation,
        notes=_notes(cast, wanted, held_by, min_shots),
    )


def takes_of(shots: Iterable[Shot]) -> dict[Shot, Take]:
    """The take that each shot belongs to."""
    takes: dict[Shot, Take] = {}
    before: Shot | None = None
    for shot in sorted(set(shots)):
        takes[shot] = takes[before] if before and _may_go_on(before, shot) else shot
        before = shot
    return takes


def _may_go_on(before: Shot, shot: Shot) -> bool:
    """Whether a shot may be the rest of another that ended at an anchor for no other reason."""
    (video, first), (other_video, start) = before, shot
    return video == other_video and start % ANCHOR == 0 and first >= start - ANCHOR


def _cast_of_takes(images: Iterable[ImageRecord], takes: dict[Shot, Take]) -> dict[Take, set[str]]:
    """The characters that have pictures in each take."""
    cast: dict[Take, set[str]] = defaultdict(set)
    for image in images:
        cast[takes[shot_of(image)]].add(image.character)
    return cast


def _shot_counts(cast: dict[Take, set[str]]) -> Counter[str]:
    return Counter(character for characters in cast.values() for character in characters)


def _draw(cast: dict[Take, set[str]], wanted: dict[str, int]) -> tuple[set[Take], Counter[str]]:
    """Draw takes until every character has what is wanted, never more than that of any of them."""
    held_out: set[Take] = set()
    held_by: Counter[str] = Counter()
    for take in sorted(cast, key=_lot):
        if all(held_by[character] < wanted[character] for character in cast[take]):
            held_out.add(take)
            held_by.update(cast[take])
    return held_out, held_by


def _lot(take: Take) -> str:
    """The lot that a take draws."""
    return hashlib.sha256(f"{take[0]} {take[1]}".encode()).hexdigest()


def _notes(
    cast: dict[Take, set[str]], wanted: dict[str, int], held_by: Counter[str], min_shots: int
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

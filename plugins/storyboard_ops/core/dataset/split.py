"""Hold out shots from training, so that the model can be evaluated on unseen pictures.

The unit of the draw is a take: a shot, or several that may be one. A shot that begins at an anchor
of the shot finder may continue the previous shot, with similar pictures.
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

#: Share of each character's shots to hold out.
HELD_OUT_SHARE = 0.1
#: Shots from which two are held out at least: those of one shot show a character from one side.
TWO_FROM_SHOTS = 6
#: A character with fewer shots than this needs all of them for training.
MIN_SHOTS = 3
#: Most of a character's shots to hold out, for the sake of others that it shares them with.
MOST_HELD_OUT_SHARE = 1 / 3

#: A take is identified by its first shot.
Take = Shot


class DatasetSplit(Record):
    """Image ids by use, and notes on what could not be held out."""

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

    Rare characters choose first, shots that they share with few others, in the order of a hash of
    the shot's identity: reproducible, and spread over the film. A character with fewer than
    ``min_shots`` shots contributes none, and shots it shares with other characters stay in training
    too. When fewer than ``least_training`` pictures would remain for training, nothing is held out.
    """
    kept = [image for image in images if image.kept]
    takes = takes_of(map(shot_of, kept))
    cast = _cast_of_takes(kept, takes)
    wanted = {
        character: _number_to_hold_out(count, share) if count >= min_shots else 0
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


def _number_to_hold_out(shots: int, share: float) -> int:
    """Return the wanted number: never all shots, at least one, or two where there are enough."""
    least = 2 if shots >= TWO_FROM_SHOTS else 1
    return min(shots - 1, max(least, round(share * shots))) if share > 0 else 0


def takes_of(shots: Iterable[Shot]) -> dict[Shot, Take]:
    """Map each shot to its take."""
    takes: dict[Shot, Take] = {}
    before: Shot | None = None
    for shot in sorted(set(shots)):
        takes[shot] = takes[before] if before and _may_go_on(before, shot) else shot
        before = shot
    return takes


def _may_go_on(before: Shot, shot: Shot) -> bool:
    """Return whether a shot may continue the previous one, which an anchor of the finder ended."""
    (video, first), (other_video, start) = before, shot
    return video == other_video and start % ANCHOR == 0 and first >= start - ANCHOR


def _cast_of_takes(images: Iterable[ImageRecord], takes: dict[Shot, Take]) -> dict[Take, set[str]]:
    """Map each take to the characters with pictures in it."""
    cast: dict[Take, set[str]] = defaultdict(set)
    for image in images:
        cast[takes[shot_of(image)]].add(image.character)
    return cast


def _shot_counts(cast: dict[Take, set[str]]) -> Counter[str]:
    return Counter(character for characters in cast.values() for character in characters)


def _draw(cast: dict[Take, set[str]], wanted: dict[str, int]) -> tuple[set[Take], Counter[str]]:
    """Draw takes until every character has the wanted number, as far as the others allow it.

    A take that several characters share counts for each. Nobody loses more takes than its own
    wanted number, or MOST_HELD_OUT_SHARE where others need the takes.
    """
    counts = _shot_counts(cast)
    most = {
        character: max(number, int(MOST_HELD_OUT_SHARE * counts[character])) if number else 0
        for character, number in wanted.items()
    }
    held_out: set[Take] = set()
    held_by: Counter[str] = Counter()
    for character in sorted(wanted, key=lambda name: (counts[name], name)):
        own = [take for take, characters in cast.items() if character in characters]
        for take in sorted(own, key=lambda take: (len(cast[take]), _lot(take))):
            free = take not in held_out and all(held_by[one] < most[one] for one in cast[take])
            if free and held_by[character] < wanted[character]:
                held_out.add(take)
                held_by.update(cast[take])
    return held_out, held_by


def _lot(take: Take) -> str:
    """Return the sort key of a take in the draw: a SHA-256 digest."""
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

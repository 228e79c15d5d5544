"""Compare two approved datasets: pictures added, removed, recropped, reassigned, recaptioned.

Pictures are identified by their bytes. Where the bytes differ, a picture of the same character in
the same frame with an overlapping box is the same picture, recropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Literal

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import ImageRecord

#: Two boxes of a character in one frame with at least this intersection over union are the same.
SAME_BOX = 0.3

Place = tuple[str, int, str]
Wording = tuple[Literal["same", "out", "in"], str]


class PicturePair(Record):
    """One picture, before and after."""

    before: ImageRecord
    after: ImageRecord


class DatasetDiff(Record):
    """Every picture of both datasets, once."""

    added: tuple[ImageRecord, ...]
    removed: tuple[ImageRecord, ...]
    recaptioned: tuple[PicturePair, ...]  # the same bytes with another caption
    reassigned: tuple[PicturePair, ...]  # the same bytes, now another character's
    recropped: tuple[PicturePair, ...]  # the same place in the film with other pixels
    unchanged: int

    @property
    def changes(self) -> int:
        """Number of pictures that changed."""
        return sum(len(getattr(self, kind)) for kind in KINDS)


#: Kinds of change, in the order in which they are reported.
KINDS = ("added", "removed", "recropped", "reassigned", "recaptioned")


def diff_datasets(before: Iterable[ImageRecord], after: Iterable[ImageRecord]) -> DatasetDiff:
    """Compare the kept pictures of two datasets; each list is sorted by character and film time."""
    old = {image.image_id: image for image in before if image.kept}
    new = {image.image_id: image for image in after if image.kept}
    same = [PicturePair(before=old[key], after=new[key]) for key in old.keys() & new.keys()]
    lost = [image for key, image in old.items() if key not in new]
    gained = [image for key, image in new.items() if key not in old]
    recropped = list(_match_recrops(lost, gained))
    paired = {pair.before.image_id for pair in recropped}
    paired |= {pair.after.image_id for pair in recropped}
    reassigned = [pair for pair in same if pair.before.character != pair.after.character]
    kept = [pair for pair in same if pair.before.character == pair.after.character]
    recaptioned = [pair for pair in kept if pair.before.caption_text != pair.after.caption_text]
    return DatasetDiff(
        added=_in_order(image for image in gained if image.image_id not in paired),
        removed=_in_order(image for image in lost if image.image_id not in paired),
        recaptioned=_pairs_in_order(recaptioned),
        reassigned=_pairs_in_order(reassigned),
        recropped=_pairs_in_order(recropped),
        unchanged=len(kept) - len(recaptioned),
    )


def diff_words(before: str, after: str) -> tuple[Wording, ...]:
    """Compare two captions word by word.

    >>> diff_words("Mira waits alone", "Mira waits by the sea")
    (('same', 'Mira waits'), ('out', 'alone'), ('in', 'by the sea'))
    """
    old, new = before.split(), after.split()
    parts: list[Wording] = []
    for tag, first, last, start, end in SequenceMatcher(None, old, new, False).get_opcodes():
        if tag == "equal":
            parts.append(("same", " ".join(old[first:last])))
            continue
        if first < last:
            parts.append(("out", " ".join(old[first:last])))
        if start < end:
            parts.append(("in", " ".join(new[start:end])))
    return tuple(parts)


def _match_recrops(lost: list[ImageRecord], gained: list[ImageRecord]) -> Iterator[PicturePair]:
    """Pair lost and gained pictures of one place, best overlap first, each picture once."""
    by_place: dict[Place, list[ImageRecord]] = defaultdict(list)
    for image in gained:
        by_place[_place(image)].append(image)
    candidates = [
        (old.crop.detection.box.iou(new.crop.detection.box), old, new)
        for old in lost
        for new in by_place[_place(old)]
    ]
    taken: set[str] = set()
    for overlap, old, new in sorted(candidates, key=lambda c: -c[0]):
        if overlap >= SAME_BOX and not taken & {old.image_id, new.image_id}:
            taken |= {old.image_id, new.image_id}
            yield PicturePair(before=old, after=new)


def _place(image: ImageRecord) -> Place:
    return image.frame.video.sha256, image.frame.pts, image.character


def _film_order(image: ImageRecord) -> tuple[str, str, int, str]:
    return image.character, image.frame.video.uri, image.frame.pts, image.image_id


def _in_order(images: Iterable[ImageRecord]) -> tuple[ImageRecord, ...]:
    return tuple(sorted(images, key=_film_order))


def _pairs_in_order(pairs: Iterable[PicturePair]) -> tuple[PicturePair, ...]:
    return tuple(sorted(pairs, key=lambda pair: _film_order(pair.after)))

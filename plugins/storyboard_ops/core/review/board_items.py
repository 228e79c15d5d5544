"""Turn candidate pictures into items of the review board: what a reviewer needs to decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from storyboard_ops.core.dataset.caption_linter import SHOWN_SHARE
from storyboard_ops.domain.image_records import Box, CropDrop, Frame, ImageRecord, Shot
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.review.corrected_cut import CutBox
from storyboard_ops.domain.review.review_records import BoardItem, Flag, Neighbour, Place

#: Frames of the shot shown before and after a picture's own frame.
NEIGHBOURS = 2
#: Detections with lower confidence are flagged for a closer look.
SURE = 0.75
#: Share of another character's box inside a picture from which a part of them is seen there.
PART_SHARE = 0.2
#: Why a detection of a person has no name, and so no picture.
NOT_NAMED = ("stranger", "nameless")
#: Share of their box that must be inside a picture for them to be in it.
STRANGER_SHARE = 0.3
#: A box that overlaps the picture's own detection by this much is of the same person.
SAME_PERSON = 0.5


def board_items(
    images: Iterable[ImageRecord],
    frames: Iterable[Frame],
    production: Production,
    thumb_uri: Callable[[ImageRecord], str],
    drops: Iterable[CropDrop] = (),
) -> list[BoardItem]:
    """Build the items, sorted by character, video and time for easy comparison.

    ``frames``: all frames of the films, dropped ones included; only stored ones are shown.
    ``drops``: detections without a picture; the items say when such a person is in their picture.
    """
    shots = _by_shot(frames)
    ordered = sorted(images, key=lambda i: (i.character, i.frame.video.uri, i.frame.k, i.image_id))
    people = _people_by_frame(drops)
    return [
        _item(image, shots, production.names, thumb_uri(image), people[image.frame.uri])
        for image in ordered
    ]


def _people_by_frame(drops: Iterable[CropDrop]) -> Mapping[str, list[Box]]:
    boxes: dict[str, list[Box]] = defaultdict(list)
    for drop in drops:
        if drop.drop.reason in NOT_NAMED:
            boxes[drop.frame.uri].append(drop.detection.box)
    return boxes


def _by_shot(frames: Iterable[Frame]) -> dict[Shot, list[Frame]]:
    shots: dict[Shot, list[Frame]] = defaultdict(list)
    for frame in frames:
        if frame.uri:
            shots[frame.video.uri, frame.shot].append(frame)
    return {shot: sorted(group, key=lambda f: f.k) for shot, group in shots.items()}


def _item(
    image: ImageRecord,
    shots: dict[Shot, list[Frame]],
    names: dict[str, str],
    thumb_uri: str,
    people: Sequence[Box],
) -> BoardItem:
    remarks = [*_remarks(image, names), *_remarks_about(image, people)]
    crop = image.crop
    shot = shots.get((image.frame.video.uri, image.frame.shot), [image.frame])
    return BoardItem(
        id=image.image_id,
        character=image.character,
        caption=image.caption_text,
        video=PurePosixPath(image.frame.video.uri).name,
        shot=image.frame.shot,
        timecode=image.frame.timecode,
        score=round(crop.detection.confidence, 3),
        width=image.width,
        height=image.height,
        picture_uri=image.uri,
        thumb_uri=thumb_uri,
        neighbours=tuple(_neighbours(image, shot)),
        place=Place(
            video_sha256=image.frame.video.sha256,
            pts=image.frame.pts,
            part=crop.part,
            box=crop.detection.box,
        ),
        cut=CutBox(left=crop.left, top=crop.top, width=crop.width, height=crop.height),
        frame_size=(image.frame.width, image.frame.height),
        question=bool(image.unsure),
        flags=tuple(dict.fromkeys(flag for flag, _ in remarks)),
        notes=tuple(note for _, note in remarks),
    )


def _neighbours(image: ImageRecord, shot: Sequence[Frame]) -> Iterator[Neighbour]:
    before = [frame for frame in shot if frame.k < image.frame.k][-NEIGHBOURS:]
    after = [frame for frame in shot if frame.k > image.frame.k][:NEIGHBOURS]
    for frame in (*before, image.frame, *after):
        own = frame is image.frame
        yield Neighbour(
            uri=frame.uri,
            timecode=frame.timecode,
            own=own,
            box=_cut_box(image) if own else None,
        )


def _cut_box(image: ImageRecord) -> tuple[float, float, float, float]:
    """Return the crop's rectangle in its frame: x, y, w, h as ratios."""
    crop, frame = image.crop, image.frame
    return (
        round(crop.left / frame.width, 4),
        round(crop.top / frame.height, 4),
        round(crop.width / frame.width, 4),
        round(crop.height / frame.height, 4),
    )


def _remarks_about(image: ImageRecord, people: Sequence[Box]) -> Iterator[tuple[Flag, str]]:
    """Yield a remark when people whom nobody has named are in the picture."""
    left, top, width, height = _cut_box(image)
    cut = Box.clamped(left, top, left + width, top + height)
    own = image.crop.detection.box
    seen = [
        box
        for box in people
        if cut and box.common_area(cut) >= STRANGER_SHARE * box.area and box.iou(own) < SAME_PERSON
    ]
    if seen:
        yield "shared", "Somebody who is not in the cast is in the picture too."


def _remarks(image: ImageRecord, names: dict[str, str]) -> Iterator[tuple[Flag, str]]:
    crop = image.crop
    if crop.enlargement > 1:
        yield "enlarged", f"Enlarged by {100 * (crop.enlargement - 1):.0f} %."
    if crop.head_cut:
        yield "head cut", "The detection touches the upper border: the head may be cut off."
    for other, share in sorted(crop.overlap.items()):
        name = names.get(other, other)
        if share >= SHOWN_SHARE:
            yield "shared", f"{name} is in the picture too."
        elif share >= PART_SHARE:
            yield "shared", f"A part of {name} is in the picture too."
    if image.unsure:
        yield "unsure", f"Is it {names.get(image.character, image.character)}? {image.unsure}."
    elif crop.detection.confidence < SURE:
        yield "unsure", f"The detector is {100 * crop.detection.confidence:.0f} % sure."
    for finding in image.caption.findings if image.caption else ():
        yield "caption", f"Caption: {finding}."

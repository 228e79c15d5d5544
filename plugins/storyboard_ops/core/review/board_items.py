"""Turn candidate pictures into items of the review board: what a reviewer needs to decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from storyboard_ops.core.dataset.caption_linter import SHOWN_SHARE
from storyboard_ops.domain.image_records import Frame, ImageRecord, Shot
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.review.review_records import BoardItem, Flag, Neighbour, Place

#: Frames of the shot shown before and after a picture's own frame.
NEIGHBOURS = 2
#: Detections with lower confidence are flagged for a closer look.
SURE = 0.75


def board_items(
    images: Iterable[ImageRecord],
    frames: Iterable[Frame],
    production: Production,
    thumb_uri: Callable[[ImageRecord], str],
) -> list[BoardItem]:
    """Build the items, sorted by character, video and time for easy comparison.

    ``frames``: all frames of the films, dropped ones included; only stored ones are shown.
    """
    shots = _by_shot(frames)
    ordered = sorted(images, key=lambda i: (i.character, i.frame.video.uri, i.frame.k, i.image_id))
    return [_item(image, shots, production.names, thumb_uri(image)) for image in ordered]


def _by_shot(frames: Iterable[Frame]) -> dict[Shot, list[Frame]]:
    shots: dict[Shot, list[Frame]] = defaultdict(list)
    for frame in frames:
        if frame.uri:
            shots[frame.video.uri, frame.shot].append(frame)
    return {shot: sorted(group, key=lambda f: f.k) for shot, group in shots.items()}


def _item(
    image: ImageRecord, shots: dict[Shot, list[Frame]], names: dict[str, str], thumb_uri: str
) -> BoardItem:
    remarks = list(_remarks(image, names))
    shot = shots.get((image.frame.video.uri, image.frame.shot), [image.frame])
    return BoardItem(
        id=image.image_id,
        character=image.character,
        caption=image.caption_text,
        video=PurePosixPath(image.frame.video.uri).name,
        shot=image.frame.shot,
        timecode=image.frame.timecode,
        score=round(image.crop.detection.confidence, 3),
        width=image.width,
        height=image.height,
        picture_uri=image.uri,
        thumb_uri=thumb_uri,
        neighbours=tuple(_neighbours(image, shot)),
        place=Place(
            video_sha256=image.frame.video.sha256,
            pts=image.frame.pts,
            part=image.crop.part,
            box=image.crop.detection.box,
        ),
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


def _remarks(image: ImageRecord, names: dict[str, str]) -> Iterator[tuple[Flag, str]]:
    crop = image.crop
    if crop.enlargement > 1:
        yield "enlarged", f"Enlarged by {100 * (crop.enlargement - 1):.0f} %."
    if crop.head_cut:
        yield "head cut", "The detection touches the upper border: the head may be cut off."
    for other, share in sorted(crop.overlap.items()):
        if share >= SHOWN_SHARE:
            yield "shared", f"{names.get(other, other)} is in the picture too."
    if image.unsure:
        yield "unsure", f"Is it {names.get(image.character, image.character)}? {image.unsure}."
    elif crop.detection.confidence < SURE:
        yield "unsure", f"The detector is {100 * crop.detection.confidence:.0f} % sure."
    for finding in image.caption.findings if image.caption else ():
        yield "caption", f"Caption: {finding}."

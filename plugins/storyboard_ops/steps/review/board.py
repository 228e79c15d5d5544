"""Lay out the board of a review: its items, and a thumbnail of every picture.

review/board.jsonl      items of kind "board_items", in display order
review/thumbs/{id}.jpg  a thumbnail of each picture, so that a board of a thousand scrolls smoothly
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from storyboard_ops.core.pictures.codec import decode_rgb, encode_jpeg, fit_within
from storyboard_ops.core.review.board_items import board_items
from storyboard_ops.core.review.looks import look_of
from storyboard_ops.domain.image_records import CropDrop, Frame, ImageRecord
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.review_records import BoardItem
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.steps.run.progress import Progress
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.frame_manifests import frames_of_run

THUMB_SIDE = 320
THUMB_QUALITY = 75


def plain_items(tools: ToolBox, images: Sequence[ImageRecord]) -> list[BoardItem]:
    """Return the items of the board, in its order, without thumbnails."""
    shots = {image.frame.shot_id for image in images}
    frames = (frame for frame in _frames(tools) if frame.shot_id in shots)
    shown = {image.frame.uri for image in images}
    drops = (drop for drop in _drops(tools) if drop.frame.uri in shown)
    return board_items(images, frames, tools.production, lambda image: image.uri, drops)


def with_thumbnails(tools: ToolBox, items: Sequence[BoardItem]) -> list[BoardItem]:
    """Return the items with a thumbnail of every picture, and its look.

    The picture itself stands in where no thumbnail could be made.
    """
    folder = tools.run_root / "review/thumbs"
    there = {head.uri.name for head in tools.objects.list(folder)}
    progress = Progress("Made", len(items), "thumbnails")
    made = call_each(
        items,
        lambda item: _with_thumbnail(tools, item, folder, there),
        progress=progress.add_call,
    )
    return [one.value or one.item for one in made]


def _frames(tools: ToolBox) -> Iterator[Frame]:
    for ref in frames_of_run(tools):
        yield from tools.manifests.stream(ref, Frame, "frames")


def _drops(tools: ToolBox) -> Iterator[CropDrop]:
    found = tools.manifests.latest(tools.run_root / "crops/drops.jsonl")
    if found:
        yield from tools.manifests.stream(found[0], CropDrop, "drops")


def _with_thumbnail(
    tools: ToolBox, item: BoardItem, folder: S3Uri, there: Collection[str]
) -> BoardItem:
    pixels = fit_within(decode_rgb(tools.objects.get(S3Uri.parse(item.picture_uri))), THUMB_SIDE)
    place = folder / f"{item.id}.jpg"
    if place.name not in there:
        tools.objects.put(place, encode_jpeg(pixels, THUMB_QUALITY), "image/jpeg")
    return item.model_copy(update={"thumb_uri": str(place), "look": look_of(pixels)})

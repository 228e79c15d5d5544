"""Lay out the board of a review: its items, and a thumbnail of every picture.

review/board.jsonl      items of kind "board_items", in display order
review/thumbs/{id}.jpg  a thumbnail of each picture, so that a board of a thousand scrolls smoothly
"""

from __future__ import annotations

from collections.abc import Sequence

from storyboard_ops.core.pictures.codec import decode_rgb, encode_jpeg, fit_within
from storyboard_ops.core.review.board_items import board_items
from storyboard_ops.domain.image_records import CropDrop, Frame, ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.review_records import BoardItem
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.frame_manifests import frames_of_run

THUMB_SIDE = 320
THUMB_QUALITY = 75


def plain_items(tools: ToolBox, images: Sequence[ImageRecord]) -> list[BoardItem]:
    """Return the items of the board, in its order, without thumbnails."""
    found = tools.manifests.latest(tools.run_root / "crops/drops.jsonl")
    drops = tools.manifests.read(found[0], CropDrop, "drops").records if found else ()
    frames = _read_frames(tools)
    return board_items(images, frames, tools.production, lambda image: image.uri, drops)


def lay_out_board(
    tools: ToolBox,
    images: Sequence[ImageRecord],
    uri: S3Uri,
    digest: str,
    items: Sequence[BoardItem],
) -> ManifestRef:
    """Write the items to ``uri``, with a thumbnail of every picture."""
    thumbs = _make_thumbnails(tools, images)
    shown = [item.model_copy(update={"thumb_uri": thumbs[item.id]}) for item in items]
    return tools.manifests.commit(uri, "board_items", digest, shown)


def _read_frames(tools: ToolBox) -> list[Frame]:
    refs = frames_of_run(tools)
    return [f for ref in refs for f in tools.manifests.read(ref, Frame, "frames").records]


def _make_thumbnails(tools: ToolBox, images: Sequence[ImageRecord]) -> dict[str, str]:
    """Return thumbnail URIs by image id; the picture itself where none could be made."""
    folder = tools.run_root / "review/thumbs"
    there = {head.uri.name for head in tools.objects.list(folder)}
    missing = [image for image in images if f"{image.image_id}.jpg" not in there]
    made = call_each(missing, lambda i: _make_thumbnail(tools, i, folder))
    uris = {image.image_id: str(folder / f"{image.image_id}.jpg") for image in images}
    return uris | {one.item.image_id: one.item.uri for one in made if one.value is None}


def _make_thumbnail(tools: ToolBox, image: ImageRecord, folder: S3Uri) -> str:
    pixels = fit_within(decode_rgb(tools.objects.get(S3Uri.parse(image.uri))), THUMB_SIDE)
    body = encode_jpeg(pixels, THUMB_QUALITY)
    return tools.objects.put(folder / f"{image.image_id}.jpg", body, "image/jpeg")

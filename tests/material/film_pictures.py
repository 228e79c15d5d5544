"""Frames of the sample film, and what is known to be in them: its characters and their boxes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.dataset.crop_geometry import crop_rect, overlaps
from storyboard_ops.core.pictures.codec import encode_jpeg, encode_png
from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.core.storyboard.figures import paint_out
from storyboard_ops.domain.image_records import Box, ImageRecord
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.gateways.include_files import include_path
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material import factories

FILM = include_path("sample_film/paper-lantern.mp4")

Rgb = NDArray[np.uint8]


@cache
def _frames(path: Path) -> list[Rgb]:
    """The first frame at or after every second, (H, W, 3) RGB."""
    frames: list[Rgb] = []
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            if frame.time is not None and frame.time >= len(frames):
                frames.append(frame.to_ndarray(format="rgb24"))
    return frames


@cache
def _truth() -> dict[int, dict[str, Box]]:
    truth: dict[str, Any] = json.loads(include_path("sample_film/truth.json").read_text())
    return {
        int(frame["t"]): {
            one["id"]: Box(x=one["box"][0], y=one["box"][1], w=one["box"][2], h=one["box"][3])
            for one in frame["characters"]
        }
        for frame in truth["frames"]
    }


def frame_at(second: int) -> Rgb:
    """The frame on screen at a second of the film."""
    return _frames(FILM)[second]


def cast_at(second: int) -> tuple[str, ...]:
    """Who is in that frame."""
    return tuple(sorted(_truth()[second]))


def crop_at(second: int, character: str) -> Rgb:
    """The character cut out of that frame, with the usual margin."""
    cut = _cut(second, character)
    return frame_at(second)[cut.top : cut.bottom, cut.left : cut.right]


def _cut(second: int, character: str) -> PixelRect:
    height, width = frame_at(second).shape[:2]
    box = pixels_of(_truth()[second][character], width, height)
    return crop_rect(box, PixelRect(0, 0, width, height), 0.12)


@cache
def _crop_png(second: int, character: str) -> bytes:
    return encode_png(crop_at(second, character))


@cache
def _frame_jpeg(second: int) -> bytes:
    return encode_jpeg(frame_at(second))


def approved_picture(tools: ToolBox, second: int, character: str) -> ImageRecord:
    """The record of that crop; it and its frame are stored."""
    png, jpeg = _crop_png(second, character), _frame_jpeg(second)
    image_id, frame_sha = sha256_hex(png), sha256_hex(jpeg)
    uri = tools.objects.put(tools.run_root / f"crops/{image_id}.png", png, "image/png")
    frame_uri = tools.objects.put(
        tools.workspace.root / f"library/frames/{second}.jpg", jpeg, "image/jpeg"
    )
    frame = factories.frame(second).model_copy(update={"uri": frame_uri, "sha256": frame_sha})
    image = factories.image(second, character, image_id=image_id, uri=uri, frame=frame)
    found = [factories.detection(name, box=box) for name, box in boxes_at(second).items()]
    [own] = [one for one in found if one.character == character]
    height, width = frame_at(second).shape[:2]
    overlap = overlaps(_cut(second, character), character, found, (width, height))
    crop = image.crop.model_copy(update={"detection": own, "overlap": overlap})
    return image.model_copy(update={"crop": crop})


def boxes_at(second: int) -> dict[str, Box]:
    """Where they are, by character."""
    return _truth()[second]


def painted_out(second: int) -> Rgb:
    """That frame without its characters."""
    return paint_out(frame_at(second), boxes_at(second).values())

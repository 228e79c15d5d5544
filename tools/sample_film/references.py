"""Model sheets: the reference pictures by which the pipeline knows the characters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tools.sample_film.characters import CAST, Character
from tools.sample_film.characters.pose import Eyes, Held, Mouth, Pose
from tools.sample_film.paper.canvas import bgr
from tools.sample_film.paper.images import ByteImage
from tools.sample_film.rendering.sprite import sprite
from tools.sample_film.staging.stage import Light

LIGHT = Light(rim_strength=0.2)
PAGE = 416  # height of a picture in pixels
SCALE = 1.1  # pixels per unit while drawing
AROUND = 0.06  # blank margin as a share of the figure


@dataclass(frozen=True)
class Sheet:
    """One reference picture. close_up shows the head alone. paper: colours of top and bottom."""

    name: str
    pose: Pose
    close_up: bool
    paper: tuple[str, str]


SHEETS = (
    Sheet("front", Pose(), False, ("#ece7de", "#d8d2c6")),
    Sheet("three_quarter", Pose(yaw=38, near=-8, far=30), False, ("#dfe6e8", "#c6d0d4")),
    Sheet("walking", Pose(yaw=82, stride=0.0, near=-24, far=24), False, ("#e8e4ee", "#cfcad8")),
    Sheet("head", Pose(yaw=8), True, ("#f2ead8", "#dccfb6")),
    Sheet(
        "laughing",
        Pose(yaw=-34, eyes=Eyes.HAPPY, mouth=Mouth.OPEN, held=Held.NOTHING),
        True,
        ("#d9e2d8", "#bccabc"),
    ),
)


def file_name(character: Character, sheet: Sheet) -> str:
    return f"{character.id}_{sheet.name}.png"


def draw_reference(character: Character, sheet: Sheet) -> ByteImage:
    """BGR, uint8, `PAGE` pixels high."""
    drawn = sprite(character.id, sheet.pose, 1.8 * SCALE if sheet.close_up else SCALE, LIGHT)
    left, top, right, bottom = _crop(character, sheet, drawn.image, drawn.sole)
    shrink = PAGE / (bottom - top)
    size = (int((right - left) * shrink), PAGE)
    matrix = np.array([[shrink, 0, -left * shrink], [0, shrink, -top * shrink]])
    figure = cv2.warpAffine(drawn.image, matrix, size, flags=cv2.INTER_AREA).astype(np.float32)
    paper = _paper(sheet.paper, size)
    mixed = figure[..., :3] + paper * (1 - figure[..., 3:] / 255)
    return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


def _crop(
    character: Character, sheet: Sheet, image: ByteImage, sole: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the part to show, in pixels of the drawing."""
    if sheet.close_up:
        (x, y), radius = character.head
        scale, side = 1.8 * SCALE, -1 if sheet.pose.mirrored else 1
        centre = (sole[0] + side * x * scale, sole[1] + y * scale)
        reach = 1.28 * radius * scale
        return centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach
    x, y, width, height = cv2.boundingRect((image[..., 3] > 8).astype(np.uint8))
    margin = AROUND * height
    wide = max(width, 0.62 * height) + 2 * margin
    middle = x + width / 2
    return middle - wide / 2, y - margin, middle + wide / 2, y + height + margin


def _paper(colours: tuple[str, str], size: tuple[int, int]) -> np.ndarray:
    share = np.linspace(0.0, 1.0, size[1], dtype=np.float32)[:, None, None]
    ramp = bgr(colours[0]) * (1 - share) + bgr(colours[1]) * share
    return np.broadcast_to(255 * ramp, (size[1], size[0], 3))


def write_references(folder: Path) -> list[Path]:
    """Draw every reference picture of the cast into `folder`; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for character in CAST.values():
        for sheet in SHEETS:
            path = folder / file_name(character, sheet)
            if not cv2.imwrite(str(path), draw_reference(character, sheet)):
                raise OSError(f"{path}: could not be written; check that the folder is writable")
            written.append(path)
    return written

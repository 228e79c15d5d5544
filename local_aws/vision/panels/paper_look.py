"""The look of panels: pencil, paper grain, a frame, and the ribbon that labels a placeholder."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from local_aws.vision.picture_codec import Pixels

RIBBON_TITLE = "LOCAL PLACEHOLDER"
PAPER = (236, 243, 247)
INK = (74, 62, 56)
FONT = cv2.FONT_HERSHEY_DUPLEX


def draw_on_paper(generator: Generator, picture: Pixels) -> Pixels:
    """Return the picture with pencil lines along its edges, paper grain and a darker rim."""
    height, width = picture.shape[:2]
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    spread = cv2.GaussianBlur(grey, (0, 0), max(1.0, height / 320)).astype(np.float32) + 1.0
    pencil = np.clip(grey / spread, 0.55, 1.0)
    noise = generator.normal(1.0, 0.018, (height, width)).astype(np.float32)
    grain = cv2.GaussianBlur(noise, (0, 0), 0.7)
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    rim = 1.0 - 0.10 * np.clip(down**2 + across**2 - 0.7, 0, None)
    drawn = picture * ((0.45 + 0.55 * pencil) * grain * rim)[:, :, None]
    pixels: Pixels = np.clip(drawn, 0, 255).astype(np.uint8)
    return pixels


def add_frame(picture: Pixels) -> Pixels:
    """Return the picture with a paper margin, wider below, and a thin ink line, of the same size.

    The picture is scaled into the frame; what the change of shape would stretch is cut off above.
    """
    height, width = picture.shape[:2]
    margin, foot = _compute_margin(picture), _compute_foot(picture)
    inner_height, inner_width = height - margin - foot, width - 2 * margin
    scaled_height = round(height * inner_width / width)
    scaled = cv2.resize(picture, (inner_width, scaled_height), interpolation=cv2.INTER_AREA)
    framed = np.full_like(picture, PAPER)
    shown = scaled[max(0, scaled_height - inner_height) :]
    framed[height - foot - len(shown) : height - foot, margin : width - margin] = shown
    corners = (margin, height - foot - len(shown)), (width - margin - 1, height - foot - 1)
    cv2.rectangle(framed, *corners, INK, max(1, margin // 6), cv2.LINE_AA)
    return framed


def add_ribbon(picture: Pixels, note: str) -> Pixels:
    """Return the framed picture with LOCAL PLACEHOLDER, a dot and `note` in its lower margin."""
    height, width = picture.shape[:2]
    margin, foot = _compute_margin(picture), _compute_foot(picture)
    scale, weight = _fit_scale(note, width - 2 * margin, foot)
    (title_width, line), _ = cv2.getTextSize(RIBBON_TITLE, FONT, scale, weight)
    result = picture.copy()
    base = height - (foot - line) // 2
    flag = round(0.3 * line)
    cv2.rectangle(result, (margin, base - line), (margin + flag, base), INK, -1)
    left = margin + 3 * flag
    cv2.putText(result, RIBBON_TITLE, (left, base), FONT, scale, INK, weight, cv2.LINE_AA)
    left += title_width + line
    cv2.circle(result, (left, base - line // 2), max(2, line // 6), INK, -1, cv2.LINE_AA)
    left += line
    cv2.putText(result, note, (left, base), FONT, scale, INK, weight, cv2.LINE_AA)
    return result


def write_lines(picture: Pixels, lines: list[str], scale: float) -> None:
    """Write centred lines of text in the middle of the picture, in place."""
    height, width = picture.shape[:2]
    weight = max(1, round(1.6 * scale))
    step = round(44 * scale)
    top = (height - step * (len(lines) - 1)) // 2
    for number, line in enumerate(lines):
        (length, _), _ = cv2.getTextSize(line, FONT, scale, weight)
        start = ((width - length) // 2, top + number * step)
        cv2.putText(picture, line, start, FONT, scale, INK, weight, cv2.LINE_AA)


def _compute_margin(picture: Pixels) -> int:
    return max(4, round(0.018 * _find_short_side(picture)))


def _compute_foot(picture: Pixels) -> int:
    return max(14, round(0.055 * _find_short_side(picture)))


def _find_short_side(picture: Pixels) -> int:
    return min(int(picture.shape[0]), int(picture.shape[1]))


def _fit_scale(note: str, width: int, height: int) -> tuple[float, int]:
    (length, line), _ = cv2.getTextSize(f"{RIBBON_TITLE}    {note}", FONT, 1.0, 1)
    scale = min(0.94 * width / length, 0.45 * height / line)
    return scale, max(1, round(1.2 * scale))

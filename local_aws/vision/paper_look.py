"""The look that panels share: pencil, paper grain, a frame, and the ribbon that says what it is."""

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
    return np.clip(drawn, 0, 255).astype(np.uint8)


def add_frame(picture: Pixels) -> Pixels:
    """Return the picture with a paper margin and a thin ink line around it, of the same size."""
    height, width = picture.shape[:2]
    margin = max(4, round(0.018 * min(height, width)))
    framed = np.full_like(picture, PAPER)
    inner = slice(margin, height - margin), slice(margin, width - margin)
    framed[inner] = picture[inner]
    corners = (margin, margin), (width - margin - 1, height - margin - 1)
    cv2.rectangle(framed, *corners, INK, max(1, margin // 6), cv2.LINE_AA)
    return framed


def add_ribbon(picture: Pixels, note: str) -> Pixels:
    """Return the picture with a strip at its lower edge: LOCAL PLACEHOLDER, a dot, `note`."""
    height, width = picture.shape[:2]
    scale, weight = _fitting_scale(note, width, height)
    (title_width, line), _ = cv2.getTextSize(RIBBON_TITLE, FONT, scale, weight)
    (note_width, _), _ = cv2.getTextSize(note, FONT, scale, weight)
    gap, padding = round(1.1 * line), round(0.9 * line)
    margin = max(4, round(0.018 * min(height, width)))
    right = margin + title_width + note_width + 2 * gap + 2 * padding
    bottom, top = height - 2 * margin, height - 2 * margin - line - 2 * padding
    result = picture.copy()
    strip = result[top:bottom, margin:right]
    strip[:] = (0.14 * strip + 0.86 * np.array(PAPER)).astype(np.uint8)
    cv2.rectangle(result, (margin, top), (margin + max(2, line // 4), bottom - 1), INK, -1)
    base = bottom - padding
    left = margin + padding
    cv2.putText(result, RIBBON_TITLE, (left, base), FONT, scale, INK, weight, cv2.LINE_AA)
    dot = (left + title_width + gap, base - line // 2)
    cv2.circle(result, dot, max(2, line // 6), INK, -1, cv2.LINE_AA)
    left += title_width + 2 * gap
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


def _fitting_scale(note: str, width: int, height: int) -> tuple[float, int]:
    (length, _), _ = cv2.getTextSize(f"{RIBBON_TITLE}    {note}", FONT, 1.0, 1)
    scale = min(0.86 * width / length, 0.028 * height / 22)
    return scale, max(1, round(1.2 * scale))

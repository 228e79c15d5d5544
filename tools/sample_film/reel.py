"""The film frame by frame: shots with their transitions, and the truth about every frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from tools.sample_film.paper.images import ByteImage
from tools.sample_film.rendering.compositor import Figure, Picture, draw, moment
from tools.sample_film.shots import SHOTS
from tools.sample_film.staging.camera import FPS, HEIGHT, WIDTH, ease
from tools.sample_film.staging.stage import Shot, Transition
from tools.sample_film.truth import CharacterTruth, FrameTruth

BLURRED_FROM = 3.0  # pixels of blur from which a frame is tagged "blur"
AMBIGUOUS_BLUR = 7.0  # pixels of blur from which a character is ambiguous
AMBIGUOUS_SIDE = 40.0  # pixels; a smaller character is ambiguous
AMBIGUOUS_PART = 0.12  # visible share below which a character is ambiguous
DARK = 0.08  # share of its light below which a fading frame is tagged "black"
SOLID = 128  # coverage from which a pixel belongs to a character


@dataclass(frozen=True)
class ReelFrame:
    """pixels: BGR uint8 of shape (720, 1280, 3)."""

    pixels: ByteImage
    truth: FrameTruth


def shot_starts() -> list[int]:
    """Index of the first frame of every shot."""
    lengths = [shot.frames for shot in SHOTS]
    return [sum(lengths[:i]) for i in range(len(lengths))]


def total_frames() -> int:
    return sum(shot.frames for shot in SHOTS)


def frame_at(index: int) -> ReelFrame:
    """Frame `index` of the film, counted from 0.

    Raises IndexError when the film has no such frame.
    """
    if not 0 <= index < total_frames():
        raise IndexError(f"frame {index}: the film has frames 0 to {total_frames() - 1}")
    number = max(n for n, start in enumerate(shot_starts()) if start <= index)
    return _finished(number, index - shot_starts()[number])


def frames_of(number: int) -> Iterator[ReelFrame]:
    """Every frame of shot `number`, in order."""
    return (_finished(number, i) for i in range(SHOTS[number].frames))


def _finished(number: int, i: int) -> ReelFrame:
    shot = SHOTS[number]
    picture = draw(shot, i)
    pixels, tags = picture.pixels, set(shot.tags)
    light = _brightness(shot, i)
    if light < 1:
        pixels = cv2.convertScaleAbs(pixels, alpha=light).astype(np.uint8)
        tags |= {"fade", "black"} if light < DARK else {"fade"}
    if _dissolving(shot, i):
        pixels = _dissolve(number, i, pixels)
        tags.add("dissolve")
    if picture.blur > BLURRED_FROM:
        tags.add("blur")
    if _is_still(shot, i):
        tags.add("still")
    index = shot_starts()[number] + i
    unclear = picture.blur > AMBIGUOUS_BLUR or light < 0.5 or "dissolve" in tags
    return ReelFrame(
        pixels,
        FrameTruth(index, number, _cast(picture, unclear), tuple(sorted(tags))),
    )


def _brightness(shot: Shot, i: int) -> float:
    """Share of the light that the fades leave in frame `i` of a shot."""
    opening = ease(i / FPS, 0.0, shot.transition) if shot.begins is Transition.FADE else 1.0
    left = (shot.frames - 1 - i) / FPS
    closing = ease(left, 0.0, shot.fade_out) if shot.fade_out else 1.0
    return min(opening, closing)


def _dissolving(shot: Shot, i: int) -> bool:
    return shot.begins is Transition.DISSOLVE and i < shot.transition * FPS


def _dissolve(number: int, i: int, pixels: ByteImage) -> ByteImage:
    """Mix with the shot before, which runs on underneath."""
    shot, before = SHOTS[number], SHOTS[number - 1]
    leaving = draw(before, before.frames + i)
    if leaving.figures:
        raise ValueError(f"shot {before.name!r}: a shot that dissolves away must show no character")
    share = ease(i / FPS, 0.0, shot.transition)
    return cv2.addWeighted(pixels, share, leaving.pixels, 1 - share, 0).astype(np.uint8)


def _is_still(shot: Shot, i: int) -> bool:
    """Whether camera and cast are exactly as in the frame before; scenery may drift."""
    if i == 0 or not shot.actors:
        return False
    now, before = moment(shot, i), moment(shot, i - 1)
    return now.camera == before.camera and now.places == before.places


def _cast(picture: Picture, unclear: bool) -> tuple[CharacterTruth, ...]:
    seen = (_character(figure, unclear) for figure in picture.figures)
    return tuple(c for c in seen if c is not None)


def _character(figure: Figure, unclear: bool) -> CharacterTruth | None:
    box = visible_box(figure.mask)
    if box is None:
        return None
    visible = min(1.0, float(figure.mask.sum()) / 255 / figure.area)
    small = min(box[2] * WIDTH, box[3] * HEIGHT) < AMBIGUOUS_SIDE
    ambiguous = unclear or small or visible < AMBIGUOUS_PART
    return CharacterTruth(figure.character_id, box, round(visible, 3), figure.view, ambiguous)


def visible_box(mask: ByteImage) -> tuple[float, float, float, float] | None:
    """x, y, width, height of the solid pixels as fractions of the frame; None without any."""
    x, y, width, height = cv2.boundingRect((mask >= SOLID).astype(np.uint8))
    if width == 0:
        return None
    return (
        round(x / WIDTH, 5),
        round(y / HEIGHT, 5),
        round(width / WIDTH, 5),
        round(height / HEIGHT, 5),
    )

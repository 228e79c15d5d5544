"""Puts layers and sprites together into frames, and keeps account of what stays visible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from cv2.typing import MatLike

from tools.sample_film.characters.pose import Held
from tools.sample_film.paper.canvas import bgr
from tools.sample_film.paper.images import ByteImage
from tools.sample_film.paper.light import falloff
from tools.sample_film.paper.outline import Point
from tools.sample_film.rendering.sprite import GLOW_COLOUR, Sprite, sprite
from tools.sample_film.staging.camera import FPS, HEIGHT, WIDTH, Camera
from tools.sample_film.staging.stage import STAGE, Actor, Layer, Light, Placement, Setting, Shot

POSES_PER_SECOND = 12  # paper figures are animated on twos; camera and travel run on ones
SHADOW_OFFSET = (9.0, 13.0)  # of a figure on the scenery behind it, in units
APERTURE = 17.0  # blur radius in pixels per unit of parallax away from the focus
GLARE = np.uint8(150)  # brightness from which paper shines over its edge
SHUTTER = 0.5  # share of the frame time during which motion smears
SMEAR_FROM = 14.0  # pixels of camera travel per frame below which nothing smears


@dataclass(frozen=True)
class Figure:
    """A character in one frame.

    mask: what of it is visible, uint8 coverage of shape (720, 1280). area: coverage, in pixels, of
    the whole figure as if nothing hid it and the frame had no end.
    """

    character_id: str
    view: str
    mask: ByteImage
    area: float


@dataclass(frozen=True)
class Picture:
    """One drawn frame: BGR uint8 of shape (720, 1280, 3), its figures and how blurred it is.

    blur: the larger of the focus blur of the figures and the smear of the camera, in pixels.
    """

    pixels: ByteImage
    figures: tuple[Figure, ...]
    blur: float


@dataclass(frozen=True)
class _Piece:
    """Something to paint: premultiplied BGRA of the frame's window (left, top)."""

    image: ByteImage
    left: int
    top: int

    @property
    def window(self) -> tuple[slice, slice]:
        height, width = self.image.shape[:2]
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


@lru_cache(maxsize=4)
def layers_of(setting: Setting) -> tuple[Layer, ...]:
    return setting.build()


@dataclass(frozen=True)
class Moment:
    """All that a frame of a shot depends on; equal moments give equal pictures."""

    camera: Camera
    places: tuple[Placement, ...]
    drifts: tuple[Point, ...]
    strengths: tuple[float, ...]
    focus: float | None
    smear: float


def moment(shot: Shot, index: int) -> Moment:
    """Where everything is in frame `index`: travel runs on ones, poses on twos."""
    t = index / FPS
    held = int(t * POSES_PER_SECOND + 1e-6) / POSES_PER_SECOND
    return Moment(
        camera=shot.camera(t),
        places=tuple(replace(a.act(t), pose=a.act(held).pose) for a in shot.actors),
        drifts=tuple(layer.drift(t) for layer in _seen_layers(shot)),
        strengths=tuple(layer.strength(t) for layer in _seen_layers(shot)),
        focus=None if shot.focus is None else shot.focus(t),
        smear=_travel(shot, index),
    )


def draw(shot: Shot, index: int) -> Picture:
    """Frame `index` of a shot, before transitions. The picture must not be changed in place."""
    return _compose(shot, moment(shot, index))


@lru_cache(maxsize=2)
def _compose(shot: Shot, now: Moment) -> Picture:
    """Kept, because a figure at rest makes equal frames."""
    frame = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    figures: list[Figure] = []
    soft = 0.0
    for layer, drift, strength in zip(_seen_layers(shot), now.drifts, now.strengths, strict=True):
        _cover(frame, figures, _faint(_layer_piece(layer, now, drift), strength))
        for actor, place in zip(shot.actors, now.places, strict=True):
            if actor.after == layer.name:
                soft = max(soft, _defocus(now, STAGE))
                _stand(frame, figures, actor, place, now, shot)
    _finish(frame, shot.setting.light, now.smear)
    return Picture(frame, tuple(figures), max(soft, abs(now.smear)))


def _seen_layers(shot: Shot) -> tuple[Layer, ...]:
    return tuple(e for e in layers_of(shot.setting) if e.name not in shot.hidden)


def _defocus(now: Moment, parallax: float) -> float:
    return 0.0 if now.focus is None else APERTURE * abs(parallax - now.focus)


def _travel(shot: Shot, index: int) -> float:
    """Length in pixels of the horizontal smear by camera movement, 0 when slow."""
    here, before = shot.camera(index / FPS), shot.camera(max(index - 1, 0) / FPS)
    pixels = (here.x - before.x) * here.zoom
    return pixels * SHUTTER if abs(pixels) > SMEAR_FROM else 0.0


def _layer_piece(layer: Layer, now: Moment, drift: Point) -> _Piece | None:
    x, y = now.camera.project(layer.left + drift[0], layer.top + drift[1], layer.parallax)
    scale = now.camera.scale(layer.parallax) / layer.resolution
    return _framed(layer, x, y, scale, _defocus(now, layer.parallax))


@lru_cache(maxsize=24)
def _framed(layer: Layer, x: float, y: float, scale: float, blur: float) -> _Piece | None:
    """Kept, because a camera at rest sees the same layer in frame after frame."""
    return _blurred(_placed(layer.image, x, y, scale), blur)


def _stand(
    frame: ByteImage,
    figures: list[Figure],
    actor: Actor,
    place: Placement,
    now: Moment,
    shot: Shot,
) -> None:
    scale = now.camera.scale(STAGE) * place.size
    drawn = sprite(actor.character.id, place.pose, sprite_scale(shot, actor), shot.setting.light)
    shrink = scale / sprite_scale(shot, actor)
    x, y = now.camera.project(place.x, place.y, STAGE)
    left, top = x - drawn.sole[0] * shrink, y - drawn.sole[1] * shrink
    _ground(frame, x, y, scale)
    sharp = _placed(drawn.image, left, top, shrink)
    piece = _blurred(sharp, _defocus(now, STAGE))
    _cast_shadow(frame, piece, scale)
    lamp = _lamp(drawn, (left, top), shrink)
    _shed_light(frame, lamp, place.pose.held, 0.8 * shot.setting.light.glow)
    _cover(frame, figures, piece)
    _shed_light(frame, lamp, place.pose.held, 0.22 * shot.setting.light.glow)
    whole = float(drawn.image[..., 3].sum()) * shrink**2 / 255
    figures.append(Figure(actor.character.id, place.pose.view, _mask(sharp), whole))


@lru_cache(maxsize=64)
def sprite_scale(shot: Shot, actor: Actor) -> float:
    """Pixels per unit at which the shot's largest view of the actor is sharp, in steps of 5 %."""
    times = np.linspace(0.0, shot.seconds, 13)
    largest = max(shot.camera(float(t)).scale(STAGE) * actor.act(float(t)).size for t in times)
    return float(np.ceil(largest * 20) / 20)


def _placed(image: ByteImage, x: float, y: float, scale: float) -> _Piece | None:
    """The image scaled and moved so that its corner falls on (x, y), cut to the frame."""
    height, width = image.shape[:2]
    left, top = max(int(np.floor(x)), 0), max(int(np.floor(y)), 0)
    right = min(int(np.ceil(x + width * scale)), WIDTH)
    bottom = min(int(np.ceil(y + height * scale)), HEIGHT)
    if left >= right or top >= bottom:
        return None
    shift = 0.5 * scale - 0.5  # pixel centres, not corners
    matrix = np.array([[scale, 0, x - left + shift], [0, scale, y - top + shift]])
    size = (right - left, bottom - top)
    warped = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR)
    return _Piece(warped.astype(np.uint8, copy=False), left, top)


def _faint(piece: _Piece | None, strength: float) -> _Piece | None:
    if piece is None or strength == 1:
        return piece
    faint = cv2.convertScaleAbs(piece.image, alpha=strength)
    return replace(piece, image=faint.astype(np.uint8, copy=False))


def _blurred(piece: _Piece | None, radius: float) -> _Piece | None:
    """Out of focus; the piece grows by the blur where the frame has room."""
    if piece is None or radius < 0.6:
        return piece
    pad = int(3 * radius)
    up, left = min(pad, piece.top), min(pad, piece.left)
    height, width = piece.image.shape[:2]
    down = min(pad, HEIGHT - piece.top - height)
    right = min(pad, WIDTH - piece.left - width)
    full = height == HEIGHT and width == WIDTH
    border = cv2.BORDER_REPLICATE if full else cv2.BORDER_CONSTANT
    grown = cv2.copyMakeBorder(piece.image, up, down, left, right, border)
    return _Piece(_soft(grown, radius), piece.left - left, piece.top - up)


def _soft(image: MatLike, radius: float) -> ByteImage:
    """Gaussian blur; a wide one is done on a smaller picture, where it costs less."""
    height, width = image.shape[:2]
    coarse = max(1, int(radius / 2))
    small = cv2.resize(
        image, (-(-width // coarse), -(-height // coarse)), interpolation=cv2.INTER_AREA
    )
    soft = cv2.GaussianBlur(small, (0, 0), radius / coarse, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def _cover(frame: ByteImage, figures: list[Figure], piece: _Piece | None) -> None:
    """Paint a piece over the frame and take away from the figures what it hides."""
    if piece is None:
        return
    target = frame[piece.window]
    colour = cv2.cvtColor(piece.image, cv2.COLOR_BGRA2BGR)
    left_over = cv2.bitwise_not(cv2.extractChannel(piece.image, 3))
    _multiply(target, cv2.merge([left_over] * 3))
    cv2.add(target, colour, dst=target)
    for figure in figures:
        _multiply(figure.mask[piece.window], left_over)


def _multiply(target: ByteImage, factor: MatLike) -> None:
    cv2.multiply(target, factor, dst=target, scale=1 / 255)


def _mask(piece: _Piece | None) -> ByteImage:
    mask = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    if piece is not None:
        mask[piece.window] = piece.image[..., 3]
    return mask


def _cast_shadow(frame: ByteImage, piece: _Piece | None, scale: float) -> None:
    """The figure's soft shadow on the scenery behind it."""
    if piece is None:
        return
    dx, dy = (round(v * scale) for v in SHADOW_OFFSET)
    pad = 4 * round(8 * scale)  # room for the blur, which is done at a quarter of the size
    alpha = cv2.extractChannel(piece.image, 3)
    alpha = cv2.copyMakeBorder(alpha, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    small = cv2.resize(alpha, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(1.0, 2.4 * scale))
    kept = cv2.bitwise_not(cv2.convertScaleAbs(soft, alpha=0.27))
    shade = cv2.resize(kept, alpha.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    left, top = piece.left + dx - pad, piece.top + dy - pad
    rows, columns = _in_frame(left, top, alpha.shape[1], alpha.shape[0])
    part = shade[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    if part.size:
        _multiply(frame[rows, columns], cv2.merge([part] * 3))


def _in_frame(left: int, top: int, width: int, height: int) -> tuple[slice, slice]:
    """Rows and columns of the part of a rectangle that lies in the frame, perhaps none."""
    rows = slice(min(max(top, 0), HEIGHT), min(max(top + height, 0), HEIGHT))
    columns = slice(min(max(left, 0), WIDTH), min(max(left + width, 0), WIDTH))
    return rows, columns


def _ground(frame: ByteImage, x: float, y: float, scale: float) -> None:
    """A soft patch of shade under the feet."""
    wide, tall, depth = 120 * scale, 15 * scale, 0.42
    rows, columns = _in_frame(int(x - wide), int(y - tall), int(2 * wide), int(2 * tall))
    target = frame[rows, columns]
    if target.size:
        down, across = np.ogrid[rows, columns]
        squared = ((across - x) / wide) ** 2 + ((down - y) / tall) ** 2
        kept = 255 * (1 - depth * np.clip(1 - squared, 0, 1) ** 1.5)
        _multiply(target, cv2.merge([kept.astype(np.uint8)] * 3))


@dataclass(frozen=True)
class _Lamp:
    """Something that shines, in pixels of the frame; radius 0 gives no light."""

    x: float
    y: float
    radius: float


def _lamp(drawn: Sprite, corner: tuple[float, float], shrink: float) -> _Lamp:
    x, y = corner[0] + drawn.lamp[0] * shrink, corner[1] + drawn.lamp[1] * shrink
    return _Lamp(x, y, drawn.lamp_radius * shrink)


def _shed_light(frame: ByteImage, lamp: _Lamp, held: Held, strength: float) -> None:
    """Add a round glow to what has been painted so far."""
    if not lamp.radius:
        return
    glow = _glow(round(lamp.radius), held, strength)
    left, top = round(lamp.x) - glow.shape[1] // 2, round(lamp.y) - glow.shape[0] // 2
    rows, columns = _in_frame(left, top, glow.shape[1], glow.shape[0])
    target = frame[rows, columns]
    if target.size:
        seen = glow[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        cv2.add(target, seen, dst=target)


@lru_cache(maxsize=32)
def _glow(radius: int, held: Held, strength: float) -> ByteImage:
    """A disc of light, black at its edge; BGR, uint8."""
    side = 2 * radius
    shine = falloff((side, side), (radius, radius), radius, 3.2) - np.float32(np.exp(-3.2))
    lit = 150 * strength * np.clip(shine, 0, 1)[..., None] * bgr(GLOW_COLOUR[held])
    glow: ByteImage = lit.astype(np.uint8)
    return glow


def _finish(frame: ByteImage, light: Light, smear: float) -> None:
    """Camera smear, bloom of bright paper and a vignette, in place."""
    if smear:
        frame[...] = cv2.blur(frame, (max(3, int(abs(smear))), 1), borderType=cv2.BORDER_REFLECT)
    small = cv2.resize(frame, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    bright = cv2.GaussianBlur(np.maximum(small, GLARE) - GLARE, (0, 0), 7)
    faint = cv2.convertScaleAbs(bright, alpha=4 * light.bloom)
    halo = cv2.resize(faint, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    cv2.add(frame, halo, dst=frame)
    _multiply(frame, _vignette(light.vignette))


@lru_cache(maxsize=8)
def _vignette(depth: float) -> ByteImage:
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    squared = ((columns / WIDTH - 0.5) / 0.72) ** 2 + ((rows / HEIGHT - 0.5) / 0.72) ** 2
    dither = np.random.default_rng(3).random((HEIGHT, WIDTH))
    kept = 255 * (1 - depth * np.clip(squared, 0, 1) ** 1.4) + dither - 0.5
    return cv2.merge([np.clip(kept, 0, 255).astype(np.uint8)] * 3).astype(np.uint8)

"""Storyboard panels without an image model: a collage of a model's own training crops.

The composer reads names and shot words in the prompt, picks the training crops whose captions share
most words with it, cuts out their subjects and places them as paper figures before a painted
backdrop in the crops' colours. The seed makes a panel repeatable; a model trained on other crops
shows other characters. It does not draw: a panel shows no pose, expression or object of the prompt,
and a ribbon on every panel says that it is a placeholder.
"""

from __future__ import annotations

import hashlib
import math
import re
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from local_aws.vision.foreground_cut import foreground_mask
from local_aws.vision.panels.painted_backdrop import Backdrop, Colours, paint_backdrop, palette_of
from local_aws.vision.panels.paper_look import (
    PAPER,
    add_frame,
    add_ribbon,
    draw_on_paper,
    write_lines,
)
from local_aws.vision.picture_codec import Floats, Pixels, limit_sides

COLLAGE_NOTE = "composed from training crops, no image model"
EMPTY_NOTE = "this model has no training crops, no image model"
PROMPT_NOTE = "painted from words of the prompt, no image model"

WORKING_SIDE = 1280
MOST_FIGURES = 4
FIGURE_WIDTH = {1: 0.92, 2: 0.56, 3: 0.44, 4: 0.36}
"""Share of the panel's width that a figure may take; several overlap a little."""
WIDE_WORDS = frozenset(["establishing", "distant", "landscape", "panorama"])
WIDE_SHOT = re.compile(r"(wide|long)[ -](shot|view|angle)|from afar", re.IGNORECASE)
TRIED_CROPS = 4
EDGE_FAULT = 1.2
MOST_EDGES = 0.35
RANK_COST = 0.04
OPENING_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "in",
        "on",
        "at",
        "under",
        "against",
        "before",
        "with",
        "behind",
        "beside",
        "by",
    ]
)
CLOSE_WORDS = frozenset(["close", "closeup", "close-up", "portrait", "face", "extreme"])


@dataclass(frozen=True)
class TrainingCrop:
    """One training picture, BGR, and the caption it was trained with."""

    pixels: Pixels
    caption: str


@dataclass(frozen=True)
class _Figure:
    """A cut-out: BGR pixels, mask 0..1, whether the crop cut off its lower edge, the crop, and its
    quality: sharp, and clear of the crop's left and right edges."""

    pixels: Pixels
    mask: Floats
    is_cut_off: bool
    crop: Pixels
    quality: float


def compose_panel(
    prompt: str, crops: Sequence[TrainingCrop], height: int, width: int, seed: int
) -> Pixels:
    """Return a BGR panel of the given size; the same arguments give the same panel."""
    generator = _make_generator(prompt, seed)
    shrink = min(1.0, WORKING_SIDE / max(height, width))
    rows, columns = round(height * shrink), round(width * shrink)
    ranked = rank_crops(prompt, [crop.caption for crop in crops], generator)
    if not ranked:
        return _finish(_write_empty_panel(prompt, rows, columns), height, width, EMPTY_NOTE)
    words = frozenset(_split_words(prompt)) | _find_shot_words(prompt)
    figures = [_choose_figure([crops[index].pixels for index in indices]) for indices in ranked]
    colours = np.concatenate([_collect_colours(figure.crop) for figure in figures])
    backdrop = paint_backdrop(generator, rows, columns, colours, words)
    picture = _place_figures(generator, backdrop, figures, words)
    return _finish(draw_on_paper(generator, picture), height, width, COLLAGE_NOTE)


def paint_prompt(prompt: str, height: int, width: int, seed: int) -> Pixels:
    """Return a BGR panel for a prompt to a model that was trained on no crops of the studio.

    A backdrop in colours that the prompt and the seed choose, without figures: such a model does
    not know the characters. The same arguments give the same panel.
    """
    generator = _make_generator(prompt, seed)
    colours = generator.uniform(70, 235, (4, 3)).astype(np.float32)
    words = frozenset(_split_words(prompt))
    picture = paint_backdrop(generator, height, width, colours, words).behind
    return _finish(draw_on_paper(generator, picture), height, width, PROMPT_NOTE)


def rank_crops(prompt: str, captions: Sequence[str], generator: Generator) -> list[list[int]]:
    """Return, for every name in the prompt, the indices of the captions that match best.

    Names are words that captions always write with a capital. Without a known name
    the captions that share the rarest words with the prompt are taken, and any if none does.
    """
    if not captions:
        return []
    frequency = Counter(word for caption in captions for word in set(_split_words(caption)))
    names = _find_names(captions)
    luck = 1.5 * generator.random(len(captions))

    def best(indices: Sequence[int], name: str) -> list[int]:
        fits = {
            index: luck[index] + fit(set(_split_words(captions[index])), name) for index in indices
        }
        return sorted(indices, key=lambda index: -fits[index])[:TRIED_CROPS]

    def fit(words: set[str], name: str) -> float:
        shared = sum(math.log1p(len(captions) / frequency[word]) for word in wanted & words)
        return shared - 3.0 * len((words & names) - {name})

    wanted = set(_split_words(prompt))
    called = [word for word in dict.fromkeys(_split_words(prompt)) if word in names][:MOST_FIGURES]
    if not called:
        return [best(range(len(captions)), "")]
    return [
        best([index for index, text in enumerate(captions) if name in _split_words(text)], name)
        for name in called
    ]


def _find_names(captions: Sequence[str]) -> set[str]:
    """Return the words that captions always write with a capital, or with an underscore."""
    words = [word for caption in captions for word in re.findall(r"[\w'-]+", caption)]
    plain = {word for word in words if word[0].islower()}
    inside = {
        word.lower()
        for caption in captions
        for word in re.findall(r"(?<=[\w,;] )[A-Z][\w'-]*", caption)
    }
    opening = Counter(caption.split()[0].strip(",.") for caption in captions if caption.split())
    often = {word.lower() for word, count in opening.items() if count > 1 and word[:1].isupper()}
    capital = {word for word in inside | often if word not in plain and word not in OPENING_WORDS}
    return capital | {word for word in plain if "_" in word}


def _split_words(text: str) -> list[str]:
    return [word.removesuffix("'s") for word in re.findall(r"[\w'-]+", text.lower())]


def _make_generator(prompt: str, seed: int) -> Generator:
    digest = hashlib.sha256(prompt.encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def _cut_figure(crop: Pixels) -> _Figure:
    """Cut out the crop's subject; the whole crop as a card if the cut includes the background."""
    small, _ = limit_sides(crop, 720)
    mask = foreground_mask(small)
    edges = float((mask[:, :3] > 0.5).mean() + (mask[:, -3:] > 0.5).mean())
    quality = _measure_sharpness(small) - EDGE_FAULT * edges
    rows, columns = np.flatnonzero(mask.max(axis=1) > 0.5), np.flatnonzero(mask.max(axis=0) > 0.5)
    if edges > MOST_EDGES or rows.size == 0:
        return _Figure(small, _make_card(*small.shape[:2]), False, crop, quality)
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    is_cut_off = bool((mask[-3:] > 0.5).mean() > 0.12)
    return _Figure(small[part], mask[part], is_cut_off, crop, quality)


def _make_card(height: int, width: int) -> Floats:
    """Return a mask with rounded corners."""
    radius = max(2, round(0.06 * min(height, width)))
    card = np.zeros((height, width), np.float32)
    inner = (radius, radius), (width - radius - 1, height - radius - 1)
    cv2.rectangle(card, *inner, 1.0, -1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return cv2.dilate(card, kernel)


def _choose_figure(candidates: Sequence[Pixels]) -> _Figure:
    """Return the figure of the best quality; a worse rank by caption costs a little."""
    figures = [_cut_figure(crop) for crop in candidates]
    worth = [figure.quality - RANK_COST * rank for rank, figure in enumerate(figures)]
    return figures[int(np.argmax(worth))]


def _measure_sharpness(pixels: Pixels) -> float:
    """Return 0 for a blurred picture to about 1 for a sharp one."""
    small, _ = limit_sides(pixels, 256)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    return min(1.0, math.log1p(float(cv2.Laplacian(grey, cv2.CV_32F).var())) / 7.0)


def _find_shot_words(prompt: str) -> frozenset[str]:
    """Return the shot words: "wide" counts in "wide shot", not in "arms wide"."""
    return frozenset({"establishing"}) if WIDE_SHOT.search(prompt) else frozenset()


def _collect_colours(crop: Pixels) -> Colours:
    small, _ = limit_sides(crop, 200)
    return palette_of(small, foreground_mask(small) < 0.1)


def _place_figures(
    generator: Generator, backdrop: Backdrop, figures: Sequence[_Figure], words: frozenset[str]
) -> Pixels:
    height, width = backdrop.behind.shape[:2]
    picture = backdrop.behind.astype(np.float32)
    share = 0.56 if words & WIDE_WORDS else 1.0 if words & CLOSE_WORDS else 0.8
    share *= 1.0 - 0.05 * (len(figures) - 1)
    for figure, centre in zip(
        figures, _choose_centres(generator, len(figures), words), strict=True
    ):
        scale = min(
            share * height / figure.pixels.shape[0],
            FIGURE_WIDTH[len(figures)] * width / figure.pixels.shape[1],
        )
        foot = height if figure.is_cut_off else backdrop.ground
        mirrored = generator.random() < 0.5 and len(figures) > 1
        _paste(picture, figure, scale, (round(centre * width), foot), mirrored)
    if not words & CLOSE_WORDS:
        front = backdrop.front[:, :, None]
        ground = cv2.GaussianBlur(backdrop.behind, (0, 0), height / 60).astype(np.float32)
        picture = picture * (1 - front) + 0.94 * ground * front
    return np.clip(picture, 0, 255).astype(np.uint8)


def _choose_centres(generator: Generator, count: int, words: frozenset[str]) -> list[float]:
    if count == 1:
        if "left" in words:
            return [0.3]
        if "right" in words:
            return [0.7]
        return [0.5 if words & CLOSE_WORDS else float(generator.choice([0.38, 0.5, 0.62]))]
    spread = np.linspace(0.5 / count, 1 - 0.5 / count, count)
    return [float(0.5 + 0.94 * (place - 0.5)) for place in spread]


def _paste(
    picture: Floats,
    figure: _Figure,
    scale: float,
    foot: tuple[int, int],
    mirrored: bool,
) -> None:
    """Lay a figure as a paper cut-out, its lower edge's middle at `foot` (x, y), with a shadow."""
    height, width = picture.shape[:2]
    flip = slice(None, None, -1) if mirrored else slice(None)
    pixels, mask = figure.pixels[:, flip], figure.mask[:, flip]
    x = foot[0] - scale * pixels.shape[1] / 2
    y = foot[1] - scale * pixels.shape[0]
    place = np.array([[scale, 0, x], [0, scale, y]], np.float32)
    drawn = cv2.warpAffine(
        np.ascontiguousarray(pixels),
        place,
        (width, height),
        flags=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)
    cover = cv2.warpAffine(np.ascontiguousarray(mask), place, (width, height))
    cover = np.clip((cv2.GaussianBlur(cover, (0, 0), height / 400) - 0.35) / 0.3, 0, 1)
    rim_width = max(2, round(height / 170))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim_width + 1,) * 2)
    rim = cv2.GaussianBlur(cv2.dilate(cover, kernel), (0, 0), 0.8)
    shadow = cv2.GaussianBlur(
        np.roll(rim, (3 * rim_width, 2 * rim_width), (0, 1)), (0, 0), 3 * rim_width
    )
    picture *= 1.0 - 0.35 * shadow[:, :, None]
    picture *= 1.0 - rim[:, :, None]
    picture += rim[:, :, None] * np.array(PAPER, np.float32)
    picture *= 1.0 - cover[:, :, None]
    picture += cover[:, :, None] * drawn


def _write_empty_panel(prompt: str, height: int, width: int) -> Pixels:
    panel = np.full((height, width, 3), PAPER, np.uint8)
    scale = min(height, width) / 640
    lines = textwrap.wrap(
        prompt.encode("ascii", "replace").decode(), round(34 * width / height) + 8
    )
    write_lines(panel, [*lines[:6], *(["..."] if len(lines) > 6 else [])], scale)
    return panel


def _finish(picture: Pixels, height: int, width: int, note: str) -> Pixels:
    if picture.shape[:2] != (height, width):
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
    return add_ribbon(add_frame(picture), note)

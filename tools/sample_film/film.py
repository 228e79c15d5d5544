"""Draws the whole film, shots in parallel, and writes it with the truth about it."""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2

from tools.sample_film.encoder import encode, join
from tools.sample_film.paper.images import ByteImage
from tools.sample_film.reel import frames_of
from tools.sample_film.shots import SHOTS
from tools.sample_film.truth import FrameTruth, truth_text

log = logging.getLogger(__name__)

CLIP = "paper-lantern.mp4"


def render_film(folder: Path) -> list[Path]:
    """Write the film and its truth into `folder`; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    film, truth = folder / CLIP, folder / "truth.json"
    with tempfile.TemporaryDirectory() as scratch:
        frames = _draw_shots(Path(scratch))
        parts = [_part(Path(scratch), number) for number in range(len(SHOTS))]
        join(parts, [shot.frames for shot in SHOTS], film)
    digest = hashlib.sha256(film.read_bytes()).hexdigest()
    truth.write_text(truth_text(CLIP, digest, frames), encoding="utf-8")
    return [film, truth]


def _draw_shots(scratch: Path) -> list[FrameTruth]:
    """Draw the shots in parallel, those of one setting together so that it is built once."""
    by_setting: dict[str, list[int]] = {}
    for number, shot in enumerate(SHOTS):
        by_setting.setdefault(shot.setting.name, []).append(number)
    longest_first = sorted(by_setting.values(), key=lambda ns: -sum(SHOTS[n].frames for n in ns))
    workers = min(os.cpu_count() or 1, len(longest_first))
    context = multiprocessing.get_context("spawn")  # OpenCV's threads do not survive a fork
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        drawn = pool.map(_draw_group, [(scratch, numbers) for numbers in longest_first])
        frames = [frame for group in drawn for frame in group]
    return sorted(frames, key=lambda frame: frame.index)


def _draw_group(task: tuple[Path, list[int]]) -> list[FrameTruth]:
    cv2.setNumThreads(1)  # the processes already share the cores
    scratch, numbers = task
    return [frame for number in numbers for frame in _draw_shot(scratch, number)]


def _draw_shot(scratch: Path, number: int) -> list[FrameTruth]:
    truths: list[FrameTruth] = []

    def pictures() -> Iterator[ByteImage]:
        for frame in frames_of(number):
            truths.append(frame.truth)
            yield frame.pixels

    encode(pictures(), _part(scratch, number))
    log.info("drew shot %d, %s", number, SHOTS[number].name)
    return truths


def _part(scratch: Path, number: int) -> Path:
    return scratch / f"shot_{number:02d}.mp4"

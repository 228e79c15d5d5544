"""Draw the whole film: every core draws some settings, then the parts are joined."""

from __future__ import annotations

import hashlib
import json
import logging
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2

from .camera import FPS, HEIGHT, WIDTH
from .characters import CAST
from .encoder import encode, join
from .paper import ByteImage
from .production import SLUG
from .reel import frames_of, shot_list
from .shots import SHOTS
from .truth import FilmTruth, FrameTruth, load_truth, seconds_view, to_text

log = logging.getLogger(__name__)

MOST_WORKERS = 8


@dataclass(frozen=True)
class FilmFiles:
    """film: the MP4. truth: every frame. seconds: the same for a sampling of one second."""

    film: Path
    truth: Path
    seconds: Path


@lru_cache(maxsize=1)
def film_digest() -> str:
    """Hex SHA-256 of the source that draws the film: another digest means another film."""
    here = Path(__file__).parent
    total = hashlib.sha256()
    for source in sorted(here.rglob("*.py")):
        total.update(source.relative_to(here).as_posix().encode())
        total.update(source.read_bytes())
    return total.hexdigest()


def render_film(out_dir: Path) -> FilmFiles:
    """Draw and encode the film, unless `out_dir` already holds the film of this source.

    The film file is moved into place last, so it is there only when everything else is.
    """
    files = FilmFiles(
        film=out_dir / f"{SLUG}.mp4",
        truth=out_dir / "truth.json",
        seconds=out_dir / "truth_seconds.json",
    )
    if _is_current(files):
        return files
    out_dir.mkdir(parents=True, exist_ok=True)
    files.film.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=out_dir, prefix=".drawing-") as scratch:
        truth = _film_truth(_draw_shots(Path(scratch)))
        joined = Path(scratch) / "joined.mp4"
        join(
            [_part(Path(scratch), n) for n in range(len(SHOTS))], [s.frames for s in SHOTS], joined
        )
        _replace(files.truth, to_text(truth))
        _replace(files.seconds, json.dumps(seconds_view(truth), indent=1) + "\n")
        joined.replace(files.film)
    return files


def _is_current(files: FilmFiles) -> bool:
    there = files.film.exists() and files.truth.exists() and files.seconds.exists()
    return there and load_truth(files.truth).digest == film_digest()


def _replace(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _film_truth(frames: list[FrameTruth]) -> FilmTruth:
    return FilmTruth(
        clip=f"{SLUG}.mp4",
        digest=film_digest(),
        fps=FPS,
        width=WIDTH,
        height=HEIGHT,
        characters={who.id: f"{who.name}: {who.looks}" for who in CAST.values()},
        shots=shot_list(),
        frames=tuple(frames),
    )


def _draw_shots(scratch: Path) -> list[FrameTruth]:
    """Draw the shots in parallel, those of one setting together so that it is built once."""
    by_setting: dict[str, list[int]] = {}
    for number, shot in enumerate(SHOTS):
        by_setting.setdefault(shot.setting.name, []).append(number)
    longest_first = sorted(by_setting.values(), key=lambda ns: -sum(SHOTS[n].frames for n in ns))
    workers = min(os.cpu_count() or 1, len(longest_first), MOST_WORKERS)
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

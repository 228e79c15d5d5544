"""Look through films for figures, and keep frames and figures in a folder of a draft.

A film that was looked through is not looked through again: its file in the folder is written last.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np

from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.codec import encode_jpeg, fit_within
from storyboard_ops.core.production.cutting import cut_figure
from storyboard_ops.core.production.figures import Figure, find_figures
from storyboard_ops.core.production.grouping import group_alike
from storyboard_ops.core.production.likeness import describe_figure
from storyboard_ops.core.sampling.triage import Triage
from storyboard_ops.core.text.wording import pluralize, running_time
from storyboard_ops.domain.base_record import Record, digest_of
from storyboard_ops.domain.error_tree import ProductionError, VideoUnreadable
from storyboard_ops.domain.image_records import Box, Frame
from storyboard_ops.domain.production.draft import MOST_FIGURES, Draft, DraftFigure, FilmSample
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.sampling.byte_source import content_id, open_local_or_web
from storyboard_ops.steps.sampling.film_decoder import FilmDecoder, open_film
from storyboard_ops.steps.sampling.film_samples import sampled_frames, triage_limits

#: Samples of all films together, and of one of many: a character who matters is in several.
MOST_SAMPLES, LEAST_SAMPLES = 240, 24
#: Longest side of a frame that is kept, in pixels: reference pictures are cut from it.
FRAME_SIDE, FRAME_QUALITY = 2_048, 94
THUMB_SIDE, THUMB_QUALITY = 360, 85
#: Seconds between two lines of progress.
PROGRESS_SECONDS = 2.0

Say = Callable[[str], None]


class _FoundInFilm(Record):
    """What one film shows; ``sample`` of its figures counts its own samples."""

    samples: tuple[FilmSample, ...]
    figures: tuple[DraftFigure, ...]
    vectors: tuple[tuple[float, ...], ...]


def collect_draft(films: Sequence[Path], room: Path, say: Say, check: Callable[[], None]) -> Draft:
    """Find the figures of films and group them by likeness; ``room``: the folder of the draft.

    ``say`` is told every PROGRESS_SECONDS how far it is; ``check`` is called for every sample and
    may raise to stop. Raises VideoUnreadable for a film that cannot be read, and ProductionError
    when no film shows a figure.
    """
    most = max(LEAST_SAMPLES, MOST_SAMPLES // len(films))
    found = [
        _look_through(film, number, most, room, say, check) for number, film in enumerate(films)
    ]
    draft = _joined([film.name for film in films], found)
    if not draft.figures:
        looked = pluralize(len(draft.samples), "sample")
        raise ProductionError(
            f"No figure was found in {looked} of {', '.join(draft.films)}: nothing there stands "
            "out from its background. Name a film that shows the characters in VIDEO, or write "
            "the file by hand; docs/production.md explains how."
        )
    return draft


def figure_id(picture: str, box: Box) -> str:
    """Return the id of a figure, by its frame's file: the same each time that it is found."""
    return digest_of("figure", picture, box)


def _look_through(
    film: Path, number: int, most: int, room: Path, say: Say, check: Callable[[], None]
) -> _FoundInFilm:
    with closing(open_local_or_web(str(film))) as source:
        kept = room / f"film-{digest_of(content_id(source), str(film), number, most)[:16]}.json"
        if kept.is_file():
            return _FoundInFilm.model_validate_json(kept.read_bytes())
        decoder = open_film(source)
        found = _Collector(film, number, room)
        for done, count in _sampled(decoder, most, found):
            check()
            found.report(say, done, count)
    if not found.samples:
        raise VideoUnreadable(
            str(film), "every sample of it is black, white, blurred or a title; name another film."
        )
    say(f"{film.name}: {found.summary()}")
    whole = found.result()
    _write(kept, whole.model_dump_json().encode())
    return whole


def _sampled(decoder: FilmDecoder, most: int, found: _Collector) -> Iterator[tuple[int, int]]:
    """Give the samples that are worth it to ``found``; yield how many are done, and of how many."""
    seconds = decoder.clock(Fraction(1)).count
    clock = decoder.clock(Fraction(-(-seconds // most)))
    triage = Triage(triage_limits(RunSettings(videos=["s3://none/none"])))
    samples = range(clock.count)
    frames = sampled_frames(decoder, clock, samples, triage, found.keep)
    for done, _ in enumerate(frames, start=1):
        yield done, len(samples)


class _Collector:
    """Keeps frames and figures of one film while it is sampled."""

    def __init__(self, film: Path, number: int, room: Path) -> None:
        self._film, self._number, self._room = film, number, room
        self._due = time.monotonic() + PROGRESS_SECONDS
        self.samples: list[FilmSample] = []
        self.figures: list[DraftFigure] = []
        self.vectors: list[tuple[float, ...]] = []

    def keep(self, frame: Frame, picture: Picture) -> tuple[str, str]:
        """Keep a sample that was not dropped, and its figures."""
        if frame.dropped:
            return "", ""
        small = fit_within(picture, FRAME_SIDE)
        name = f"{frame.video.sha256[:16]}-{frame.k}.jpg"
        _write(self._room / "frames" / name, encode_jpeg(small, FRAME_QUALITY))
        for figure in find_figures(small):
            self._keep_figure(name, small, figure)
        self.samples.append(
            FilmSample(
                film=self._number,
                k=frame.k,
                shot=frame.shot,
                seconds=frame.seconds,
                timecode=running_time(frame.seconds),
                picture=name,
            )
        )
        return name, ""

    def report(self, say: Say, done: int, count: int) -> None:
        """Say how far it is, every PROGRESS_SECONDS."""
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + PROGRESS_SECONDS
            say(f"{self._film.name}: {done:,} of {count:,} samples, {self.summary()}")

    def summary(self) -> str:
        """How many figures were found."""
        shots = len({sample.shot for sample in self.samples})
        return f"{pluralize(len(self.figures), 'figure')} in {pluralize(shots, 'shot')}"

    def result(self) -> _FoundInFilm:
        return _FoundInFilm(
            samples=tuple(self.samples), figures=tuple(self.figures), vectors=tuple(self.vectors)
        )

    def _keep_figure(self, name: str, picture: Picture, figure: Figure) -> None:
        identity = figure_id(name, figure.box)
        write_thumb(self._room, identity, cut_figure(picture, figure.box))
        record = DraftFigure(id=identity, sample=len(self.samples), box=figure.box, group=0)
        self.figures.append(record)
        vector = describe_figure(picture, figure)
        self.vectors.append(tuple(round(float(value), 5) for value in vector))


def _joined(names: Sequence[str], found: Sequence[_FoundInFilm]) -> Draft:
    """Join what the films show, and group all figures by likeness."""
    samples: list[FilmSample] = []
    figures: list[DraftFigure] = []
    vectors: list[tuple[float, ...]] = []
    for film in found:
        first = len(samples)
        samples += film.samples
        figures += [one.model_copy(update={"sample": first + one.sample}) for one in film.figures]
        vectors += film.vectors
    # More than people look at: the largest figures are the easiest to recognize.
    largest = sorted(range(len(figures)), key=lambda at: -figures[at].box.area)[:MOST_FIGURES]
    kept = sorted(largest)
    rows = [vectors[at] for at in kept]
    groups = group_alike(np.array(rows), [figures[at].sample for at in kept])
    return Draft(
        films=tuple(names),
        samples=tuple(samples),
        figures=tuple(
            figures[at].model_copy(update={"group": group})
            for at, group in zip(kept, groups, strict=True)
        ),
        vectors=tuple(rows),
    )


def write_thumb(room: Path, identity: str, cut: Picture) -> None:
    """Write the small picture of a figure into the folder of its draft."""
    thumb = encode_jpeg(fit_within(cut, THUMB_SIDE), THUMB_QUALITY)
    _write(room / "thumbs" / f"{identity}.jpg", thumb)


def _write(path: Path, body: bytes) -> None:
    """Write a file as a whole; the folder of the draft is its owner's alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(body)
    partial.replace(path)

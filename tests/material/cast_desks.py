"""The desk of a drawn film, in a folder of its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from storyboard_ops.cli.production.collect import collect_draft, write_thumb
from storyboard_ops.cli.production.desk import CastDesk
from storyboard_ops.core.pictures.codec import encode_jpeg
from storyboard_ops.domain.production.draft import Draft, DraftFigure, FilmSample
from tests.films.cast_film import cast_film, drawn


@dataclass(frozen=True)
class DraftFolder:
    """A draft with its pictures. Ann is group 0, Bob is group 1."""

    film: Path
    room: Path
    draft: Draft

    @classmethod
    def made(cls, folder: Path) -> DraftFolder:
        """Look through the drawn film."""
        film = cast_film(folder / "our film.mp4")
        room = folder / "room"
        room.mkdir()
        return cls(film, room, collect_draft([film], room, lambda _: None, lambda: None))

    def desk(self, folder: Path) -> CastDesk:
        """Open the desk on a copy; a second call for the same folder is as after a restart."""
        own = folder / "room"
        for name in ("frames", "thumbs"):
            if not (own / name).exists():
                (own / name).mkdir(parents=True)
                for file in (self.room / name).iterdir():
                    (own / name / file.name).hardlink_to(file)
        return CastDesk(self.draft, own, folder / "out", folder / "production.schema.json")


def desk_of_many(folder: Path, count: int) -> CastDesk:
    """The desk of many figures of one frame's look, in groups of ten."""
    frame, boxes = drawn(0)
    room = folder / "room"
    (room / "frames").mkdir(parents=True)
    (room / "frames/0.jpg").write_bytes(encode_jpeg(frame))
    box = boxes["ann"]
    figures = []
    for number in range(count):
        identity = hashlib.sha256(str(number).encode()).hexdigest()
        write_thumb(room, identity, np.full((40, 30, 3), number % 255, np.uint8))
        figures.append(DraftFigure(id=identity, sample=0, box=box, group=number // 10))
    sample = FilmSample(film=0, k=0, shot=0, seconds=0, timecode="0:00", picture="0.jpg")
    draft = Draft(
        films=("<b>many</b>.mp4",),
        samples=(sample,),
        figures=tuple(figures),
        vectors=((1.0, 0.0),) * count,
    )
    return CastDesk(draft, room, folder / "out", folder / "production.schema.json")

"""What people say about the figures of a draft: kept in its folder, and written as a production.

Everything is saved at once, so that leaving and returning loses nothing. One process uses a folder
at a time; of two pages of it, the last to change a figure counts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import capwords
from threading import RLock
from typing import Any

import numpy as np

from storyboard_ops.cli.production.collect import figure_id, write_thumb
from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.codec import decode_rgb, encode_jpeg, encode_png
from storyboard_ops.core.production.cutting import cut_figure
from storyboard_ops.core.production.figures import Figure
from storyboard_ops.core.production.grouping import ALIKE
from storyboard_ops.core.production.likeness import describe_figure
from storyboard_ops.core.production.sheet import (
    Portrait,
    choose_references,
    make_document,
    write_document,
)
from storyboard_ops.domain.error_tree import BadInput, ObjectMissing, ProductionError, ReviewRefused
from storyboard_ops.domain.production.draft import (
    MOST_FIGURES,
    Answers,
    DecisionBatch,
    Draft,
    DraftFigure,
    DrawnBox,
    FilmSample,
    ProductionDetails,
    SavedVerdict,
    Verdict,
)
from storyboard_ops.domain.production_sheet import Production, parse_production
from storyboard_ops.domain.settings.pictures import CropSection
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS

ANSWERS = "answers.json"
#: The file in the folder of a production, and the folder of its pictures.
SHEET, REFERENCES = "production.yaml", "references"
#: What this module calls a reference picture: nothing else in that folder is removed.
_OWN_PICTURE = re.compile(r"^[a-z0-9_]{1,40}-[0-9a-f]{12}\.png$")
#: Share of the figures that a production's settings let into training.
MOST_FIGURES_FIT = 75
QUALITY = 92


@dataclass(frozen=True)
class Written:
    """A production file that was written."""

    file: Path
    production: Production

    @property
    def pictures(self) -> int:
        """How many reference pictures it has."""
        return sum(len(one.references) for one in self.production.characters)


class CastDesk:
    """The desk of one draft.

    Attributes:
        out: the folder of the production file.
        written: what was written; None before.
    """

    def __init__(self, draft: Draft, room: Path, out: Path, schema: Path) -> None:
        self._draft, self._room, self._schema = draft, room, schema
        self._lock = RLock()
        self._answers = self._read()
        self.out = out
        self.written: Written | None = None

    # -- Reading

    @property
    def version(self) -> int:
        """The number of the last change."""
        return self._answers.version

    @property
    def films(self) -> tuple[str, ...]:
        """Names of the films."""
        return self._draft.films

    @property
    def samples(self) -> tuple[FilmSample, ...]:
        """The frames that were looked at."""
        return self._draft.samples

    @property
    def details(self) -> ProductionDetails:
        """What people said about the production; its title is the first film's at first."""
        details = self._answers.details
        if details.title:
            return details
        return details.model_copy(update={"title": _title(self.films[0])})

    def figures(self) -> tuple[DraftFigure, ...]:
        """Return the figures that were found, and those that people drew."""
        return self._draft.figures + self._answers.drawn

    def verdicts(self, since: int = 0) -> dict[str, SavedVerdict]:
        """Return the verdicts after a version."""
        return {
            identity: verdict
            for identity, verdict in self._answers.verdicts.items()
            if verdict.version > since
        }

    @property
    def exists(self) -> bool:
        """Whether there is a production file already."""
        return (self.out / SHEET).exists()

    def count_decided(self) -> int:
        """Return how many figures have a name or were set aside."""
        return sum(one.decision != "open" for one in self._answers.verdicts.values())

    def thumb(self, identity: str) -> Path:
        """Return the file of a figure's small picture; raises ObjectMissing for an unknown id."""
        self._find(identity)
        return self._room / "thumbs" / f"{identity}.jpg"

    def picture(self, identity: str) -> bytes:
        """Return a figure, cut out of its frame, as JPEG."""
        return encode_jpeg(self._cut(self._find(identity)), QUALITY)

    def frame(self, sample: int) -> Path:
        """Return the file of a frame; raises ObjectMissing when there is none."""
        if not 0 <= sample < len(self.samples):
            raise ObjectMissing(
                f"There is no frame {sample}; there are {len(self.samples):,}, from 0."
            )
        return self._room / "frames" / self.samples[sample].picture

    # -- Deciding

    def save(self, batch: DecisionBatch) -> dict[str, SavedVerdict]:
        """Save verdicts, all or none; return them.

        Raises ReviewRefused when a name is missing, ObjectMissing for an unknown figure.
        """
        with self._lock:
            known = {figure.id for figure in self.figures()}
            for decision in batch.decisions:
                if decision.image_id not in known:
                    raise ObjectMissing(f"There is no figure {decision.image_id[:12]}.")
                if decision.decision == "name" and not decision.name.strip():
                    raise ReviewRefused("form", "A named figure needs a name; write one.")
            version, now = self.version + 1, datetime.now(UTC).isoformat(timespec="seconds")
            saved = {
                one.image_id: SavedVerdict(
                    **one.model_dump(include=set(Verdict.model_fields)),
                    version=version,
                    decided_at=now,
                )
                for one in batch.decisions
            }
            self._keep(version=version, verdicts={**self._answers.verdicts, **saved})
            return saved

    def describe(self, details: ProductionDetails) -> None:
        """Keep what people said about the production and its members."""
        with self._lock:
            self._keep(details=details)

    def draw(self, drawn: DrawnBox) -> DraftFigure:
        """Add a figure that a person drew a box around; it joins the group that it is most like.

        Raises ReviewRefused when there are MOST_FIGURES already.
        """
        with self._lock:
            if len(self.figures()) >= 2 * MOST_FIGURES:
                raise ReviewRefused("form", f"A draft has at most {2 * MOST_FIGURES:,} figures.")
            frame = decode_rgb(self.frame(drawn.sample).read_bytes())
            identity = figure_id(self.samples[drawn.sample].picture, drawn.box)
            if identity in {one.id for one in self.figures()}:
                return self._find(identity)
            write_thumb(self._room, identity, cut_figure(frame, drawn.box))
            vector = describe_figure(frame, Figure(drawn.box, np.ones((8, 8), bool)))
            figure = DraftFigure(
                id=identity,
                sample=drawn.sample,
                box=drawn.box,
                group=self._nearest_group(vector),
                by_hand=True,
            )
            version, verdicts = self.version + 1, self._answers.verdicts
            if drawn.name.strip():
                verdict = SavedVerdict(decision="name", name=drawn.name, version=version)
                verdicts = {**verdicts, identity: verdict}
            self._keep(version=version, drawn=(*self._answers.drawn, figure), verdicts=verdicts)
            return figure

    # -- Writing

    def check(self) -> Production:
        """Return the production as it would be written; raises ProductionError with every fault."""
        return self._parse(self._document(self._references()))

    def write(self, *, replace: bool) -> Written:
        """Write the production file and its reference pictures, the file last.

        Raises ReviewRefused when there is a file and it must not be replaced; ProductionError with
        every fault when it would not be valid, and BadInput when the folder cannot be written.
        """
        with self._lock:
            references = self._references()
            document = self._document(references)
            production = self._parse(document)
            file = self.out / SHEET
            if self.exists and not replace:
                raise ReviewRefused("exists", f"{file} exists already; it was not replaced.")
            try:
                self._write_files(file, document, references)
            except OSError as error:
                raise BadInput(
                    f"{error.filename or self.out} cannot be written: {error.strerror}. Correct "
                    "its permissions or make room, or start again with another OUT."
                ) from error
            self.written = Written(file, production)
            return self.written

    def _write_files(
        self, file: Path, document: dict[str, Any], references: Mapping[str, list[DraftFigure]]
    ) -> None:
        folder = self.out / REFERENCES
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        wanted = set()
        for member, figures in zip(document["characters"], references.values(), strict=True):
            for name, figure in zip(member["references"], figures, strict=True):
                _write_private(self.out / name, encode_png(self._cut(figure)))
                wanted.add(Path(name).name)
        schema = os.path.relpath(self._schema, self.out.resolve())
        _write_private(file, write_document(document, schema).encode())
        for old in folder.iterdir():
            if _OWN_PICTURE.match(old.name) and old.name not in wanted:
                old.unlink()

    def _document(self, references: Mapping[str, list[DraftFigure]]) -> dict[str, Any]:
        document = make_document(
            self.details, {name: [] for name in references}, self._enlargement(references)
        )
        for member, figures in zip(document["characters"], references.values(), strict=True):
            member["references"] = [
                f"{REFERENCES}/{_file_stem(member['id'])}-{one.id[:12]}.png" for one in figures
            ]
        return document

    def _parse(self, document: dict[str, Any]) -> Production:
        if not document["characters"]:
            raise ProductionError("Nobody has a name yet. Name at least one group of figures.")
        return parse_production(document, str(self.out / SHEET))

    def _references(self) -> dict[str, list[DraftFigure]]:
        """Return the figures of each name that become reference pictures: those picked, else some.

        Names are in the order of their first figure.
        """
        named: dict[str, list[DraftFigure]] = {}
        picked: dict[str, list[DraftFigure]] = {}
        for figure in self.figures():
            verdict = self._answers.verdicts.get(figure.id)
            if verdict is None or verdict.decision != "name":
                continue
            named.setdefault(verdict.name, []).append(figure)
            if verdict.reference:
                picked.setdefault(verdict.name, []).append(figure)
        return {name: picked.get(name) or self._chosen(figures) for name, figures in named.items()}

    def _chosen(self, figures: list[DraftFigure]) -> list[DraftFigure]:
        portraits = [
            Portrait(one.id, (sample.film, sample.shot), one.box)
            for one in figures
            for sample in [self.samples[one.sample]]
        ]
        by_id = {figure.id: figure for figure in figures}
        return [by_id[identity] for identity in choose_references(portraits)]

    def _enlargement(self, references: Mapping[str, list[DraftFigure]]) -> float | None:
        """Return the setting that most of these figures need; None where the default does."""
        sides = [
            max(self._cut(figure).shape[:2])
            for figures in references.values()
            for figure in figures
        ]
        if not sides:
            return None
        field = CropSection.model_fields["max_enlargement"]
        needed = NOVA_CANVAS.side_px[0] / float(np.percentile(sides, 100 - MOST_FIGURES_FIT))
        if needed <= float(field.default):
            return None
        return float(min(8.0, np.ceil(2 * needed) / 2))

    # -- The folder

    def _find(self, identity: str) -> DraftFigure:
        figure = next((one for one in self.figures() if one.id == identity), None)
        if figure is None:
            raise ObjectMissing(f"There is no figure {identity[:12]!r}.")
        return figure

    def _cut(self, figure: DraftFigure) -> Picture:
        return cut_figure(decode_rgb(self.frame(figure.sample).read_bytes()), figure.box)

    def _nearest_group(self, vector: Any) -> int:
        rows, figures = np.array(self._draft.vectors), self._draft.figures
        nearest = int((rows @ vector).argmax())
        if rows[nearest] @ vector >= ALIKE:
            return figures[nearest].group
        return 1 + max(one.group for one in self.figures())

    def _read(self) -> Answers:
        path = self._room / ANSWERS
        return Answers.model_validate_json(path.read_bytes()) if path.is_file() else Answers()

    def _keep(self, **changes: Any) -> None:
        answers = self._answers.model_copy(update=changes)
        _write_private(self._room / ANSWERS, answers.model_dump_json().encode())
        self._answers = answers


def _title(film: str) -> str:
    """Return the title that the name of a film's file suggests."""
    return capwords(re.sub(r"[_\-.]+", " ", Path(film).stem))[:120] or "Untitled"


def _file_stem(identity: str) -> str:
    """Return an id as part of a file's name; a faulty id is refused later."""
    return re.sub(r"[^a-z0-9_]", "_", identity)[:40] or "figure"


def _write_private(path: Path, body: bytes) -> None:
    """Write a file as a whole, in a new file that only its owner can read."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    with open(partial, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)

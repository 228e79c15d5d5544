"""What the report shows of the rows of a run: their numbers, and a few of them as examples.

A season has a million pictures. Rows are added one at a time and not kept: some 150 bytes remain of
a picture, and nothing of most other rows.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar

from storyboard_ops.core.text.words import word_count
from storyboard_ops.domain.image_records import (
    CropDrop,
    Drop,
    DuplicateFacts,
    Frame,
    FrameDetections,
    ImageRecord,
    ReviewFacts,
)
from storyboard_ops.domain.report.run_figures import (
    FrameCounter,
    FrameFigures,
    PictureCounter,
    PictureFigures,
)

T = TypeVar("T")
#: Rows of a group that are kept as examples; of more, that many or half as many.
MOST_EXAMPLES = 256

#: What a stage may drop.
Dropped = Frame | CropDrop | ImageRecord
#: Desk, reviewer, decision and reason of a review.
Decided = tuple[str, str, str, str]


class EvenSample(Generic[T]):
    """Items spread evenly over a sequence of any length, with its first and its last.

    All items of a sequence of at most MOST_EXAMPLES.
    """

    def __init__(self) -> None:
        self.total = 0
        self._step = 1
        self._chosen: list[T] = []
        self._last: list[T] = []

    def add(self, item: T) -> None:
        """Add the next item."""
        if self.total % self._step == 0:
            if len(self._chosen) == MOST_EXAMPLES:
                del self._chosen[1::2]
                self._step *= 2
            self._chosen.append(item)
            self._last = []
        else:
            self._last = [item]
        self.total += 1

    @property
    def items(self) -> list[T]:
        """The chosen items, in their order."""
        return [*self._chosen, *self._last]


class Tally:
    """Rows that were added one at a time; empty ones are false."""

    def __init__(self) -> None:
        self.total = 0

    def __len__(self) -> int:
        return self.total

    def add(self, row: Any, /) -> None:
        """Add a row."""
        raise NotImplementedError

    @classmethod
    def of(cls, rows: Any) -> Self | None:
        """Return a tally of rows; a tally, or None, unchanged."""
        if rows is None or isinstance(rows, cls):
            return rows
        tally = cls()
        for row in rows:
            tally.add(row)
        return tally


class DropTally(Tally):
    """What was dropped, by stage and reason."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: dict[tuple[str, str], EvenSample[tuple[Dropped, Drop]]] = defaultdict(
            EvenSample
        )

    def add(self, row: CropDrop, /) -> None:
        """Add a detection without a picture."""
        self.add_drop(row, row.drop)

    def add_drop(self, item: Dropped, drop: Drop) -> None:
        """Add anything that was dropped."""
        # Equal pictures are one before they are compared: they never were pictures of the run.
        equal = isinstance(item, CropDrop) and drop.stage == "duplicate"
        self.groups["crop" if equal else drop.stage, drop.reason].add((item, drop))
        self.total += 1


@dataclass(frozen=True, order=True)
class SampledFilm:
    """A film as its frames name it."""

    uri: str
    version: str
    sha256: str
    size: int  # bytes
    picture: str  # width and height


@dataclass
class FilmSamples:
    """The samples of a film."""

    sampled: int = 0
    usable: int = 0
    shots: set[int] = field(default_factory=set)


class FrameTally(Tally):
    """Sampled frames, dropped ones included."""

    def __init__(self) -> None:
        super().__init__()
        self.films: dict[SampledFilm, FilmSamples] = defaultdict(FilmSamples)
        self.drops = DropTally()
        self.transparent = 0
        self.seconds = 0.0  # of the last frame in its film
        self._counter = FrameCounter()

    def add(self, row: Frame, /) -> None:
        """Add a frame."""
        video, picture = row.video, f"{row.width} × {row.height}"
        film = SampledFilm(video.uri, video.version, video.sha256, video.size, picture)
        samples = self.films[film]
        samples.sampled += 1
        samples.usable += row.dropped is None
        samples.shots.add(row.shot)
        self.total += 1
        self._counter.add(row)
        self.transparent += row.transparent
        self.seconds = max(self.seconds, row.seconds)
        if row.dropped:
            self.drops.add_drop(row, row.dropped)

    @property
    def figures(self) -> FrameFigures:
        """The numbers of frames and shots."""
        return self._counter.figures


class ExaminedTally(Tally):
    """Examined frames, with what was found in them."""

    def __init__(self) -> None:
        super().__init__()
        self.named = 0  # detections with the name of a character
        self.with_character = 0  # frames with such a detection
        self.drops = DropTally()  # frames that could not be examined

    def add(self, row: FrameDetections, /) -> None:
        """Add an examined frame."""
        named = sum(1 for detection in row.detections if detection.character)
        self.total += 1
        self.named += named
        self.with_character += bool(named)
        if row.failure:
            drop = Drop(stage="detect", reason="not examined", detail=row.failure)
            self.drops.add_drop(row.frame, drop)


@dataclass(frozen=True)
class Cell:
    """Where a kept picture belongs in the table of coverage."""

    character: str
    framing: str
    film: str  # its URI
    shot: int
    sure: bool  # the rules were sure, or a reviewer has approved it


class SimilarityColumns:
    """Pictures with their nearest better one, by the number of their row."""

    def __init__(self) -> None:
        self.similarity = array("d")
        self.image_ids, self.nearest_ids = bytearray(), bytearray()  # 32 bytes each
        self.is_double = bytearray()  # 1: dropped as a near-duplicate or a copy
        self.models: dict[str, int] = {}
        self.model = bytearray()  # the number of the model that compared them

    def add(self, image: ImageRecord, found: DuplicateFacts) -> None:
        """Add a picture and what it resembles."""
        self.similarity.append(found.similarity)
        self.image_ids += bytes.fromhex(image.first_id)
        self.nearest_ids += bytes.fromhex(found.nearest)
        dropped = image.dropped
        self.is_double.append(dropped is not None and dropped.stage == "duplicate")
        self.model.append(self.models.setdefault(found.model_id, len(self.models)))

    def split(self) -> tuple[list[float], list[float]]:
        """Return the similarities of distinct pictures, and of doubles."""
        parts: tuple[list[float], list[float]] = ([], [])
        for similarity, double in zip(self.similarity, self.is_double, strict=True):
            parts[double].append(similarity)
        return parts


class PictureTally(Tally):
    """Pictures in their last state, dropped ones included."""

    def __init__(self) -> None:
        super().__init__()
        self.drops = DropTally()
        self.image_ids = bytearray()  # 32 bytes each, as pictures were compared
        self.captions = 0
        self.compared = 0  # with other pictures
        self.similar = SimilarityColumns()
        self.decisions: dict[Decided, tuple[int, str]] = {}  # number, and when the last was made
        #: Of the kept pictures.
        self.kept: dict[str, EvenSample[ImageRecord]] = defaultdict(EvenSample)  # by character
        self.kept_at: dict[str, array[float]] = defaultdict(lambda: array("d"))  # seconds
        self.cells = Counter[Cell]()
        self.words = array("q")  # of each caption
        self.edited = 0  # have a caption that a reviewer wrote
        self.findings = Counter[str]()
        self.with_findings = EvenSample[ImageRecord]()
        #: Pictures that others refer to, by id, see ``contact_sheet.named_pictures``.
        self.found: dict[str, ImageRecord] = {}
        self._counter = PictureCounter()

    @property
    def figures(self) -> PictureFigures:
        """The numbers of pictures."""
        return self._counter.figures

    def add(self, row: ImageRecord, /) -> None:
        """Add a picture."""
        self.total += 1
        self._counter.add(row)
        self.image_ids += bytes.fromhex(row.first_id)
        self.captions += row.caption is not None
        self.compared += row.duplicate is not None
        if row.duplicate and row.duplicate.nearest:
            self.similar.add(row, row.duplicate)
        if row.review:
            self._add_review(row.review)
        if row.dropped:
            self.drops.add_drop(row, row.dropped)
        else:
            self._add_kept(row)

    def _add_review(self, review: ReviewFacts) -> None:
        key = review.desk, review.reviewer, review.decision, review.reason
        number, last = self.decisions.get(key, (0, ""))
        self.decisions[key] = number + 1, max(last, review.decided_at)

    def _add_kept(self, image: ImageRecord) -> None:
        frame, character = image.frame, image.character
        sure = image.review is not None or not image.unsure
        self.kept[character].add(image)
        self.kept_at[character].append(frame.seconds)
        self.cells[Cell(character, image.crop.framing, frame.video.uri, frame.shot, sure)] += 1
        if image.caption is None:
            return
        self.words.append(word_count(image.caption.text))
        self.edited += bool(image.caption.editor)
        self.findings.update(image.caption.findings)
        if image.caption.findings:
            self.with_findings.add(image)

    @classmethod
    def of(cls, rows: Any) -> Self | None:
        """Return a tally of rows, with all of them found; a tally, or None, unchanged."""
        if rows is None or isinstance(rows, cls):
            return rows
        images = tuple(rows)
        tally = super().of(images)
        if tally is not None:
            tally.found = {name: image for image in images for name in image.names}
        return tally

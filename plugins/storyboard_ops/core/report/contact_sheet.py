"""Choose the pictures that the report shows, and shrink them to thumbnails.

Ten thousand pictures do not fit a page that opens smoothly: every group shows a limited number,
spread evenly over the film, and says how many more there are. ``wanted_pictures`` lists the shown
pictures first, so that only those are fetched and shrunk.

The caps bound the page: at most 360 + 24 x 6 + 12 + 24 cards of 12 kB and 72 panels of 30 kB, which
is 11.5 MB in base64.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.codec import decode_rgb, fit_within
from storyboard_ops.core.report.even_choice import evenly
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.report.facts.row_tallies import (
    Dropped,
    DropTally,
    EvenSample,
    PictureTally,
)
from storyboard_ops.core.report.threshold_pairs import choose_pairs, threshold_pairs
from storyboard_ops.core.storyboard.board import Board, BoardPanel
from storyboard_ops.core.text.visible import isolated
from storyboard_ops.domain.image_records import (
    Box,
    CropDrop,
    Drop,
    Frame,
    ImageRecord,
)
from storyboard_ops.domain.report.run_figures import STAGES

CARD_SIDE, CARD_BYTES = 240, 12_000  # longest side in px, largest thumbnail in bytes
PANEL_SIDE, PANEL_BYTES = 480, 30_000
MOST_SHEET_CARDS = 360  # over all characters
MOST_CARDS_PER_CHARACTER = 48
MOST_EXAMPLES = 6  # per reason
MOST_ILLUSTRATED_REASONS = 24
MOST_FINDINGS = 24
MOST_PANELS = 72

OUTLINE = (255, 176, 32)  # RGB of the box drawn into a frame


@dataclass(frozen=True)
class ShownPicture:
    """A picture to show: its URI, size limits, and the box to outline in it."""

    key: str  # of its thumbnail
    uri: str
    alt: str
    side: int = CARD_SIDE
    most_bytes: int = CARD_BYTES
    box: Box | None = None


@dataclass(frozen=True)
class Card:
    """A picture with the text below it."""

    picture: ShownPicture | None  # None: nothing was stored, only the place in the film is known
    place: str  # timecode, with the film's name when there are several
    text: str = ""
    facts: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()  # what a viewer must not miss, e.g. "enlarged ×1.4"
    beside: ShownPicture | None = None  # the kept picture that this one resembles


@dataclass(frozen=True)
class ContactSheet:
    """Pictures of one character in the dataset."""

    character: str
    name: str
    cards: tuple[Card, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.cards)


@dataclass(frozen=True)
class PairView:
    """A picture next to the most similar better one; ``kept``: both were kept."""

    picture: ShownPicture
    better: ShownPicture
    similarity: float
    kept: bool


@dataclass(frozen=True)
class DropGroup:
    """Everything that one stage dropped for one reason."""

    stage: str
    reason: str
    total: int
    cards: tuple[Card, ...]

    @property
    def more(self) -> int:
        return self.total - len(self.cards)


def contact_sheets(facts: ReportFacts) -> tuple[ContactSheet, ...]:
    """Build one sheet per character of the production, in film order; a sheet may be empty."""
    cast = facts.production.characters
    most = min(MOST_CARDS_PER_CHARACTER, MOST_SHEET_CARDS // len(cast))
    kept = facts.images.kept if facts.images else {}
    samples = {character.id: kept.get(character.id) or EvenSample() for character in cast}
    return tuple(
        ContactSheet(
            character=character.id,
            name=character.name,
            cards=tuple(
                image_card(facts, image)
                for image in evenly(sorted(samples[character.id].items, key=_film_order), most)
            ),
            total=samples[character.id].total,
        )
        for character in cast
    )


def drop_groups(facts: ReportFacts) -> tuple[DropGroup, ...]:
    """Group what was dropped by stage and reason; most frequent reason of a stage first."""
    return tuple(
        DropGroup(
            stage=stage,
            reason=reason,
            total=total,
            cards=tuple(_dropped_card(facts, *one) for one in shown),
        )
        for stage, reason, total, shown in _shown_drops(facts)
    )


def _shown_drops(
    facts: ReportFacts,
) -> Iterator[tuple[str, str, int, Sequence[tuple[Dropped, Drop]]]]:
    """Yield stage, reason, number and examples of every group."""
    groups: dict[tuple[str, str], list[EvenSample[tuple[Dropped, Drop]]]] = defaultdict(list)
    for tally in _drops(facts):
        for key, sample in tally.groups.items():
            groups[key].append(sample)
    totals = {key: sum(one.total for one in samples) for key, samples in groups.items()}
    ranked = sorted(groups, key=lambda key: (STAGES.index(key[0]), -totals[key], key[1]))
    for rank, key in enumerate(ranked):
        most = MOST_EXAMPLES if rank < MOST_ILLUSTRATED_REASONS else 0
        items = [item for sample in groups[key] for item in sample.items]
        yield *key, totals[key], evenly(items, most)


def finding_cards(facts: ReportFacts) -> tuple[Card, ...]:
    """Build cards of kept pictures whose caption has findings."""
    faulty = facts.images.with_findings.items if facts.images else []
    return tuple(
        image_card(facts, image, image.caption.findings)
        for image in evenly(sorted(faulty, key=_film_order), MOST_FINDINGS)
        if image.caption is not None
    )


def shown_panels(board: Board) -> tuple[BoardPanel, ...]:
    """Return the panels that the page shows; the PDF has all."""
    return board.panels[:MOST_PANELS]


def panel_picture(placed: BoardPanel) -> ShownPicture | None:
    """Return the picture of a panel, or None when it could not be drawn."""
    panel = placed.panel
    if panel.failure:
        return None
    alt = f"Panel {placed.label}: {panel.description}"
    return ShownPicture(panel.sha256, panel.uri, alt, PANEL_SIDE, PANEL_BYTES)


def pair_views(facts: ReportFacts) -> tuple[PairView, ...]:
    """Return pairs of pictures around the near-duplicate threshold, by ascending similarity."""
    threshold = facts.duplicate_above
    return tuple(
        PairView(
            image_picture(facts, pair.image), image_picture(facts, pair.better),
            pair.similarity, pair.similarity < threshold,
        )
        for pair in threshold_pairs(facts.images or PictureTally(), threshold)
    )  # fmt: skip


def named_pictures(facts: ReportFacts) -> set[str]:
    """Return the ids of the pictures that the page shows next to others, to be found."""
    chosen = choose_pairs(facts.images or PictureTally(), facts.duplicate_above)
    twins = {
        item.duplicate.nearest
        for _, _, _, shown in _shown_drops(facts)
        for item, _ in shown
        if isinstance(item, ImageRecord) and item.duplicate
    }
    return {name for pair in chosen for name in (pair.image_id, pair.nearest)} | twins


def wanted_pictures(facts: ReportFacts, board: Board) -> tuple[ShownPicture, ...]:
    """List every picture that the page shows, each once."""
    cards = [card for sheet in contact_sheets(facts) for card in sheet.cards]
    cards += [card for group in drop_groups(facts) for card in group.cards]
    cards += finding_cards(facts)
    pictures = [picture for card in cards for picture in (card.picture, card.beside)]
    pictures += [panel_picture(placed) for placed in shown_panels(board)]
    pictures += [view for pair in pair_views(facts) for view in (pair.picture, pair.better)]
    return tuple({picture.key: picture for picture in pictures if picture}.values())


def thumbnail(encoded: bytes, picture: ShownPicture) -> bytes:
    """Shrink JPEG or PNG bytes to WebP within its limits; raises BadInput when unreadable.

    Quality, then size, is reduced until the bytes fit, so the page stays bounded even when every
    picture is noise.
    """
    rgb = fit_within(decode_rgb(encoded), picture.side)
    if picture.box is not None:
        rgb = _outlined(rgb, picture.box)
    while True:
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        for quality in (80, 65, 45, 25):
            webp = cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
            if len(webp) <= picture.most_bytes:
                return webp
        rgb = fit_within(rgb, max(rgb.shape[:2]) * 3 // 4)


def film_name(uri: str) -> str:
    """Return the file name of a video."""
    return PurePosixPath(uri).name


def image_card(facts: ReportFacts, image: ImageRecord, marks: Sequence[str] = ()) -> Card:
    """Build the card of a picture: caption, place, confidence, framing and marks."""
    crop = image.crop
    return Card(
        picture=image_picture(facts, image),
        place=_place(facts, image.frame),
        text=image.caption_text,
        facts=(
            f"confidence {crop.detection.confidence:.2f}",
            crop.framing,
            f"{image.width} × {image.height} px",
        ),
        marks=(*_enlarged(image), *_edited(image), *marks),
    )


def _enlarged(image: ImageRecord) -> tuple[str, ...]:
    factor = round(image.crop.enlargement, 2)
    return (f"enlarged ×{factor:g}",) if factor > 1 else ()


def _edited(image: ImageRecord) -> tuple[str, ...]:
    editor = image.caption.editor if image.caption else ""
    return (f"caption by {isolated(editor)}",) if editor else ()


def image_picture(facts: ReportFacts, image: ImageRecord) -> ShownPicture:
    """Describe a crop as the page shows it."""
    name = facts.production.display_name(image.character)
    alt = f"{isolated(name)}, {image.crop.framing} shot at {image.frame.timecode}"
    return ShownPicture(image.image_id, image.uri, alt)


def _drops(facts: ReportFacts) -> Iterator[DropTally]:
    for stage in (facts.frames, facts.detections, facts.images):
        if stage is not None:
            yield stage.drops
    if facts.crop_drops is not None:
        yield facts.crop_drops


def _dropped_card(facts: ReportFacts, item: Dropped, drop: Drop) -> Card:
    match item:
        case Frame():
            picture = _frame_picture(item, "Frame")
            return Card(picture, _place(facts, item), drop.detail, _score(drop))
        case CropDrop():
            who = facts.production.display_name(item.detection.character or item.detection.label)
            confidence = f"confidence {item.detection.confidence:.2f}"
            picture = _frame_picture(item.frame, who, item.detection.box)
            return Card(picture, _place(facts, item.frame), drop.detail, (who, confidence))
        case ImageRecord():
            card = image_card(facts, item)
            found = facts.images.found if facts.images else {}
            twin = found.get(item.duplicate.nearest) if item.duplicate else None
            return replace(
                card,
                text=drop.detail or card.text,
                facts=(facts.production.display_name(item.character), *_score(drop)),
                beside=image_picture(facts, twin) if twin and drop.stage == "duplicate" else None,
            )


def _score(drop: Drop) -> tuple[str, ...]:
    return () if drop.score is None else (f"score {drop.score:.3g}",)


def _frame_picture(frame: Frame, what: str, box: Box | None = None) -> ShownPicture | None:
    if not frame.uri:
        return None
    where = "" if box is None else f"@{box.x:.4f},{box.y:.4f},{box.w:.4f},{box.h:.4f}"
    return ShownPicture(
        f"{frame.sha256}{where}", frame.uri, f"{isolated(what)} at {frame.timecode}", box=box
    )


def _place(facts: ReportFacts, frame: Frame) -> str:
    if len(facts.films) == 1:
        return frame.timecode
    return f"{isolated(film_name(frame.video.uri))} {frame.timecode}"


def _film_order(image: ImageRecord) -> tuple[str, int]:
    return image.frame.video.uri, image.frame.k


def _outlined(rgb: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Return a copy of (H, W, 3) RGB with the box drawn."""
    height, width = rgb.shape[:2]
    corner = round(box.x * width), round(box.y * height)
    opposite = round(box.right * width) - 1, round(box.bottom * height) - 1
    drawn = rgb.copy()
    cv2.rectangle(drawn, corner, opposite, OUTLINE, 2)
    return drawn

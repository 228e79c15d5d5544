"""Describe a dataset in its card: contents, sources, and how it was made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from storyboard_ops.core.dataset.lineage import COLUMNS
from storyboard_ops.core.dataset.selection import (
    FRAMINGS,
    CoverageCell,
    CoverageGap,
    coverage,
    coverage_gaps,
)
from storyboard_ops.core.dataset.split import HELD_OUT_SHARE, DatasetSplit
from storyboard_ops.core.text.markdown import escape_markdown
from storyboard_ops.core.text.templates import markdown_environment
from storyboard_ops.core.text.visible import visible
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.base_record import Record, digest_of
from storyboard_ops.domain.image_records import ImageRecord, VideoRef
from storyboard_ops.domain.production_sheet import Production, Source
from storyboard_ops.domain.report.run_figures import PictureCounter
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS

#: Desk, reviewer and decision of a review.
Decided = tuple[str, str, str]
#: Models by task, with the parameter that names each; a run without films does not have all.
MODELS = {
    "detection": "detection_model_id",
    "embedding": "embedding_model_id",
    "caption": "caption_model_id",
}
#: Settings that decide which pictures are in, in the order in which a card lists them.
THRESHOLDS = (
    "sample_interval_s",
    "black_below",
    "white_above",
    "blurred_below",
    "title_above",
    "cut_above",
    "identical_above",
    "min_confidence",
    "crop_padding",
    "max_enlargement",
    "duplicate_above",
    "max_images_per_shot",
    "max_images_per_character",
)


class ReviewCount(Record):
    """Number of equal decisions of one reviewer at one desk."""

    desk: str
    reviewer: str
    decision: str
    pictures: int


class DatasetCard(Record):
    """Everything that a recipient of the dataset must know."""

    production: str
    source: Source
    style: str
    run: str
    pictures: int
    training: int
    evaluation: int
    shots: int
    characters: dict[str, dict[str, int]]  # display name -> framing -> pictures
    props: tuple[str, ...] = ()  # display names of those that are objects
    coverage: tuple[CoverageCell, ...]
    gaps: tuple[CoverageGap, ...]
    notes: tuple[str, ...]  # what could not be held out, and why
    left_out: dict[str, dict[str, int]]  # stage -> reason -> pictures
    enlarged: int
    edited_captions: int
    caption_findings: dict[str, int]  # remaining findings of the linter -> captions
    reviews: tuple[ReviewCount, ...]
    left_out_after_approval: int = 0  # approved by a reviewer, and not in the dataset
    videos: tuple[VideoRef, ...]
    detectors: tuple[str, ...]
    models: dict[str, str]
    prompts: dict[str, str]  # name -> SHA-256
    thresholds: dict[str, float]
    trainer_limits: str
    images_sha256: str  # over the sorted image ids, which are digests of the pictures' bytes
    manifest_sha256: str  # of the manifest with the whole lineage of every picture
    files: dict[str, str]  # name -> SHA-256


def dataset_card(
    run: str,
    production: Production,
    settings: Settings,
    images: Iterable[ImageRecord],
    split: DatasetSplit,
    manifest_sha256: str,
    files: Mapping[str, str],
) -> DatasetCard:
    """Build the card; ``images``: all of the run in their last state, with dropped ones."""
    rows = _count_rows(images)
    figures, kept = rows.counter.figures, rows.kept
    captions = [image.caption for image in kept if image.caption]
    videos = {image.frame.video.uri: image.frame.video for image in kept}
    cells = coverage(kept)
    return DatasetCard(
        production=production.production,
        source=production.source,
        style=production.style,
        run=run,
        pictures=figures.approved,
        training=len(split.training),
        evaluation=len(split.evaluation),
        shots=figures.shots,
        characters=_by_framing(production, kept),
        coverage=cells,
        gaps=coverage_gaps(cells, production.characters),
        props=tuple(one.name for one in production.characters if one.kind == "prop"),
        notes=split.notes,
        left_out={stage: _most_first(rows.left_out[stage]) for stage in sorted(rows.left_out)},
        enlarged=sum(image.crop.enlargement > 1 for image in kept),
        edited_captions=sum(bool(caption.editor) for caption in captions),
        caption_findings=_count_values(finding for c in captions for finding in c.findings),
        reviews=_reviews(rows.reviews),
        left_out_after_approval=figures.left_out_after_approval,
        videos=tuple(video for _, video in sorted(videos.items())),
        detectors=tuple(sorted({image.crop.detection.detector for image in kept})),
        models={
            name: getattr(settings, field)
            for name, field in MODELS.items()
            if hasattr(settings, field)
        },
        prompts={caption.prompt: caption.prompt_sha256 for caption in captions},
        thresholds={
            name: float(getattr(settings, name)) for name in THRESHOLDS if hasattr(settings, name)
        },
        trainer_limits=NOVA_CANVAS.trainer,
        images_sha256=digest_of(sorted(image.image_id for image in kept)),
        manifest_sha256=manifest_sha256,
        files=dict(files),
    )


def render_card(card: DatasetCard, template: str) -> str:
    """Render the card as Markdown; ``template`` is Jinja."""
    environment = markdown_environment()
    environment.filters |= {"plain": escape_markdown, "code": _code, "pluralize": pluralize}
    return environment.from_string(template).render(
        card=card, framings=FRAMINGS, held_out_share=HELD_OUT_SHARE, lineage=COLUMNS
    )


def _code(value: object) -> str:
    """Format text as code, between more backticks than it contains; only a bar is escaped."""
    text = " ".join(visible(str(value)).splitlines()).replace("|", "\\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"`{text}`" if fence == "`" else f"{fence} {text} {fence}"


def _by_framing(production: Production, kept: Sequence[ImageRecord]) -> dict[str, dict[str, int]]:
    counts = Counter((image.character, image.crop.framing) for image in kept)
    return {
        character.name: {framing: counts[character.id, framing] for framing in FRAMINGS}
        for character in production.characters
    }


@dataclass
class _Rows:
    """What the card says about all pictures, and those that were kept."""

    counter: PictureCounter = field(default_factory=PictureCounter)
    kept: list[ImageRecord] = field(default_factory=list)
    left_out: dict[str, Counter[str]] = field(default_factory=dict)  # stage -> reasons
    reviews: Counter[Decided] = field(default_factory=Counter)


def _count_rows(images: Iterable[ImageRecord]) -> _Rows:
    rows = _Rows()
    for image in images:
        rows.counter.add(image)
        if image.dropped is None:
            rows.kept.append(image)
        else:
            rows.left_out.setdefault(image.dropped.stage, Counter())[image.dropped.reason] += 1
        if image.review:
            rows.reviews[image.review.desk, image.review.reviewer, image.review.decision] += 1
    return rows


def _reviews(counts: Counter[Decided]) -> tuple[ReviewCount, ...]:
    return tuple(
        ReviewCount(desk=desk, reviewer=reviewer, decision=decision, pictures=pictures)
        for (desk, reviewer, decision), pictures in sorted(counts.items())
    )


def _count_values(values: Iterable[str]) -> dict[str, int]:
    """Count each value, most frequent first, then by name."""
    return _most_first(Counter(values))


def _most_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

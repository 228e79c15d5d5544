"""Estimate what a run will buy before it starts: an upper bound from simple counts."""

from __future__ import annotations

import math

from storyboard_ops.core.preflight.job_hours import JobPlan
from storyboard_ops.core.preflight.redraw_cost import (
    ANSWER_TOKENS,
    HOSTING_HOURS,
    QUESTIONS_PER_ANSWER,
    examination_usages,
    redraw_usages,
    token_usages,
)
from storyboard_ops.core.storyboard.figures import PAINTED_OUT_EACH
from storyboard_ops.domain.money.paid_usage import DRAWN_IMAGE, Usage
from storyboard_ops.domain.preflight.estimate_basis import RequestTokens
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.settings.pictures import (
    BalanceSection,
    CaptionSection,
    DetectionSection,
    DuplicateSection,
    FigureSection,
    FinderSection,
)
from storyboard_ops.domain.settings.review import ReviewSection
from storyboard_ops.domain.settings.storyboard import BreakdownSection
from storyboard_ops.domain.settings.training import TrainerSection
from storyboard_ops.domain.training.panel_sources import drawn_sources

#: A part of a script is asked about again, and then about the lines that are missing.
BREAKDOWN_QUESTIONS = 3
#: Approximate tokens by which the second request of a caption is longer: what was wrong with the
#: first.
COMPLAINT_TOKENS = 200
#: Approximate pictures of characters per sampled frame: two thirds of the frames show a character,
#: and for some the head is cut out as well.
PICTURES_PER_FRAME = 0.9
#: Approximate figures found in a drawn panel; each is embedded.
FIGURES_PER_PANEL = 3
#: Approximate faces per sampled frame; each is a separate search.
FACES_PER_FRAME = 1.5
#: Hours of a Custom Labels training: half an hour to a day; low for a few dozen pictures.
LABELS_TRAINING_HOURS = 2.0
#: Hours to start a model, at most; billed like running, on the high side.
LABELS_STARTING_HOURS = 0.5
#: Fewest pictures per second that one inference unit answers.
LABELS_PER_SECOND = 2.0


def estimate_usages(
    settings: CommonSettings,
    production: Production,
    frames: int,
    tokens: RequestTokens,
    hosting_hours: int = HOSTING_HOURS,
    jobs: JobPlan | None = None,
    pictures_left: int | None = None,
) -> tuple[Usage, ...]:
    """Return everything a run would buy if nothing could be reused and nothing was dropped.

    ``frames``: number sampled from all videos together; 0 for a run without films.
    ``tokens``: of the requests to multimodal models. ``hosting_hours``: hours for which capacity is
    billed. ``jobs``: where jobs train and draw instead of Bedrock. ``pictures_left``: number of
    pictures of the board that no run has drawn yet; None: it is not known, so all are drawn.
    """
    if isinstance(settings, DrawingSettings) and settings.from_run:
        return redraw_usages(settings, production, tokens.detection, hosting_hours, jobs)
    pictures = math.ceil(frames * PICTURES_PER_FRAME)
    by_jobs = jobs is not None or _works_at_home(settings)
    drawn = _pictures_drawn(settings, production, jobs) if settings.draws else 0
    drawn = drawn if pictures_left is None else pictures_left
    examined = _examined_pictures(settings, production, drawn)
    usages: list[Usage] = []
    if isinstance(settings, FinderSection):
        in_frames = isinstance(settings, DetectionSection) and "multimodal" in settings.detectors
        asked = examined + (frames if in_frames else 0)
        usages += examination_usages(settings, production, asked, tokens.detection)
    if isinstance(settings, DetectionSection):
        usages += _rekognition_detectors(settings, production, frames)
    if isinstance(settings, DuplicateSection):
        compared = _reference_count(production) if examined else 0
        usages += _embeddings(settings, pictures + compared + examined * FIGURES_PER_PANEL)
    if isinstance(settings, CaptionSection):
        usages += _captions(settings, pictures, tokens)
    if isinstance(settings, ReviewSection) and settings.review_desk in ("a2i", "choose"):
        usages += _review(pictures)
    if isinstance(settings, BreakdownSection) and tokens.breakdown:
        usages += _breakdown(settings, tokens)
    if settings.draws and jobs and (drawn or settings.trains):
        trained = _most_trained(settings, production, pictures) if settings.trains else None
        usages += jobs.usages(settings, drawn, trained, len(production.characters))
    elif settings.draws and settings.panel_source == "prompts" and not by_jobs:
        usages += _prompted(settings, drawn)
    elif settings.draws and not by_jobs:
        usages += _training(settings, hosting_hours if drawn else 0)
    return tuple(usages)


def _works_at_home(settings: CommonSettings) -> bool:
    """Return whether the studio's own machine trains and draws, which bills nothing."""
    return isinstance(settings, TrainerSection) and settings.trainer == "own_gpu"


def _pictures_drawn(settings: CommonSettings, production: Production, jobs: JobPlan | None) -> int:
    """Count the candidates of all panels, and the pictures that jobs draw to compare."""
    panels = sum(len(scene.panels) for scene in production.storyboard)
    if jobs is None and not _works_at_home(settings):
        return panels * settings.candidates_by(job=False)
    takes_references = jobs is None or jobs.model.takes_references
    sources = drawn_sources(settings.panel_source, settings.compare_with, takes_references)
    return panels * (settings.candidates_by(job=True) + len(sources) - 1)


def _most_trained(settings: CommonSettings, production: Production, pictures: int) -> int:
    """Return the most pictures that a training sees, by the cap for each character."""
    if not isinstance(settings, BalanceSection):
        return pictures
    return min(pictures, settings.max_images_per_character * len(production.characters))


def _examined_pictures(settings: CommonSettings, production: Production, drawn: int) -> int:
    """Count the drawings, and the frames with characters painted out, that are examined."""
    if not isinstance(settings, FinderSection) or not settings.draws:
        return 0
    measured = isinstance(settings, FigureSection)
    return drawn + (PAINTED_OUT_EACH * len(production.characters) if measured else 0)


def _reference_count(production: Production) -> int:
    return sum(len(character.references) for character in production.characters)


def _rekognition_detectors(
    settings: DetectionSection, production: Production, frames: int
) -> list[Usage]:
    usages = []
    if "labels" in settings.detectors:
        usages.append(_rekognition("DetectLabels", "image", frames))
    if "faces" in settings.detectors:
        usages += [
            _rekognition(
                "IndexFaces", "image", _reference_count(production) + len(production.strangers)
            ),
            _rekognition("DetectFaces", "image", frames),
            _rekognition("SearchFacesByImage", "image", math.ceil(frames * FACES_PER_FRAME)),
        ]
    if "custom_labels" in settings.detectors:
        hours = LABELS_STARTING_HOURS + frames / LABELS_PER_SECOND / 3600
        usages += [
            _rekognition("CustomLabelsTraining", "hour", LABELS_TRAINING_HOURS),
            _rekognition("DetectCustomLabels", "hour", round(hours, 2)),
        ]
    return usages


def _rekognition(item: str, unit: str, amount: float) -> Usage:
    return Usage(service="rekognition", item=item, unit=unit, amount=amount)


def _embeddings(settings: DuplicateSection, pictures: int) -> list[Usage]:
    model = settings.embedding_model_id
    return [Usage(service="bedrock", item=model, unit="image", amount=pictures)]


def _captions(settings: CaptionSection, pictures: int, tokens: RequestTokens) -> list[Usage]:
    read = tokens.caption * QUESTIONS_PER_ANSWER + COMPLAINT_TOKENS
    written = ANSWER_TOKENS * QUESTIONS_PER_ANSWER
    return token_usages(settings.caption_model_id, pictures * read, pictures * written)


def _breakdown(settings: BreakdownSection, tokens: RequestTokens) -> list[Usage]:
    read = tokens.breakdown * BREAKDOWN_QUESTIONS
    written = tokens.breakdown_answers * QUESTIONS_PER_ANSWER
    return token_usages(settings.breakdown_model_id, read, written)


def _review(pictures: int) -> list[Usage]:
    return [Usage(service="a2i", item="human_loop_object", unit="object", amount=pictures)]


def _training(settings: CommonSettings, hosting_hours: int) -> list[Usage]:
    hours = settings.model_units * hosting_hours
    model = settings.base_model_id
    return [
        Usage(service="bedrock", item=model, unit="training_image", amount=settings.images_seen),
        Usage(service="bedrock", item=model, unit="model_unit_hour", amount=hours),
    ]


def _prompted(settings: CommonSettings, drawn: int) -> list[Usage]:
    item = settings.prompt_model_id
    return [Usage(service="bedrock", item=item, unit=DRAWN_IMAGE, amount=drawn)]

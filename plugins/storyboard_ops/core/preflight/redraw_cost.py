"""Estimate what drawing panels again will buy; the panel board shows the same. Light to import."""

from __future__ import annotations

from storyboard_ops.core.preflight.job_hours import JobPlan
from storyboard_ops.domain.money.paid_usage import DRAWN_IMAGE, Usage
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.settings.pictures import FinderSection

#: Capacity is billed by the hour; provisioning, drawing and release fit into one.
HOSTING_HOURS = 1


#: A question whose answer is unusable is asked once more, and billed again.
QUESTIONS_PER_ANSWER = 2
#: Approximate tokens of an answer: a caption, or the boxes of three figures in a frame.
ANSWER_TOKENS = 120
TOKENS_PER_BOX = 40


def redraw_usages(
    settings: DrawingSettings,
    production: Production,
    detection_tokens: int,
    hosting_hours: int = HOSTING_HOURS,
    jobs: JobPlan | None = None,
) -> tuple[Usage, ...]:
    """Return what a run buys that draws some panels of an earlier board again.

    Every new picture is examined for the right characters, by a request of so many
    ``detection_tokens``. The other parameters are those of ``estimate_usages``.
    """
    if not settings.redraw:
        return ()
    pictures = pictures_of(settings, jobs)
    examined = examination_usages(settings, production, pictures, detection_tokens)
    return (*_drawing(settings, production, pictures, hosting_hours, jobs), *examined)


def _drawing(
    settings: DrawingSettings,
    production: Production,
    pictures: int,
    hosting_hours: int,
    jobs: JobPlan | None,
) -> list[Usage]:
    if settings.trainer == "own_gpu":
        return []
    if jobs:
        return jobs.usages(settings, pictures, None, len(production.characters))
    if settings.panel_source == "prompts":
        item, unit, amount = settings.prompt_model_id, DRAWN_IMAGE, pictures
    else:
        item, unit = settings.base_model_id, "model_unit_hour"
        amount = settings.model_units * hosting_hours
    return [Usage(service="bedrock", item=item, unit=unit, amount=amount)]


def examination_usages(
    settings: FinderSection, production: Production, pictures: int, detection_tokens: int
) -> list[Usage]:
    """Return what it buys to find the characters in a number of pictures."""
    if not pictures:
        return []
    asked = pictures * QUESTIONS_PER_ANSWER
    kinds = len(production.characters) + bool(production.strangers)
    written = max(ANSWER_TOKENS, kinds * TOKENS_PER_BOX)
    return token_usages(settings.detection_model_id, asked * detection_tokens, asked * written)


def token_usages(model_id: str, read: float, written: float) -> list[Usage]:
    """Return what it buys that a model reads and writes so many tokens."""
    return [
        Usage(service="bedrock", item=model_id, unit="input_token", amount=read),
        Usage(service="bedrock", item=model_id, unit="output_token", amount=written),
    ]


def pictures_of(settings: DrawingSettings, jobs: JobPlan | None) -> int:
    """Return how many pictures are drawn: all candidates of the panels."""
    by_job = jobs is not None or settings.trainer == "own_gpu"
    return len(settings.redraw) * settings.candidates_by(job=by_job)

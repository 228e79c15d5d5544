"""What runs are estimated to cost, in the README.

``python -m tests.docs.generated.cost_table`` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from storyboard_ops.core.detection.reference_pictures import reference_pictures
from storyboard_ops.core.preflight.estimate import estimate_usages
from storyboard_ops.core.preflight.job_hours import JobPlan
from storyboard_ops.core.preflight.request_tokens import caption_tokens, detection_tokens
from storyboard_ops.domain.preflight.estimate_basis import RequestTokens
from storyboard_ops.domain.production_sheet import Production, ScriptScene, parse_production
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.include_files import INCLUDE_ROOT, include_text, include_yaml
from storyboard_ops.gateways.models.limits_file import limits_table
from storyboard_ops.gateways.money.pricing import cost_of, price_table
from storyboard_ops.gateways.training.model_files import base_models, sagemaker_facts
from storyboard_ops.steps.dataset.write_captions import CAPTION_PROMPT
from storyboard_ops.steps.detection.detectors import DETECTION_PROMPT
from storyboard_ops.steps.money.cost_gate import paid_before_consent
from tests.docs.generated.marked_part import MarkedPart
from tests.docs.markdown_files import ROOT

PAGE = ROOT / "README.md"
PART = MarkedPart(PAGE, "costs")
UPDATE = "PYTHONPATH=plugins:. .venv/bin/python -m tests.docs.generated.cost_table"
REGION = "us-east-1"
NO_MACHINE = {"own_gpu": "the studio's", "bedrock": ""}
MINUTES, PANELS, FRAME = (10, 90), 24, (1920, 1080)
#: Trainer, what the panels are drawn with, and the machine of the jobs.
CHOICES = (
    ("sagemaker", "trained", "ml.g6e.2xlarge"),
    ("sagemaker", "trained", "ml.g5.2xlarge"),
    ("sagemaker", "trained", "ml.g7e.2xlarge"),
    ("sagemaker", "references", "ml.g6e.2xlarge"),
    ("sagemaker", "prompts", "ml.g6e.2xlarge"),
    ("own_gpu", "trained", ""),
    ("bedrock", "prompts", ""),
    ("bedrock", "trained", ""),
)


def table() -> str:
    """Return a row for every film, trainer and machine."""
    heads = (
        "| film | trainer | panels from | machine | dataset | training | drawing | whole run |\n"
        "| ---: | --- | --- | --- | ---: | ---: | ---: | ---: |"
    )
    return "\n".join((heads, *(f"| {' | '.join(row)} |" for row in rows())))


def rows() -> Iterator[tuple[str, ...]]:
    """Yield film, trainer, machine, and USD with the hours of each part of a run."""
    for minutes in MINUTES:
        for trainer, source, machine in CHOICES:
            named = f"`{trainer}`", f"`{source}`", machine or NO_MACHINE[trainer]
            yield (f"{minutes} min", *named, *costs(minutes, trainer, source, machine))


def costs(minutes: int, trainer: str, source: str, machine: str) -> tuple[str, str, str, str]:
    """Return the estimate for the dataset, the training, the drawing and all of it."""
    settings = RunSettings(
        videos=["s3://studio/film.mp4"], trainer=trainer, panels_from=source, review_desk="page"
    )
    production = long_script()
    facts = sagemaker_facts()
    model = base_models().find(settings.open_model)
    plan = JobPlan(model, facts.find(machine), facts.start_minutes) if machine else None
    frames = round(minutes * 60 / settings.sample_interval_s)
    usages = estimate_usages(settings, production, frames, tokens(settings, production), jobs=plan)
    parts = [paid_before_consent(usages)]
    parts += [
        [usage for usage in usages if usage.unit in units]
        for units in (
            ("training_hour", "training_image"),
            ("processing_hour", "model_unit_hour", "drawn_image"),
        )
    ]
    priced = [cost_of(part, REGION)[0] for part in parts]
    hours = [sum(usage.amount for usage in part if "hour" in usage.unit) for part in parts]
    total, unpriced = cost_of(usages, REGION)
    assert not unpriced
    worded = [
        f"{usd:,.2f} USD" + (f", {length:.1f} h" if length else "")
        for usd, length in zip(priced, hours, strict=True)
    ]
    return worded[0], worded[1], worded[2], f"{total:,.2f} USD"


def long_script() -> Production:
    """Return the sample production with a script of PANELS panels."""
    sheet = parse_production(include_yaml("productions/paper-lantern.yaml"), "sample")
    panel = sheet.storyboard[0].panels[0]
    scene = ScriptScene(scene="Scene", panels=(panel,) * PANELS)
    return sheet.model_copy(update={"storyboard": (scene,)})


def tokens(settings: RunSettings, production: Production) -> RequestTokens:
    """Return the tokens of requests about FRAME with the sample production's references."""
    limits = limits_table().of_converse(settings.detection_model_id)
    shown = {
        one.id: [(INCLUDE_ROOT / "productions" / name).read_bytes() for name in one.references]
        for one in production.characters
    }
    pictures = reference_pictures(shown, limits)
    return RequestTokens(
        detection=detection_tokens(include_text(DETECTION_PROMPT), pictures, [FRAME], limits),
        caption=caption_tokens(
            include_text(CAPTION_PROMPT),
            production,
            limits_table().of_converse(settings.caption_model_id),
        ),
    )


def dates() -> tuple[str, str]:
    """Return the dates of the prices, and of what is known of models and machines."""
    return price_table(REGION).dated, base_models().collected


if __name__ == "__main__":
    PART.write(table())

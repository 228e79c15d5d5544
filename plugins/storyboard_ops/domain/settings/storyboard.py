"""Settings of the panels of a storyboard."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.form import (
    SCRIPT,
    STORYBOARD,
    ModelId,
    PerProduction,
    labels,
    under,
)
from storyboard_ops.domain.storyboard.breakdown import BreakdownMode
from storyboard_ops.domain.training.panel_sources import ComparedSource

#: Largest seed that every documented version of the service accepts.
LARGEST_SEED = 858_993_459
#: How the forms show what a job can compare with.
COMPARED_LABELS = labels(
    {
        "prompts": "the base model alone",
        "references": "the base model and reference pictures",
        "trained_references": "the trained model and reference pictures",
    }
)
#: Candidates of a panel unless the parameter says another number: pictures of a job cost seconds
#: of a machine, those of a call are billed one by one.
JOB_CANDIDATES, CALL_CANDIDATES = 3, 1


@under(STORYBOARD)
class StoryboardSection(Settings):
    """Size, strength and seed of the panels."""

    panel_width: PerProduction[int] = Field(
        1280,
        ge=320,
        le=4096,
        multiple_of=16,
        title="Panel width (px)",
        description="Divisible by 16.",
    )
    panel_height: PerProduction[int] = Field(
        720,
        ge=320,
        le=4096,
        multiple_of=16,
        title="Panel height (px)",
        description="Divisible by 16.",
    )
    cfg_scale: PerProduction[float] = Field(
        6.5,
        ge=1.1,
        le=10,
        title="Prompt strength",
        description="cfgScale of the image model: how strictly the prompt is followed.",
    )
    candidates: PerProduction[int | None] = Field(
        None,
        ge=1,
        le=8,
        title="Candidates per panel",
        description=(
            "Pictures that are drawn of each panel, with seeds that follow each other; the one "
            "that shows the right characters best is taken, and people can choose another later. "
            "Empty: 3 where a job draws, 1 where Bedrock draws by calls."
        ),
    )
    seed: PerProduction[int] = Field(
        7,
        ge=0,
        le=LARGEST_SEED,
        title="Seed",
        description=(
            "The same seed draws the same panels. Each panel's own seed follows from it and from "
            "the panel's number, so other panels do not change it."
        ),
    )
    style: PerProduction[Literal["", "thumbnail", "clean_line", "tone", "colour"]] = Field(
        "",
        title="Style",
        description=(
            "How the panels look: thumbnail, clean_line, tone or colour, in the production's words "
            "for it (styles) or in those of include/prompts. Empty: the production's own style."
        ),
        json_schema_extra={"values_display": {"": "the production's own"}},
    )
    board: str = Field(
        "",
        pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$",
        max_length=60,
        title="Board",
        description=(
            "Name of the board, whose panels keep their numbers from run to run: small letters, "
            "digits and hyphens. Empty: the script's file name, or main for the production's own "
            "panels."
        ),
    )
    compare_with: list[ComparedSource] = Field(
        ["prompts", "references", "trained_references"],
        max_length=3,
        title="Compare with",
        description=(
            "Where a job draws: what else it draws the panels with, one picture each, so that the "
            "report shows what training is worth. prompts: the base model alone. references: the "
            "base model and the characters' reference pictures. trained_references: the trained "
            "model and the reference pictures. What the base model cannot do is left out."
        ),
        json_schema_extra=COMPARED_LABELS,
    )
    prompt_model_id: ModelId = Field(
        "stability.sd3-5-large-v1:0",
        title="Model for panels from prompts",
        description=(
            "Model of Bedrock that draws panels from prompts alone, where no trained model does: "
            "one picture a panel, each billed. It does not know the characters, and is called in a "
            "region that offers it, which may be another than the run's."
        ),
    )

    def candidates_by(self, job: bool) -> int:
        """Return how many pictures of a panel are drawn, by a job or by calls."""
        return self.candidates or (JOB_CANDIDATES if job else CALL_CANDIDATES)


@under(SCRIPT)
class BreakdownSection(Settings):
    """The script that the storyboard is drawn from, and how it becomes panels."""

    script: str = Field(
        "",
        max_length=1024,
        title="Script",
        description=(
            "S3 URI of a screenplay: Fountain, Final Draft (.fdx) or plain text; or of a YAML file "
            "with scenes and panels as in a production file (storyboard). Empty: the production's "
            "own panels."
        ),
    )
    breakdown: BreakdownMode = Field(
        "people",
        title="Breakdown of the script",
        description=(
            "people: a model breaks the screenplay down into shots and panels, and people edit and "
            "approve them on the breakdown page before the cost is approved. auto: nobody is "
            "asked. plain: every paragraph of action is a panel; no model, nobody is asked."
        ),
        json_schema_extra=labels(
            {
                "people": "a model proposes, people approve",
                "auto": "a model, nobody is asked",
                "plain": "a panel for every paragraph, no model",
            }
        ),
    )
    breakdown_model_id: ModelId = Field(
        "amazon.nova-pro-v1:0",
        title="Breakdown model",
        description="Bedrock model that breaks screenplays down into panels.",
    )

    @property
    def asks_breakdown_model(self) -> bool:
        """Whether a model breaks the script down; a YAML file has its panels already."""
        is_screenplay = bool(self.script) and not self.script.lower().endswith((".yaml", ".yml"))
        return is_screenplay and self.breakdown != "plain" and self.draws

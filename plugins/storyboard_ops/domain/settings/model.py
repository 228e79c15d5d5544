"""Settings of the DAGs that start from approved pictures or from a model instead of films."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from storyboard_ops.domain.review.desk_choice import FORMER_NAMES
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.common import CommonSettings, TrainingSettings
from storyboard_ops.domain.settings.films import ProductionSection
from storyboard_ops.domain.settings.form import (
    EDITORIAL,
    SCRIPT,
    SHEETS,
    STORYBOARD,
    TRAINING,
    Share,
    under,
)
from storyboard_ops.domain.settings.pictures import BalanceSection, FigureSection, FinderSection
from storyboard_ops.domain.settings.review import WaitSection
from storyboard_ops.domain.settings.run import RunSettings, parse_as
from storyboard_ops.domain.settings.storyboard import (
    COMPARED_LABELS,
    LARGEST_SEED,
    BreakdownSection,
)
from storyboard_ops.domain.settings.training import OnlyTrainerSection, PanelSourceSection
from storyboard_ops.domain.storyboard.redraw import MOST_NOTE, MOST_PANEL_ID, MOST_URI, Redraw
from storyboard_ops.domain.training.panel_sources import ComparedSource, PanelSource
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS

RETRAINING, BOARD = "Retraining", "Panel board"

#: Most panels that one run draws again.
MOST_REDRAWS = 500
#: The form has no references between schemas, so this one is written out.
_REDRAWS = WithJsonSchema(
    {
        "type": "array",
        "maxItems": MOST_REDRAWS,
        "items": {
            "type": "object",
            "required": ["panel_id"],
            "additionalProperties": False,
            "properties": {
                "panel_id": {"type": "string", "minLength": 1, "maxLength": MOST_PANEL_ID},
                "note": {"type": "string", "maxLength": MOST_NOTE},
                "seed": {"type": ["integer", "null"], "minimum": 0, "maximum": LARGEST_SEED},
                "reference": {"type": "string", "maxLength": MOST_URI},
            },
        },
    }
)

#: Sections and single parameters that the trigger forms offer.
RETRAINING_FORM = frozenset(
    {
        *("production", "workspace", "max_lost_share", RETRAINING),
        *("duplicate_above", "embedding_model_id", "detection_model_id"),
        *("max_images_per_character", "max_images_per_shot"),
        TRAINING,
        STORYBOARD,
        *("budget_usd", "model_units", "lease_h", "poll_seconds"),
    }
)
DRAWING_FORM = frozenset(
    {
        *("production", "workspace", SCRIPT, BOARD, STORYBOARD, SHEETS, EDITORIAL),
        *("max_lost_share", "budget_usd", "model_units", "lease_h", "poll_seconds"),
        *("over_budget", "review_timeout_h", "remind_after_h"),
        *("instance_types", "sagemaker_role_arn", "detection_model_id"),
    }
)


@under(RETRAINING)
class RetrainingSettings(
    TrainingSettings, OnlyTrainerSection, BalanceSection, FigureSection, ProductionSection
):
    """Parameters of one run of ``nightly_retraining``."""

    min_new_pictures: int = Field(
        20,
        ge=NOVA_CANVAS.records[0],
        le=10_000,
        title="Least number of new pictures",
        description="Nothing is trained until this many were approved since the last model.",
    )
    worse_by: Share = Field(
        0.05,
        title="Allowed loss of likeness",
        description=(
            "A new model is promoted when its panels are not less like the characters than the "
            "last model's by more than this: the whole 95 % interval of the difference must be "
            "above the loss. 1 is the likeness of the film's own pictures."
        ),
    )
    keep_other_model: bool = Field(
        True,
        title="Keep the model that is not promoted",
        description=(
            "Off: the model that loses the comparison, the new one or the one before it, is "
            "deleted from Bedrock at the end of the run. Files of open weights stay with the run "
            "that trained them."
        ),
    )
    compare_with: list[ComparedSource] = Field(
        [],
        max_length=3,
        title="Compare with",
        description=(
            "What else a job draws the panels with: prompts, references, trained_references. The "
            "new model is compared with the last one in any case."
        ),
        json_schema_extra=COMPARED_LABELS,
    )


@under(BOARD)
class BoardSection(Settings):
    """The board of an earlier run to republish, and its panels to redraw."""

    from_run: str = Field(
        "",
        max_length=250,
        title="From the run",
        description=(
            "Key or id of an earlier run whose board this run publishes again, with what people "
            "have chosen on its panel board; its script and its model are used. Empty: the whole "
            "script is drawn."
        ),
    )
    redraw: Annotated[list[Redraw], _REDRAWS] = Field(
        default=[],
        max_length=MOST_REDRAWS,
        title="Panels to draw again",
        description=(
            "With from_run: each with panel_id and, where wanted, a note that is added to the "
            "prompt, the first seed, and the S3 URI of a reference picture. All other panels stay "
            "as they are. Empty: nothing is drawn, and no capacity is bought."
        ),
    )


@under(SCRIPT)
class DrawingSettings(
    CommonSettings,
    FinderSection,
    OnlyTrainerSection,
    PanelSourceSection,
    BoardSection,
    BreakdownSection,
    WaitSection,
):
    """Parameters of one run of ``draw_storyboard``."""

    model: str = Field(
        "current",
        min_length=1,
        max_length=2048,
        title="Model",
        description=(
            "current: the model that nightly_retraining has promoted for the production. Or the "
            "ARN of a model that Bedrock has customized, or the S3 URI of the folder of one that "
            "was trained on open weights."
        ),
    )
    panels: list[str] = Field(
        default=[],
        max_length=200,
        title="Panels",
        description="What the panels show, one per line, where no script is named.",
    )
    retimed_cut: str = Field(
        "",
        pattern=r"^(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+)?$",
        max_length=1024,
        title="Retimed cut",
        description=(
            "S3 URI of a cut that an editor made of an earlier board: EDL, OpenTimelineIO (.otio, "
            ".otioz), FCPXML or Final Cut Pro 7 XML. Panels get the lengths that they have there; "
            "none is drawn again for it."
        ),
    )

    @property
    def draws(self) -> bool:
        """Whether this run draws anything: a script, or panels of an earlier board."""
        return bool(self.redraw) or not self.from_run

    @property
    def panel_source(self) -> PanelSource:
        """What the panels are drawn with, as preflight has found it out from the model."""
        return self.panels_from


def recorded_settings(document: Mapping[str, Any]) -> CommonSettings:
    """Parse the ``settings.json`` that a run of any DAG recorded.

    Earlier versions recorded film parameters for runs without films; these are ignored. The names
    that they gave to desks are replaced. Raises SettingsError for parameters that no version wrote.
    """
    if (desk := document.get("review_desk")) in FORMER_NAMES:
        document = {**document, "review_desk": FORMER_NAMES[desk]}
    kinds: tuple[type[CommonSettings], ...] = (RetrainingSettings, DrawingSettings)
    for kind in kinds:
        own = kind.model_fields.keys() - RunSettings.model_fields.keys()
        if own & document.keys():
            of_films = RunSettings.model_fields.keys() - kind.model_fields.keys()
            kept = {name: value for name, value in document.items() if name not in of_films}
            return parse_as(kind, kept)
    return parse_as(RunSettings, document)

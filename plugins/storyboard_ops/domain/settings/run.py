"""Settings of a run, validated once, and shown as the trigger form in the Airflow UI.

Bounds and help texts are in the sections only; ``airflow_ops.dag_params`` turns each field into a
typed ``Param``. Documented service limits carry their source in the comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo

from storyboard_ops.domain.base_record import plain_fault
from storyboard_ops.domain.bounded_text import short_repr
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.input_limits import MOST_FAULTS
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.common import TrainingSettings
from storyboard_ops.domain.settings.films import (
    FilmSettings,
    FilmsSection,
    LossSection,
    ProductionSection,
    SamplingSection,
)
from storyboard_ops.domain.settings.form import VideoUri, filled_in, per_production
from storyboard_ops.domain.settings.pictures import (
    BalanceSection,
    CaptionSection,
    CropSection,
    DetectionSection,
    FigureSection,
)
from storyboard_ops.domain.settings.review import ReviewSection
from storyboard_ops.domain.settings.storyboard import BreakdownSection
from storyboard_ops.domain.settings.training import PanelSourceSection, TrainerSection
from storyboard_ops.domain.suggestions import did_you_mean
from storyboard_ops.domain.training.panel_sources import PanelSource

AnySettings = TypeVar("AnySettings", bound=Settings)

#: Pydantic's names for the ends of a range.
ENDS = ("ge", "le")


class RunSettings(
    TrainingSettings,
    BreakdownSection,
    PanelSourceSection,
    TrainerSection,
    ReviewSection,
    BalanceSection,
    CaptionSection,
    FigureSection,
    CropSection,
    DetectionSection,
    LossSection,
    FilmSettings,
    SamplingSection,
    ProductionSection,
    FilmsSection,
):
    """Parameters of one run of ``train_character_model``: all sections."""

    @property
    def draws(self) -> bool:
        """Whether a storyboard is drawn in this run."""
        return self.trainer != "dataset_only"

    @property
    def panel_source(self) -> PanelSource:
        """What the panels are drawn with."""
        return self.panels_from


class AccountSettings(RunSettings):
    """Parameters without films, with which a user can check an account."""

    videos: list[VideoUri] = Field(default_factory=list, max_length=0, title="Videos")


def parse_settings(params: Mapping[str, Any]) -> RunSettings:
    """Validate the parameters of a run on films; raises SettingsError, see ``parse_as``."""
    return parse_as(RunSettings, params)


def parse_as(settings_type: type[AnySettings], params: Mapping[str, Any]) -> AnySettings:
    """Validate the parameters of a DAG; raises SettingsError with one line per wrong parameter.

    A parameter that is None has its default: a field of the form that was left empty.
    """
    try:
        return settings_type.model_validate(filled_in(params))
    except ValidationError as error:
        items = error.errors(include_url=False)
        lines = [_explain(settings_type, item) for item in items[:MOST_FAULTS]]
        if more := len(items) - len(lines):
            lines.append(f"And {more:,} more.")
        raise SettingsError("\n".join(lines)) from error


def suited_settings(settings: AnySettings, suited: Mapping[str, Any]) -> AnySettings:
    """Apply a production's parameters where the run has the default.

    A parameter that the run changes takes precedence over the production file; parameters of other
    DAGs are ignored. Raises SettingsError for a parameter that no DAG has, that is out of bounds,
    or that a production file cannot set.
    """
    fields = type(settings).model_fields
    allowed = per_production(RunSettings)
    known = RunSettings.model_fields.keys() | fields.keys()
    if refused := sorted(suited.keys() & known - allowed):
        raise SettingsError(
            f"A production file cannot set {', '.join(refused)}. Those who start a "
            "run decide about money, people, roles and places: set it in the run's parameters or, "
            "for runs that uploads start, in include/deployment.yaml. A production file can set "
            f"{', '.join(sorted(allowed))}."
        )
    taken = {
        name: value
        for name, value in suited.items()
        if name not in known or (name in fields and getattr(settings, name) == fields[name].default)
    }
    return parse_as(type(settings), {**settings.model_dump(), **taken})


def _explain(settings_type: type[Settings], item: Mapping[str, Any]) -> str:
    name = str(item["loc"][0]) if item["loc"] else "settings"
    field = settings_type.model_fields.get(name)
    if field is None:
        known = settings_type.model_fields
        return (
            f"Parameter {short_repr(name)} does not exist.{did_you_mean(name, known)} "
            f"Parameters are: {', '.join(known)}."
        )
    given = "" if item["type"] == "missing" else f" (given: {short_repr(item['input'])})"
    whole = f"{plain_fault(item)}{given}.{_range_of(field, item)}{_suggestion(item)}"
    return f"Parameter {name!r}: {whole} {field.description}"


def _range_of(field: FieldInfo, item: Mapping[str, Any]) -> str:
    """Return the whole range of a number that is beyond one of its ends, or is none."""
    bounds = {kind: getattr(m, kind) for m in field.metadata for kind in ENDS if hasattr(m, kind)}
    if len(item["loc"]) > 1 or not bounds.keys() >= {"ge", "le"}:
        return ""
    return f" Give {bounds['ge']:,} to {bounds['le']:,}."


def _suggestion(item: Mapping[str, Any]) -> str:
    """Suggest one of what a choice allows, as in "'auto', 'bedrock' or 'sagemaker'"."""
    if item["type"] != "literal_error" or not isinstance(item["input"], str):
        return ""
    return did_you_mean(item["input"], re.findall(r"'([^']*)'", item["ctx"]["expected"]))

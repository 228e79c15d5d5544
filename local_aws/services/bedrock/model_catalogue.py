"""The catalogue of foundation models, and what is allowed with each on a given day.

The catalogue is the file `data/foundation_models.yaml`; the simulated calendar day decides whether
a model does not exist yet, is ACTIVE, LEGACY or past its end of life.

Source of the rules: docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle-legacy.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from local_aws.protocol.errors import ServiceError

CATALOGUE_FILE = Path(__file__).parents[2] / "data" / "foundation_models.yaml"

ACTIVE = "ACTIVE"
LEGACY = "LEGACY"

END_OF_LIFE_MESSAGE = (
    "This model version has reached the end of its life. "
    "Please refer to the AWS documentation for more details."
)
UNKNOWN_MODEL_MESSAGE = "The provided model identifier is invalid."


@dataclass(frozen=True)
class HyperparameterRange:
    """Bounds of one hyperparameter, both inclusive."""

    minimum: float
    maximum: float
    default: float
    integer: bool


@dataclass(frozen=True)
class RequestLimits:
    """What one request may contain; None: not documented, or no such member."""

    pictures: int
    picture_bytes: int
    longest_side: int  # pixels
    payload_bytes: int | None = None  # pictures count as base64
    context_tokens: int | None = None
    new_tokens: int | None = None
    pixels_per_token: int | None = None


@dataclass(frozen=True)
class FoundationModel:
    """One entry of the catalogue. Dates are the first day of the state they name."""

    id: str
    name: str
    provider: str
    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    customizations: tuple[str, ...]
    inference_types: tuple[str, ...]
    streaming: bool
    regions: tuple[str, ...]
    start_of_life: date
    customization_regions: tuple[str, ...] = ()
    on_demand_regions: tuple[str, ...] | None = None  # None: all its regions
    legacy: date | None = None
    public_extended_access: date | None = None
    end_of_life: date | None = None
    hyperparameters: Mapping[str, HyperparameterRange] = field(default_factory=dict)
    limits: RequestLimits | None = None

    def arn(self, region: str) -> str:
        """Return the ARN of the model, which belongs to no account."""
        return f"arn:aws:bedrock:{region}::foundation-model/{self.id}"

    def types_in(self, region: str) -> list[str]:
        """Return `inferenceTypesSupported` in a region.

        Without ON_DEMAND only inference profiles serve the model there; AWS also answers
        INFERENCE_PROFILE, which its service model does not know.
        """
        bare = self.on_demand_regions is None or region in self.on_demand_regions
        return [name for name in self.inference_types if bare or name != "ON_DEMAND"]

    def has_ended(self, day: date) -> bool:
        """Return whether the model is past its end of life on `day`."""
        return self.end_of_life is not None and self.end_of_life <= day

    def is_offered(self, region: str, day: date) -> bool:
        """Return whether the region has the model on `day`."""
        return region in self.regions and self.start_of_life <= day and not self.has_ended(day)

    def status(self, day: date) -> str:
        """Return `modelLifecycle.status` on `day`: ACTIVE or LEGACY."""
        return LEGACY if self.legacy is not None and self.legacy <= day else ACTIVE

    def lifecycle(self, day: date) -> dict[str, Any]:
        """Return `modelLifecycle` as the service does: the status and the known dates."""
        dates = {
            "startOfLifeTime": self.start_of_life,
            "legacyTime": self.legacy,
            "publicExtendedAccessTime": self.public_extended_access,
            "endOfLifeTime": self.end_of_life,
        }
        known = {name: _to_midnight(value) for name, value in dates.items() if value is not None}
        return {"status": self.status(day), **known}


@cache
def load_foundation_models() -> tuple[FoundationModel, ...]:
    """Return every model of the catalogue, whatever the day."""
    entries = yaml.safe_load(CATALOGUE_FILE.read_text(encoding="utf-8"))["models"]
    return tuple(_read_model(entry) for entry in entries)


def find_model(identifier: str) -> FoundationModel | None:
    """Return the model of an id or foundation-model ARN, whatever the day; None if unknown."""
    model_id = identifier.rpartition("foundation-model/")[2]
    return next((model for model in load_foundation_models() if model.id == model_id), None)


def require_available_model(identifier: str, region: str, day: date) -> FoundationModel:
    """Return the model of an id or ARN that is available in `region` on `day`.

    Raises:
        ServiceError: ValidationException for a model that is unknown, is not offered in the
            region or does not exist yet; ResourceNotFoundException past its end of life.
    """
    model = find_model(identifier)
    if model is None or region not in model.regions or day < model.start_of_life:
        raise ServiceError("ValidationException", UNKNOWN_MODEL_MESSAGE)
    if model.has_ended(day):
        raise ServiceError("ResourceNotFoundException", END_OF_LIFE_MESSAGE)
    return model


def require_model_behind_profile(arn: str, day: date) -> FoundationModel:
    """Return the model of an ARN in a profile on `day`, whatever its region; raises as above."""
    region = arn.split(":")[3]
    model = find_model(arn)
    if model is None or day < model.start_of_life:
        raise ServiceError("ValidationException", UNKNOWN_MODEL_MESSAGE)
    return require_available_model(
        arn, region if region in model.regions else model.regions[0], day
    )


def _read_model(entry: dict[str, Any]) -> FoundationModel:
    ranges = {
        name: HyperparameterRange(**bounds)
        for name, bounds in entry.pop("hyperparameters", {}).items()
    }
    limits = entry.pop("limits", None)
    members: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()
    }
    return FoundationModel(
        **members,
        hyperparameters=ranges,
        limits=RequestLimits(**limits) if limits else None,
    )


def _to_midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

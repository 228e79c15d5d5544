"""Look up the models and inference profiles that an account can call in its region.

Sources: Amazon Bedrock API reference, GetFoundationModel, GetFoundationModelAvailability,
ListInferenceProfiles, GetInferenceProfile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storyboard_ops.domain.error_tree import NotFound, RequestRefused
from storyboard_ops.domain.models.model_ids import FOUNDATION_MODEL, GLOBAL
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.aws.calls import list_all
from storyboard_ops.gateways.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient


@dataclass(frozen=True)
class ModelFacts:
    """What Bedrock reports of a foundation model in this region."""

    arn: str
    status: str  # ACTIVE or LEGACY
    legacy_since: str  # ISO 8601 or empty
    end_of_life: str  # ISO 8601 or empty
    on_demand: bool  # whether its own id can be called


@dataclass(frozen=True)
class InferenceProfile:
    """A profile that routes requests to one model in several regions."""

    id: str
    arn: str
    model_id: str
    model_arns: tuple[str, ...]  # the model in each region behind the profile

    @property
    def is_global(self) -> bool:
        return self.id.startswith(GLOBAL)


class ModelDirectory:
    """Each method is one call, or the pages of one; None for what the region does not know."""

    def __init__(self, client: BedrockClient) -> None:
        self._client = translated("bedrock", client)

    def model(self, model_id: str) -> ModelFacts | None:
        """Return the facts about a foundation model; None if unknown here, or ended."""
        try:
            details = self._client.get_foundation_model(modelIdentifier=model_id)["modelDetails"]
        except (NotFound, RequestRefused):
            # Bedrock answers a well-formed id of an unknown or ended model with either.
            return None
        cycle: dict[str, Any] = dict(details.get("modelLifecycle", {"status": "ACTIVE"}))
        return ModelFacts(
            arn=details["modelArn"],
            status=cycle["status"],
            legacy_since=iso(cycle["legacyTime"]) if "legacyTime" in cycle else "",
            end_of_life=iso(cycle["endOfLifeTime"]) if "endOfLifeTime" in cycle else "",
            on_demand="ON_DEMAND" in details.get("inferenceTypesSupported", ()),
        )

    def missing_access(self, model_id: str) -> tuple[str, ...]:
        """Return what the account lacks to call a model, e.g. ``authorization NOT_AUTHORIZED``."""
        answer = self._client.get_foundation_model_availability(modelId=model_id)
        states = {
            "agreement": (answer["agreementAvailability"]["status"], "AVAILABLE"),
            "authorization": (answer["authorizationStatus"], "AUTHORIZED"),
            "entitlement": (answer["entitlementAvailability"], "AVAILABLE"),
            "region": (answer["regionAvailability"], "AVAILABLE"),
        }
        return tuple(f"{name} {is_}" for name, (is_, wanted) in states.items() if is_ != wanted)

    def profile(self, identifier: str) -> InferenceProfile | None:
        """Return a profile by id or ARN, of the system or of an application."""
        try:
            answer = self._client.get_inference_profile(inferenceProfileIdentifier=identifier)
        except (NotFound, RequestRefused):
            return None
        return _read_profile(dict(answer))

    def system_profiles(self, model_id: str) -> list[InferenceProfile]:
        """Return the active system profiles of a model, those of a geography before global ones."""
        summaries = list_all(
            self._client,
            "list_inference_profiles",
            "inferenceProfileSummaries",
            typeEquals="SYSTEM_DEFINED",
        )
        found = [_read_profile(each) for each in summaries if each.get("status") == "ACTIVE"]
        serving = [profile for profile in found if profile.model_id == model_id]
        return sorted(serving, key=lambda profile: (profile.is_global, profile.id))


def _read_profile(answer: dict[str, Any]) -> InferenceProfile:
    arns = tuple(model["modelArn"] for model in answer["models"])
    return InferenceProfile(
        id=answer["inferenceProfileId"],
        arn=answer["inferenceProfileArn"],
        model_id=arns[0].rpartition(FOUNDATION_MODEL)[2] if arns else "",
        model_arns=arns,
    )

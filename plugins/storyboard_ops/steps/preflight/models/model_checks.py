"""Check the models that answer about pictures, and find the id that this account can call.

A model passes the same gate as the trainer before anything is paid: it is known in the region, not
past its end of life, open to the account, and callable, by its own id or by an inference profile.
"""

from __future__ import annotations

from dataclasses import dataclass

from storyboard_ops.domain.error_tree import ServiceError
from storyboard_ops.domain.models.model_ids import is_foundation_model, is_profile, model_of
from storyboard_ops.domain.models.model_routes import ModelRoute, ModelRoutes
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.pictures import (
    CaptionSection,
    DetectionSection,
    DuplicateSection,
    FinderSection,
)
from storyboard_ops.domain.settings.storyboard import BreakdownSection
from storyboard_ops.gateways.models.model_directory import InferenceProfile, ModelDirectory
from storyboard_ops.steps.run.tool_box import ToolBox, has_section


def check_models(tools: ToolBox) -> tuple[ModelRoutes, Finding]:
    """Check every model of the settings; returns how each is called, and what was found."""
    directory = ModelDirectory(tools.clients("bedrock"))
    chosen = chosen_models(tools)
    checked = [_check_model(directory, model, tools.region) for model in chosen]
    routes = ModelRoutes(routes=tuple(one.route for one in checked if one.route))
    if faults := [one.finding for one in checked if one.state == "fail"]:
        faulty = [
            parameter
            for parameters, one in zip(chosen.values(), checked, strict=True)
            if one.state == "fail"
            for parameter in parameters
        ]
        return routes, failed(
            f"{'; '.join(faults)}.",
            f"Set {' and '.join(faulty)} to a model that Bedrock offers in {tools.region}, or to "
            "an inference profile of it, and allow the account to use it.",
        )
    said = "; ".join(one.finding for one in checked) or "none is called"
    if any(one.state == "warn" for one in checked):
        return routes, warned(f"{said}.", "Choose another model before the end of its life.")
    return routes, passed(f"{said}.")


def chosen_models(tools: ToolBox) -> dict[str, list[str]]:
    """Return the models that a run with these settings calls, with the parameters naming them."""
    models: dict[str, list[str]] = {}
    if has_section(tools, FinderSection) and finds_characters(tools):
        models.setdefault(tools.settings.detection_model_id, []).append("detection_model_id")
    if has_section(tools, CaptionSection):
        models.setdefault(tools.settings.caption_model_id, []).append("caption_model_id")
    if has_section(tools, DuplicateSection):
        models.setdefault(tools.settings.embedding_model_id, []).append("embedding_model_id")
    if has_section(tools, BreakdownSection) and tools.settings.asks_breakdown_model:
        models.setdefault(tools.settings.breakdown_model_id, []).append("breakdown_model_id")
    return models


def finds_characters(tools: ToolBox[FinderSection]) -> bool:
    """Return whether the run asks the model for characters: in frames, or in drawn panels."""
    in_frames = has_section(tools, DetectionSection) and "multimodal" in tools.settings.detectors
    return in_frames or (has_section(tools, CommonSettings) and tools.settings.draws)


@dataclass(frozen=True)
class _Checked:
    """What was found about a model; ``route`` is None when it cannot be called."""

    state: str  # pass, warn or fail
    finding: str
    route: ModelRoute | None = None


def _check_model(directory: ModelDirectory, chosen: str, region: str) -> _Checked:
    try:
        return _find_route(directory, chosen, region)
    except ServiceError as error:
        return _Checked("fail", f"{chosen} could not be checked: {str(error).rstrip('.')}")


def _find_route(directory: ModelDirectory, chosen: str, region: str) -> _Checked:
    profile = directory.profile(chosen) if is_profile(chosen) else None
    if is_profile(chosen) and profile is None:
        return _Checked("fail", f"the inference profile {chosen} does not exist in {region}")
    if not is_profile(chosen) and not is_foundation_model(chosen):
        # Capacity of the account's own: Bedrock offers no life cycle for it.
        own = ModelRoute(chosen=chosen, model_id=chosen, called=chosen, arns=(chosen,))
        return _Checked("pass", f"{chosen} is called as it is", own)
    model_id = profile.model_id if profile else model_of(chosen)
    facts = directory.model(model_id)
    if facts is None:
        return _Checked(
            "fail", f"{model_id} is not offered by Bedrock in {region}, or past its end of life"
        )
    if lacking := directory.missing_access(model_id):
        return _Checked(
            "fail", f"{model_id} is not open to this account in {region} ({', '.join(lacking)})"
        )
    if profile is None and not facts.on_demand:
        profile = next(iter(directory.system_profiles(model_id)), None)
        if profile is None:
            return _Checked(
                "fail",
                f"{model_id} has no on-demand throughput in {region}, and no inference profile "
                "serves it from there",
            )
    route = _make_route(chosen, model_id, facts.arn, profile)
    how = f"{model_id} by {route.called}" if profile else model_id
    if facts.status != "ACTIVE":
        ends = f" and ends {facts.end_of_life}" if facts.end_of_life else ""
        return _Checked("warn", f"{how} is {facts.status} since {facts.legacy_since}{ends}", route)
    return _Checked("pass", f"{how} is active", route)


def _make_route(
    chosen: str, model_id: str, model_arn: str, profile: InferenceProfile | None
) -> ModelRoute:
    if profile is None:
        return ModelRoute(chosen=chosen, model_id=model_id, called=model_id, arns=(model_arn,))
    # An application profile is called by its ARN, one of the system by its id.
    called = chosen if chosen.startswith("arn:") else profile.id
    # Bedrock judges the call on the profile, and on the model in every region behind it.
    arns = tuple(dict.fromkeys((profile.arn, model_arn, *profile.model_arns)))
    return ModelRoute(chosen=chosen, model_id=model_id, called=called, arns=arns)

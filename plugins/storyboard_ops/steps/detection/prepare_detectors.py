"""Prepare the detectors of a run, or report what to wait for.

Every call checks what exists and does the next thing, so that calls after a wait, a retry or a kill
lead to one collection, one training, one start.
"""

from __future__ import annotations

import logging
from typing import Any

from storyboard_ops.domain.detection.detector_facts import (
    IN_TRAINING,
    STOPPING,
    UNTRAINED,
    Goal,
    ModelWait,
)
from storyboard_ops.domain.error_tree import JobFailed, JobStopped
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.detection.rekognition_custom import RekognitionCustom, VersionState
from storyboard_ops.steps.detection.custom_inference import (
    INFERENCE,
    record_model,
    start_inference,
)
from storyboard_ops.steps.detection.custom_training import (
    book_training,
    train_model,
    training_contents,
)
from storyboard_ops.steps.detection.face_collection import build_collection
from storyboard_ops.steps.detection.names import project_name
from storyboard_ops.steps.detection.users import join
from storyboard_ops.steps.money.claims import announce, claims
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

RUNNING = "RUNNING"
NOT_STARTED = "FAILED"


def prepare_detectors(tools: ToolBox[RunSettings]) -> dict[str, Any] | ModelWait:
    """Do what can be done now; returns a summary when all is ready, else what to wait for.

    A run with neither faces nor Custom Labels is ready at once, without a call.
    """
    summary: dict[str, Any] = {}
    if "faces" in tools.settings.detectors:
        summary["faces"] = build_collection(tools).model_dump(mode="json")
    if "custom_labels" in tools.settings.detectors:
        model = _custom_labels(tools)
        if isinstance(model, ModelWait):
            return model
        summary["custom_labels"] = model
    return summary


def check_awaited(tools: ToolBox[Settings], wait: ModelWait) -> None:
    """Raise JobFailed, with the service's reason, when what was waited for failed."""
    custom = RekognitionCustom(tools.clients("rekognition"))
    found = {version.version: version for version in custom.versions(wait.project_arn)}
    version = found.get(wait.version)
    if version is None:
        raise JobStopped(
            f"Model {wait.version} of {wait.project_arn} no longer exists; clear prepare_detectors "
            "to train a new one."
        )
    # A model that another run failed to start is trained, so this run may try.
    not_started = version.status == NOT_STARTED and wait.goal == "running"
    if version.status in UNTRAINED or not_started:
        raise JobFailed(
            f"Custom Labels model {version.arn} was not {wait.goal}: {version.message} Check "
            "the reference pictures, then clear prepare_detectors to try again."
        )


def _custom_labels(tools: ToolBox[RunSettings]) -> dict[str, Any] | ModelWait:
    contents = training_contents(tools)
    announce(tools, INFERENCE, project_name(tools))
    join(tools, project_name(tools))
    version = train_model(tools, contents)
    if version.status in IN_TRAINING:
        return _wait("trained", version)
    if _trained_by_this_run(tools):
        book_training(tools, version)
    if version.status == STOPPING:  # stopped by a run that no longer needs it; not startable yet
        return _wait("stopped", version)
    start_inference(tools, version)
    if version.status != RUNNING:
        return _wait("running", version)
    return record_model(tools, version).model_dump(mode="json")


def _wait(goal: Goal, version: VersionState) -> ModelWait:
    log.info("Waiting until %s is %s.", version.arn, goal)
    return ModelWait(goal=goal, project_arn=version.project_arn, version=version.version)


def _trained_by_this_run(tools: ToolBox[RunSettings]) -> bool:
    own = {(claimed.kind, claimed.name) for claimed in claims(tools) if not claimed.made_by}
    return ("custom labels model", project_name(tools)) in own

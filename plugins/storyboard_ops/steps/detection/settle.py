"""Settle a run's claims at Rekognition: release its detectors and write their receipt lines.

Idle detectors cost nothing or nearly nothing, and making them again costs money and time:
``keep_model`` keeps them for the next run, as it keeps the customized model. Without it they are
deleted, or the claim is transferred to another run that uses them, which deletes them in turn.
"""

from __future__ import annotations

import logging
from typing import Any

from storyboard_ops.domain.detection.detector_facts import AT_REST, BILLING, IN_TRAINING
from storyboard_ops.domain.error_tree import ReleaseFailed
from storyboard_ops.domain.money.paid_usage import PaidResource
from storyboard_ops.domain.settings.money import MoneySection
from storyboard_ops.domain.training.model_facts import Claim
from storyboard_ops.domain.utc_time import hours_between, iso
from storyboard_ops.gateways.detection.rekognition_custom import ProjectState, RekognitionCustom
from storyboard_ops.gateways.detection.rekognition_faces import RekognitionFaces
from storyboard_ops.steps.detection.custom_training import book_training
from storyboard_ops.steps.detection.users import leaving
from storyboard_ops.steps.money.claims import transfer_claim, write_line
from storyboard_ops.steps.run.service_wait import wait_until
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

#: Deleting a model takes a minute or two.
DELETE_SECONDS = 600


def settle_collection(tools: ToolBox[MoneySection], claimed: Claim) -> None:
    """Delete the face collection unless this run only used it, keeps it, or others use it."""
    faces = RekognitionFaces(tools.clients("rekognition"))
    with leaving(tools, claimed.name) as others:
        found = faces.find_collection(claimed.name)
        if found is None or not claimed.begun:
            return
        why = _why_kept(tools, claimed, others)
        if not why:
            faces.delete_collection(claimed.name)
    _write_line(
        tools, claimed, found.arn, why, kept_note="storage of a face costs 0.00001 USD a month"
    )


def settle_custom_model(tools: ToolBox[MoneySection], claimed: Claim) -> None:
    """Delete the Custom Labels project with its models, unless it is kept or others use it.

    A model in training can be neither stopped nor deleted: it stays, and the receipt says so.
    """
    custom = RekognitionCustom(tools.clients("rekognition"))
    with leaving(tools, claimed.name) as others:
        found = custom.find_project(claimed.name)
        if found is None:
            return
        versions = custom.versions(found.arn)
        for version in () if claimed.made_by else versions:
            book_training(tools, version)
        states = {version.status for version in versions}
        why = _why_kept(tools, claimed, others)
        if states & IN_TRAINING:
            why = "its training goes on and cannot be stopped; it ends by itself and is billed once"
        elif not why and states & BILLING:
            raise ReleaseFailed(f"{found.arn} has a model that still runs; it cannot be deleted.")
        if not why:
            delete_project(custom, found)
    _write_line(tools, claimed, found.arn, why, kept_note="costs nothing unless it runs")


def _why_kept(tools: ToolBox[MoneySection], claimed: Claim, others: list[str]) -> str:
    """Return why a detector stays; empty when it may be deleted."""
    if tools.settings.keep_model:
        return "kept on purpose (keep_model) for the next run"
    if not others:
        return ""
    transfer_claim(tools, claimed, others[0])
    return f"in use by {', '.join(others)}, transferred to {others[0]}"


def delete_project(custom: RekognitionCustom, project: ProjectState) -> None:
    """Delete a project with its models; raises ReleaseFailed when one cannot be deleted in time."""

    def at_rest() -> bool:
        return all(version.status in AT_REST for version in custom.versions(project.arn))

    # A model that is still stopping cannot be deleted yet.
    gone = wait_until(at_rest, DELETE_SECONDS)
    for version in custom.versions(project.arn) if gone else ():
        custom.delete_version(version.arn)
    if not gone or not wait_until(lambda: not custom.versions(project.arn), DELETE_SECONDS):
        raise ReleaseFailed(
            f"The models of {project.arn} could not be deleted within {DELETE_SECONDS} s; clear "
            "the task to try again."
        )
    custom.delete_project(project.arn)


def _write_line(
    tools: ToolBox[MoneySection], claimed: Claim, arn: str, why_kept: str, kept_note: str
) -> None:
    moment = iso(tools.clock())
    facts: dict[str, Any] = {"deleted_at": "" if why_kept else moment, "kept": bool(why_kept)}
    write_line(
        tools,
        PaidResource(
            kind=claimed.kind,
            name=claimed.name,
            arn=arn,
            owner=tools.run_key,
            created_at=claimed.claimed_at,
            bills=False,
            note=f"{why_kept}; {kept_note}" if why_kept else "",
            hours=round(hours_between(claimed.claimed_at, moment), 4),
            **facts,
        ),
    )

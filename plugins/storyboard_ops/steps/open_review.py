"""Open the review: pictures in batches, one human loop each."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from itertools import count
from typing import Any

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import RemoteFailure
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.paid_usage import Usage
from storyboard_ops.domain.review_records import REJECT_REASONS, HumanLoop
from storyboard_ops.gateways import account_facts
from storyboard_ops.gateways.human_review import HumanReview
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.steps.tool_box import ToolBox

log = logging.getLogger(__name__)

TEMPLATE = "worker_templates/approve_pictures.liquid.html"
INSTRUCTIONS = (
    "These pictures will teach an image model what the characters look like. Approve a picture "
    "when the right character is well visible; mend the caption where it is wrong."
)
VERSION = 1
ENDED_BADLY = frozenset({"Failed", "Stopped", "Stopping"})


def open_review(tools: ToolBox, ref: ManifestRef) -> ManifestRef:
    """Start the human loops of a dataset; returns the manifest of loops (none on the auto desk).

    Called again, it adopts loops that are open or answered, and asks anew where a loop has failed,
    expired or was stopped.
    """
    uri = tools.run_root / "review/loops.jsonl"
    digest = digest_of(
        VERSION, ref.sha256, tools.settings.review_desk, tools.settings.review_batch_size
    )
    if (found := tools.manifests.find(uri, digest)) and not _any_ended_badly(tools, found[0]):
        return found[0]
    images = [i for i in tools.manifests.read(ref, ImageRecord, "images").records if i.kept]
    loops = _start_loops(tools, images, digest) if tools.settings.review_desk == "a2i" else []
    if loops:
        shown = Usage(service="a2i", item="human_loop_object", unit="object", amount=len(images))
        tools.book("open_review", (shown,))
    summary = {
        "desk": tools.settings.review_desk,
        "flow_definition_arn": loops[0].flow_definition_arn if loops else "",
        "pictures": len(images),
    }
    return tools.manifests.commit(uri, "human_loops", digest, loops, summary)


def _start_loops(tools: ToolBox, images: Sequence[ImageRecord], digest: str) -> list[HumanLoop]:
    desk = _desk(tools)
    flow_arn = _flow_definition(tools, desk)
    loops = []
    # Shots stay together, so that a reviewer compares like with like.
    ordered = sorted(images, key=lambda i: (i.character, i.frame.video.uri, i.frame.k))
    for number, batch in enumerate(_batches(ordered, tools.settings.review_batch_size), start=1):
        loop = HumanLoop(
            name=_usable_name(desk, f"{tools.run_key[:40]}-{digest[:8]}-{number:04d}"),
            flow_definition_arn=flow_arn,
            image_ids=tuple(image.image_id for image in batch),
        )
        desk.start_loop(loop.name, flow_arn, _task_input(tools, batch, number))
        loops.append(loop)
    log.info("Opened %d human loops for %d pictures.", len(loops), len(images))
    return loops


def _desk(tools: ToolBox) -> HumanReview:
    return HumanReview(tools.clients("sagemaker"), tools.clients("sagemaker-a2i-runtime"))


def _any_ended_badly(tools: ToolBox, ref: ManifestRef) -> bool:
    desk = _desk(tools)
    loops = tools.manifests.read(ref, HumanLoop, "human_loops").records
    found = [desk.find_loop(loop.name) for loop in loops]
    return any(state is None or state.status in ENDED_BADLY for state in found)


def _usable_name(desk: HumanReview, name: str) -> str:
    """The name itself, or with -r1, -r2, … behind it when loops of that name have ended badly."""
    for attempt in count():
        tried = f"{name}-r{attempt}" if attempt else name
        state = desk.find_loop(tried)
        if state is None or state.status not in ENDED_BADLY:
            return tried
    raise AssertionError("unreachable: count() does not end")


def _batches(images: Sequence[ImageRecord], size: int) -> list[Sequence[ImageRecord]]:
    return [images[start : start + size] for start in range(0, len(images), size)]


def _flow_definition(tools: ToolBox, desk: HumanReview) -> str:
    """The flow definition for this template, team and answer folder; named by their digest."""
    template = include_text(TEMPLATE)
    team = (
        tools.settings.workteam_arn
        or account_facts.private_workteams(tools.clients("sagemaker"))[0]
    )
    output = str(tools.workspace.root / "library/review")
    digest = digest_of(template, team, output, tools.review_role_arn)[:12]
    name = f"storyboard-review-{digest}"
    task_ui = desk.ensure_task_ui(name, template)
    arn = desk.ensure_flow(name, task_ui, team, tools.review_role_arn, output)
    _wait_until_active(desk, name)
    return arn


def _wait_until_active(desk: HumanReview, name: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while (status := desk.flow_status(name)) != "Active":
        if status == "Failed" or time.monotonic() > deadline:
            raise RemoteFailure(
                f"The A2I flow definition {name} is {status}; look at it in the SageMaker console."
            )
        time.sleep(1)


def _task_input(tools: ToolBox, batch: Sequence[ImageRecord], number: int) -> dict[str, Any]:
    production = tools.production
    return {
        "title": f"{production.production}: batch {number}",
        "instructions": INSTRUCTIONS,
        "characters": [{"id": c.id, "name": c.name} for c in production.characters],
        "reasons": list(REJECT_REASONS),
        "pictures": [
            {
                "image_id": image.image_id,
                "uri": image.uri,
                "character": image.character,
                "character_name": production.character(image.character).name,
                "caption": image.caption.text if image.caption else "",
                "timecode": image.frame.timecode,
                "score": round(image.crop.detection.confidence, 3),
            }
            for image in batch
        ],
    }

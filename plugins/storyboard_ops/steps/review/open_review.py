"""Open the review: lay out the board and, on A2I, start a human loop for each batch."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from storyboard_ops.core.review.state import describe_asked
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import AnswerUnusable, error_for_status
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.review.review_records import BoardItem, HumanLoop, OpenedReview
from storyboard_ops.domain.settings.review import ReviewSection
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.aws import account as account_facts
from storyboard_ops.gateways.review.human_review import HumanReview, LoopState, read_answers
from storyboard_ops.gateways.review.worker_template import worker_template
from storyboard_ops.steps.money.adopt_or_create import Purchase, adopt_or_create
from storyboard_ops.steps.money.cost_gate import PREFLIGHT
from storyboard_ops.steps.review.alike_pictures import with_likeness
from storyboard_ops.steps.review.board import plain_items, with_thumbnails
from storyboard_ops.steps.review.document import board_document
from storyboard_ops.steps.review.kept_decisions import (
    begin_log,
    keep_review,
    state_of,
    undecided,
)
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 4
#: How far the clock of the service may be behind ours when loops are searched by time.
CLOCKS_DIFFER = timedelta(minutes=15)
ENDED_BADLY = frozenset({"Failed", "Stopped", "Stopping"})


def open_review(tools: ToolBox[RunSettings], ref: ManifestRef) -> ManifestRef:
    """Open the review of a dataset; returns the manifest of human loops, empty except on A2I.

    People are asked about pictures without an earlier decision only, see ``kept_decisions``. The
    summary of the manifest is an OpenedReview. A second call adopts loops that are open or
    answered, and starts new ones for loops that failed, expired, were stopped, or have unusable
    answers.
    """
    desk = tools.settings.desk
    digest = digest_of(
        VERSION,
        ref.sha256,
        desk,
        tools.settings.review_batch_size,
        tools.settings.reviewers_per_picture,
        tools.settings.carry_over,
    )
    return find_or_make(
        tools.manifests,
        tools.run_root / "review/loops.jsonl",
        "human_loops",
        digest,
        lambda digest: _make_review(tools, ref, digest),
        is_valid=lambda found: not _needs_new_loop(tools, found),
    )


def _make_review(tools: ToolBox[RunSettings], ref: ManifestRef, digest: str) -> Made:
    desk = tools.settings.desk
    images = [i for i in tools.manifests.stream(ref, ImageRecord, "images") if i.kept]
    uri = tools.run_root / "review/board.jsonl"
    items = with_likeness(tools, plain_items(tools, images))
    if desk != "without_people":
        items = with_thumbnails(tools, items)
    board, shown = None, begin_log(tools, uri, items, digest)
    if desk != "without_people":
        board = tools.manifests.commit(uri, "board_items", digest, shown)
        keep_review(tools, desk, uri, digest)
    new = undecided(shown, state_of(tools, digest))
    opened = OpenedReview(
        desk=desk,
        why=_why(tools),
        pictures=len(images),
        new=len(new),
        opened_at=iso(tools.clock()),
        board=board,
    )
    loops: list[HumanLoop] = []
    if desk == "a2i" and new:
        opened, loops = _start_loops(tools, opened, new, digest)
        sent = Usage(service="a2i", item="human_loop_object", unit="object", amount=len(new))
        tools.book("open_review", (sent,))
    log.info("The review desk is %s: %s.", desk, describe_asked(opened))
    return Made(loops, opened.model_dump(mode="json"))


def _why(tools: ToolBox[RunSettings]) -> str:
    """Return why the run is reviewed at its desk, as preflight recorded it."""
    report = tools.read_record(PREFLIGHT, PreflightReport)
    return report.desk.why if report and report.desk else ""


def _start_loops(
    tools: ToolBox[RunSettings], opened: OpenedReview, items: Sequence[BoardItem], digest: str
) -> tuple[OpenedReview, list[HumanLoop]]:
    desk = _human_review(tools)
    team = _work_team(tools)
    flow_arn = _ensure_flow(tools, desk, team)
    since, loops = tools.clock(), []
    for number, batch in enumerate(_batches(items, tools.settings.review_batch_size), start=1):
        stem = f"{tools.run_key[:40]}-{digest[:8]}-{number:04d}"
        task = _task_input(tools, batch, opened, number)
        loop = adopt_or_create(BatchLoop(tools, desk, stem, flow_arn, task))
        if loop.adopted is not None:
            since = min(since, loop.adopted.created)
        ids = tuple(item.id for item in batch)
        loops.append(HumanLoop(name=loop.request, flow_definition_arn=flow_arn, image_ids=ids))
    log.info("Opened %d human loops.", len(loops))
    facts = {
        "flow_definition_arn": flow_arn,
        "portal": account_facts.portal_address(tools.clients("sagemaker"), team),
        "asked_since": (since - CLOCKS_DIFFER).isoformat(),
    }
    return opened.model_copy(update=facts), loops


def review_role_arn(tools: ToolBox[ReviewSection]) -> str:
    """Return the ARN of the role that A2I assumes to write answers."""
    return tools.role_arn(tools.settings.review_role_arn, "StoryboardReview")


def _human_review(tools: ToolBox[RunSettings]) -> HumanReview:
    return HumanReview(tools.clients("sagemaker"), tools.clients("sagemaker-a2i-runtime"))


def _needs_new_loop(tools: ToolBox[RunSettings], ref: ManifestRef) -> bool:
    desk = _human_review(tools)
    loops = tools.manifests.read(ref, HumanLoop, "human_loops").records
    states = [desk.find_loop(loop.name) for loop in loops]
    return any(state is None or _is_spent(tools, state) for state in states)


def _is_spent(tools: ToolBox[RunSettings], state: LoopState) -> bool:
    """Whether this loop can no longer give a usable answer."""
    if state.status != "Completed":
        return state.status in ENDED_BADLY
    try:
        return not read_answers(tools.objects, state.name, state.output_uri)
    except AnswerUnusable as error:
        log.warning("%s", error)
        return True


@dataclass(frozen=True)
class BatchLoop(Purchase[str, LoopState]):
    """The human loop of a batch: named by a stem, with -r1, -r2, … when earlier loops are spent."""

    tools: ToolBox[RunSettings]
    desk: HumanReview
    stem: str
    flow_arn: str
    task: dict[str, Any]

    def request(self, attempt: int) -> str:
        return f"{self.stem}-r{attempt}" if attempt else self.stem

    def find(self, request: str) -> LoopState | None:
        return self.desk.find_loop(request)

    def is_spent(self, found: LoopState) -> bool:
        return _is_spent(self.tools, found)

    def adopt(self, found: LoopState, request: str) -> None:
        log.info("Adopting human loop %s (%s).", found.name, found.status)

    def claim(self, request: str) -> None:
        """Do nothing: a loop is paid once and leaves nothing to release."""

    def create(self, request: str) -> None:
        self.desk.start_loop(request, self.flow_arn, self.task)


def _batches(items: Sequence[BoardItem], size: int) -> list[Sequence[BoardItem]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _work_team(tools: ToolBox[RunSettings]) -> str:
    """Return the ARN of the team that reviews."""
    return (
        tools.settings.workteam_arn
        or account_facts.private_workteams(tools.clients("sagemaker"))[0]
    )


def _ensure_flow(tools: ToolBox[RunSettings], desk: HumanReview, team: str) -> str:
    """Return the ARN of the flow definition for this template, team and answer folder."""
    template = worker_template()
    output = str(tools.workspace.root / "library/review")
    reviewers = tools.settings.reviewers_per_picture
    digest = digest_of(template, team, output, review_role_arn(tools), reviewers)[:12]
    name = f"storyboard-review-{digest}"
    task_ui = desk.ensure_task_ui(name, template)
    arn = desk.ensure_flow(name, task_ui, team, review_role_arn(tools), output, reviewers)
    _wait_until_active(desk, name)
    return arn


def _wait_until_active(desk: HumanReview, name: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while (status := desk.flow_status(name)) != "Active":
        if status == "Failed" or time.monotonic() > deadline:
            raise error_for_status(status)(
                f"The A2I flow definition {name} is {status}. Check it in the SageMaker console."
            )
        time.sleep(1)


def _task_input(
    tools: ToolBox[RunSettings], batch: Sequence[BoardItem], opened: OpenedReview, number: int
) -> dict[str, Any]:
    document = board_document(tools, batch, opened.opened_at)
    document["run"]["title"] += f": batch {number}"
    for shown, one in zip(document["characters"], tools.production.characters, strict=True):
        shown["reference_uris"] = list(one.references)
    return document

"""Pictures before people in A2I, and the wait for their answers."""

from __future__ import annotations

import asyncio
from typing import Any

from storyboard_ops.airflow_ops.approval.trigger import HumanLoopsTrigger
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.review.review_records import HumanLoop, OpenedReview
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.review.apply_review import apply_review
from tests.films.tiny_film import tiny_production
from tests.steps.review.test_review_steps import opened, stored_images
from tests.studio.human_answers import answer, approved
from tests.studio.studio_fixture import Studio

POLL_SECONDS = 0.05


class Asked:
    """Seven pictures of a run before people, in three human loops."""

    def __init__(self, studio: Studio, **params: Any) -> None:
        self.studio = studio
        self.tools = studio.tools(
            f"loops-{studio.bucket}",
            review_batch_size=3,
            production=tiny_production(studio),
            **params,
        )
        production = load_production(self.tools.objects, self.tools.settings.production)
        write_run(self.tools, production, PreflightReport(checks=()))
        self.candidates = self.tools.manifests.commit(
            self.tools.run_root / "candidates.jsonl", "images", "d", stored_images(self.tools, 7)
        )
        self.ref, self.loops = opened(self.tools, self.candidates)

    @property
    def trigger(self) -> HumanLoopsTrigger:
        """The trigger that the sensor defers to, asking more often."""
        manifest = self.tools.manifests.read(self.ref, HumanLoop, "human_loops")
        summary = OpenedReview.model_validate(manifest.header.summary)
        return HumanLoopsTrigger(
            flow_definition_arn=summary.flow_definition_arn,
            loop_names=[loop.name for loop in manifest.records],
            created_after=summary.asked_since,
            poll_seconds=POLL_SECONDS,
        )

    def answer_all(self, worker: str = "ana") -> None:
        for loop in self.loops:
            answer(self.studio, loop, approved(loop), worker)

    def images(self) -> tuple[ImageRecord, ...]:
        reviewed = apply_review(self.tools, self.candidates, self.ref)
        return self.tools.manifests.read(reviewed, ImageRecord, "images").records


async def fired(trigger: HumanLoopsTrigger, seconds: float = 30) -> dict[str, str]:
    event = await asyncio.wait_for(anext(trigger.run()), timeout=seconds)
    return dict(event.payload["states"])


def all_completed(asked: Asked) -> dict[str, str]:
    return {loop.name: "Completed" for loop in asked.loops}

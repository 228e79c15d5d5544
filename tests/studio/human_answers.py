"""Answers of people, given as in the worker portal of the local endpoint."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from storyboard_ops.domain.review.review_records import HumanLoop
from tests.studio.studio_fixture import Studio


def answer(studio: Studio, loop: HumanLoop, decisions: list[dict], worker: str = "ana") -> None:
    """Answer a human loop with decisions."""
    answer_with(studio, loop, {"decisions": json.dumps(decisions)}, worker)


def answer_with(studio: Studio, loop: HumanLoop, content: Any, worker: str = "ana") -> None:
    """Answer a human loop with whatever a page may send."""
    portal = studio.endpoint.ready["portal_url"]
    request = urllib.request.Request(
        f"{studio.endpoint.url}/_localaws/portal/api/loops/{loop.name}/answers",
        method="POST",
        headers={
            "Authorization": f"Bearer {portal.rpartition('token=')[2]}",
            "Content-Type": "application/json",
        },
        data=json.dumps({"workerId": worker, "answerContent": content}).encode(),
    )
    urllib.request.urlopen(request, timeout=10).close()


def approved(loop: HumanLoop) -> list[dict]:
    """A yes to every picture of a human loop."""
    return [{"image_id": image_id, "decision": "approve"} for image_id in loop.image_ids]

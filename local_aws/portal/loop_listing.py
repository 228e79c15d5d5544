"""Human loops as the portal shows them."""

import json
from typing import Any

from local_aws.operations.context import Context
from local_aws.services.sagemaker import human_loops, resources
from local_aws.storage.state_store import Document


def find_loop(context: Context, name: str) -> Document | None:
    """Return the loop of that name, its output written if it is complete, or None."""
    loop = context.state.get(
        resources.HUMAN_LOOP, resources.arn(context, resources.HUMAN_LOOP, name)
    )
    return None if loop is None else human_loops.settle_loop(context, loop)


def list_loops(context: Context, status: str | None) -> list[dict[str, Any]]:
    """Return every loop in that status (None: in any), newest first."""
    loops = [
        describe(context, human_loops.settle_loop(context, loop))
        for loop in resources.all_of(context, resources.HUMAN_LOOP)
    ]
    loops.sort(key=lambda loop: loop["createdAt"], reverse=True)
    return [loop for loop in loops if status in (None, loop["status"])]


def describe(context: Context, loop: Document) -> dict[str, Any]:
    """Describe one loop, without its input."""
    now = human_loops.view(loop, context.now())
    return {
        "name": loop["name"],
        "title": loop["title"],
        "description": loop["description"],
        "flowDefinitionArn": loop["flow_arn"],
        "status": now.status,
        "failureCode": now.failure_code,
        "failureReason": now.failure_reason,
        "createdAt": loop["created"],
        "expiresAt": loop["expires"],
        "taskCount": loop["task_count"],
        "workers": [given["workerId"] for given in loop["answers"]],
        "outputUri": loop["output_uri"],
    }


def read_input(loop: Document) -> dict[str, Any]:
    """Return the input content that the loop was started with."""
    content: dict[str, Any] = json.loads(loop["input"])
    return content

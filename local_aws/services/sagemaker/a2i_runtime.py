"""The A2I runtime: human loops that reviewers answer in the worker portal.

Implemented: a loop needs an Active flow definition and JSON input; it ends Completed when enough
different reviewers have answered, with output.json at A2I's key and in its shape, Failed with
Expired when its availability ends, or Stopped. Each loop is metered.
An account without A2I starts none.
Not implemented: events. A loop fails with ValidationError or InternalError only by an injected
fault of the kind "fail", whose `code` becomes the FailureCode.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.documents import drop_none, parse_time
from local_aws.operations.resource_pages import list_page, read_sagemaker_query
from local_aws.protocol.errors import ServiceError
from local_aws.services.sagemaker import flow_definitions, human_loops, resources
from local_aws.storage.state_store import Document

LONGEST_INPUT_BYTES = 3_145_728


def start_human_loop(request: Request, context: Context) -> Answer:
    """Start a loop; ConflictException if a loop of this name exists."""
    resources.require_a2i(context)
    content = request["HumanLoopInput"]["InputContent"]
    _check_input(content)
    flow = context.state.get(resources.FLOW_DEFINITION, request["FlowDefinitionArn"])
    if flow is None or flow_definitions.status(flow, context.now()) != flow_definitions.ACTIVE:
        raise ServiceError(
            "ValidationException",
            f"The flow definition {request['FlowDefinitionArn']} does not exist or is not Active.",
        )
    loop = _make_document(request, context, flow, content)
    with context.state.transaction():
        if not context.state.create(resources.HUMAN_LOOP, loop["arn"], loop):
            raise ServiceError(
                "ConflictException", f"A human loop named {loop['name']} already exists."
            )
        context.meter.record("a2i", "human_loop_object", {"object": 1})
    return {"HumanLoopArn": loop["arn"]}


def describe_human_loop(request: Request, context: Context) -> Answer:
    """Return a loop with its failure, or the S3 URI of its output."""
    loop = human_loops.settle_loop(context, _require(context, request["HumanLoopName"]))
    now = human_loops.view(loop, context.now())
    uri = loop["output_uri"]
    return drop_none(
        {
            "CreationTime": parse_time(loop["created"]),
            "FailureReason": now.failure_reason,
            "FailureCode": now.failure_code,
            "HumanLoopStatus": now.status,
            "HumanLoopName": loop["name"],
            "HumanLoopArn": loop["arn"],
            "FlowDefinitionArn": loop["flow_arn"],
            "HumanLoopOutput": uri and {"OutputS3Uri": uri},
        }
    )


def list_human_loops(request: Request, context: Context) -> Answer:
    """List the loops of one flow definition, by default ten a page."""
    flow_arn = request["FlowDefinitionArn"]
    if context.state.get(resources.FLOW_DEFINITION, flow_arn) is None:
        raise ServiceError(
            "ResourceNotFoundException", f"The flow definition {flow_arn} does not exist."
        )
    loops = [
        loop
        for loop in resources.all_of(context, resources.HUMAN_LOOP)
        if loop["flow_arn"] == flow_arn
    ]
    page, token = list_page(loops, read_sagemaker_query(request))
    summaries = [_summarize(human_loops.settle_loop(context, loop), context) for loop in page]
    return drop_none({"HumanLoopSummaries": summaries, "NextToken": token})


def stop_human_loop(request: Request, context: Context) -> Answer:
    """Stop a loop: Stopping, then Stopped."""
    human_loops.settle_loop(context, _require(context, request["HumanLoopName"]))
    with context.state.transaction():
        loop = _require(context, request["HumanLoopName"])
        now = context.now()
        status = human_loops.view(loop, now).status
        if status != human_loops.IN_PROGRESS:
            raise ServiceError(
                "ValidationException",
                f"The human loop is {status}; only one that is InProgress can be stopped.",
            )
        context.state.put(
            resources.HUMAN_LOOP, loop["arn"], {**loop, "stop_requested": now.isoformat()}
        )
    return {}


def delete_human_loop(request: Request, context: Context) -> Answer:
    """Delete a loop that has ended; its output in S3 stays."""
    human_loops.settle_loop(context, _require(context, request["HumanLoopName"]))
    with context.state.transaction():
        loop = _require(context, request["HumanLoopName"])
        status = human_loops.view(loop, context.now()).status
        if status in human_loops.OPEN_STATES:
            raise ServiceError(
                "ValidationException",
                f"The human loop is {status}; stop it before deleting it.",
            )
        context.state.delete(resources.HUMAN_LOOP, loop["arn"])
    return {}


def _check_input(content: str) -> None:
    if len(content.encode()) > LONGEST_INPUT_BYTES:
        raise ServiceError(
            "ValidationException",
            f"InputContent has more than {LONGEST_INPUT_BYTES} bytes.",
        )
    try:
        valid = isinstance(json.loads(content), dict)
    except json.JSONDecodeError:
        valid = False
    if not valid:
        raise ServiceError("ValidationException", "InputContent must be a JSON object.")


def _make_document(request: Request, context: Context, flow: Document, content: str) -> Document:
    loop_config = flow["loop_config"]
    created = context.now()
    lifetime = loop_config.get(
        "TaskAvailabilityLifetimeInSeconds", flow_definitions.LONGEST_AVAILABILITY
    )
    return {
        "arn": resources.arn(context, resources.HUMAN_LOOP, request["HumanLoopName"]),
        "name": request["HumanLoopName"],
        "flow_arn": flow["arn"],
        "template": flow["template"],
        "title": loop_config["TaskTitle"],
        "description": loop_config["TaskDescription"],
        "task_count": loop_config["TaskCount"],
        "task_seconds": loop_config.get("TaskTimeLimitInSeconds", flow_definitions.DEFAULT_TASK),
        "output_path": flow["output"]["S3OutputPath"],
        "input": content,
        "created": created.isoformat(),
        "expires": (created + timedelta(seconds=lifetime)).isoformat(),
        "accepted": {},
        "answers": [],
        "stop_requested": None,
        "failure": _find_injected_failure(context, created),
        "output_uri": None,
    }


def _find_injected_failure(context: Context, created: datetime) -> dict[str, str] | None:
    ordered = context.injected_failure
    if ordered is None:
        return None
    at = created + human_loops.INJECTED_FAILURE_TIME
    return {"code": ordered.code, "reason": ordered.message, "at": at.isoformat()}


def _require(context: Context, name: str) -> Document:
    loop = context.state.get(
        resources.HUMAN_LOOP, resources.arn(context, resources.HUMAN_LOOP, name)
    )
    if loop is None:
        raise ServiceError("ResourceNotFoundException", f"The human loop {name} does not exist.")
    return loop


def _summarize(loop: Document, context: Context) -> dict[str, Any]:
    now = human_loops.view(loop, context.now())
    return drop_none(
        {
            "HumanLoopName": loop["name"],
            "HumanLoopStatus": now.status,
            "CreationTime": parse_time(loop["created"]),
            "FailureReason": now.failure_reason,
            "FlowDefinitionArn": loop["flow_arn"],
        }
    )

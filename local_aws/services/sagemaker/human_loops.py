"""Human loops: their states by the clock, their answers, and their output in S3.

A loop is InProgress until as many reviewers have answered as its flow definition requires, it is
stopped, it fails by an injected fault, or its availability ends (Failed, FailureCode Expired).

Source of the output's key and shape: docs.aws.amazon.com/sagemaker/latest/dg/a2i-output-data.html.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3.encryption import write_as_role
from local_aws.services.sagemaker import resources, workteams
from local_aws.storage.state_store import Document

IN_PROGRESS = "InProgress"
STOPPING = "Stopping"
STOPPED = "Stopped"
COMPLETED = "Completed"
FAILED = "Failed"
OPEN_STATES = (IN_PROGRESS, STOPPING)

STOPPING_TIME = timedelta(seconds=0.2)
INJECTED_FAILURE_TIME = timedelta(seconds=0.2)

VALIDATION_ERROR = "ValidationError"
EXPIRED = "Expired"


@dataclass(frozen=True)
class LoopView:
    """A loop at one moment; `failure_code` and `failure_reason` only when it Failed."""

    status: str
    failure_code: str | None = None
    failure_reason: str | None = None


class AnswerRejectedError(Exception):
    """The loop does not accept this answer; the message says why."""


def view(loop: Document, now: datetime) -> LoopView:
    """Return the state of `loop` at `now` (timezone-aware)."""
    failure = loop["failure"]
    if failure is not None and now >= datetime.fromisoformat(failure["at"]):
        return LoopView(FAILED, failure["code"], failure["reason"])
    if loop["output_uri"] is not None:
        return LoopView(COMPLETED)
    if loop["stop_requested"] is not None:
        stopped = datetime.fromisoformat(loop["stop_requested"]) + STOPPING_TIME
        return LoopView(STOPPING if now < stopped else STOPPED)
    if now >= datetime.fromisoformat(loop["expires"]) and not _is_answered(loop):
        return LoopView(FAILED, EXPIRED, "The human loop expired before it was reviewed.")
    return LoopView(IN_PROGRESS)


def accept(context: Context, loop_arn: str, worker_id: str) -> Document:
    """Record that a worker opened the task; return the loop. Raises AnswerRejectedError."""
    with context.state.transaction():
        loop = _require_open_loop(context, loop_arn, worker_id)
        now = context.now()
        accepted = loop["accepted"].get(worker_id)
        if accepted is None or _has_expired(loop, accepted, now):
            loop["accepted"][worker_id] = now.isoformat()
            context.state.put(resources.HUMAN_LOOP, loop_arn, loop)
    return loop


def answer(context: Context, loop_arn: str, worker_id: str, content: dict[str, Any]) -> Document:
    """Store a worker's answer and return the loop; the last answer completes it.

    Raises:
        AnswerRejectedError: the loop is not in progress, the worker has answered already, or the
            task's time limit has passed since the worker opened it.
    """
    with context.state.transaction():
        loop = _require_open_loop(context, loop_arn, worker_id)
        now = context.now()
        accepted = loop["accepted"].get(worker_id, now.isoformat())
        if _has_expired(loop, accepted, now):
            raise AnswerRejectedError(
                f"The task's time limit of {loop['task_seconds']} s has passed; open it again."
            )
        loop["answers"].append(_describe_answer(loop, worker_id, content, accepted, now))
        context.state.put(resources.HUMAN_LOOP, loop_arn, loop)
    return settle_loop(context, loop)


def settle_loop(context: Context, loop: Document) -> Document:
    """Return the loop; write its output if all answers are in and a kill prevented that."""
    if loop["output_uri"] is not None or loop["failure"] is not None or not _is_answered(loop):
        return loop
    bucket, key = _find_output(loop)
    flow = context.state.get(resources.FLOW_DEFINITION, loop["flow_arn"])
    assert flow is not None, "flow definitions are never deleted"
    output = {
        "flowDefinitionArn": loop["flow_arn"],
        "humanAnswers": loop["answers"],
        "humanLoopName": loop["name"],
        "inputContent": json.loads(loop["input"]),
    }
    try:
        body = json.dumps(output).encode()
        write_as_role(context, flow["role_arn"], bucket, key, body, "application/json")
    except ServiceError as error:
        reason = f"The output s3://{bucket}/{key} cannot be written: {error.message}"
        at = context.now().isoformat()
        done = {**loop, "failure": {"code": VALIDATION_ERROR, "reason": reason, "at": at}}
    else:
        done = {**loop, "output_uri": f"s3://{bucket}/{key}"}
    with context.state.transaction():
        if context.state.get(resources.HUMAN_LOOP, loop["arn"]) == loop:
            context.state.put(resources.HUMAN_LOOP, loop["arn"], done)
    return done


def _require_open_loop(context: Context, loop_arn: str, worker_id: str) -> Document:
    loop = context.state.get(resources.HUMAN_LOOP, loop_arn)
    if loop is None:
        raise AnswerRejectedError("There is no such human loop.")
    status = view(loop, context.now()).status
    if status != IN_PROGRESS or _is_answered(loop):
        raise AnswerRejectedError(f"The human loop is {status} and accepts no answers.")
    if any(given["workerId"] == worker_id for given in loop["answers"]):
        raise AnswerRejectedError(f"{worker_id} has answered this task already.")
    return loop


def _is_answered(loop: Document) -> bool:
    return bool(len(loop["answers"]) >= loop["task_count"])


def _has_expired(loop: Document, accepted: str, now: datetime) -> bool:
    limit = timedelta(seconds=loop["task_seconds"])
    return now > datetime.fromisoformat(accepted) + limit


def _describe_answer(
    loop: Document, worker_id: str, content: dict[str, Any], accepted: str, now: datetime
) -> dict[str, Any]:
    accepted_at = datetime.fromisoformat(accepted)
    region = loop["arn"].split(":")[3]
    issuer = f"https://cognito-idp.{region}.amazonaws.com/{workteams.user_pool(region)}"
    return {
        "acceptanceTime": _format_time(accepted_at),
        "answerContent": content,
        "submissionTime": _format_time(now),
        "timeSpentInSeconds": round((now - accepted_at).total_seconds(), 3),
        "workerId": worker_id,
        "workerMetadata": {
            "identityData": {
                "identityProviderType": "Cognito",
                "issuer": issuer,
                "sub": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{issuer}/{worker_id}")),
            }
        },
    }


def _format_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _find_output(loop: Document) -> tuple[str, str]:
    """Return bucket and key of output.json: the flow, the loop's creation time and its name."""
    bucket, _, prefix = loop["output_path"].partition("://")[2].partition("/")
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    flow = loop["flow_arn"].rpartition("/")[2]
    created = datetime.fromisoformat(loop["created"]).astimezone(UTC)
    return bucket, f"{folder}{flow}/{created:%Y/%m/%d/%H/%M/%S}/{loop['name']}/output.json"

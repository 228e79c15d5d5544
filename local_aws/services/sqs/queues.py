"""Queues: create, find, describe, change, delete."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.storage.queue_store import DEFAULTS, Queue

QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
LARGEST_PAGE = 1000
RANGES = {
    "VisibilityTimeout": (0, 43_200),
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1_024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
}
TEXTS = ("Policy", "RedrivePolicy", "RedriveAllowPolicy", "SqsManagedSseEnabled")


def require_queue(request: Mapping[str, Any], context: Context) -> Queue:
    """Return the queue of `QueueUrl`, whatever its host; raises QueueDoesNotExist."""
    queue = context.queues.find(request["QueueUrl"].rstrip("/").rpartition("/")[2])
    if queue is None:
        raise ServiceError("QueueDoesNotExist", "The specified queue does not exist.")
    return queue


def create_queue(request: Request, context: Context) -> Answer:
    """Create a queue; an existing queue with other attributes is an error."""
    name, attributes = request["QueueName"], request.get("Attributes", {})
    if name.endswith(".fifo") or attributes.get("FifoQueue") == "true":
        raise ServiceError("UnsupportedOperation", "Only standard queues are supported here.")
    if not QUEUE_NAME.fullmatch(name):
        raise ServiceError(
            "InvalidParameterValue",
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        )
    _require_settable(attributes, context)
    queue = context.queues.create(name, attributes, request.get("tags", {}))
    for attribute, value in attributes.items():
        if {**DEFAULTS, **queue.attributes}.get(attribute) != value:
            raise ServiceError(
                "QueueNameExists",
                "A queue already exists with the same name and a different value for attribute "
                f"{attribute}",
            )
    return {"QueueUrl": _make_url(queue, context)}


def _require_settable(attributes: Mapping[str, str], context: Context) -> None:
    for name, value in attributes.items():
        if name in RANGES:
            least, most = RANGES[name]
            if not value.isdigit() or not least <= int(value) <= most:
                raise ServiceError(
                    "InvalidAttributeValue", f"Invalid value for the parameter {name}."
                )
        elif name not in TEXTS:
            raise ServiceError("InvalidAttributeName", f"Unknown Attribute {name}.")
    if attributes.get("RedrivePolicy"):
        _require_redrive(attributes["RedrivePolicy"], context)


def _require_redrive(text: str, context: Context) -> None:
    try:
        policy = json.loads(text)
        target, count = policy["deadLetterTargetArn"], int(policy["maxReceiveCount"])
    except (ValueError, KeyError, TypeError):
        target, count = "", 0
    if context.queues.find_by_arn(target) is None or not 1 <= count <= 1000:
        raise ServiceError(
            "InvalidParameterValue",
            f"Value {text} for parameter RedrivePolicy is invalid. Reason: Dead letter target "
            "does not exist, or maxReceiveCount is not within 1 to 1000.",
        )


def get_queue_url(request: Request, context: Context) -> Answer:
    """Return the address of a queue by its name."""
    return {
        "QueueUrl": _make_url(require_queue({"QueueUrl": request["QueueName"]}, context), context)
    }


def list_queues(request: Request, context: Context) -> Answer:
    """Return addresses by name, filtered by `QueueNamePrefix`, in pages of `MaxResults`."""
    prefix = request.get("QueueNamePrefix", "")
    after = base64.b64decode(request.get("NextToken", "")).decode()
    found = [
        queue
        for queue in context.queues.all()
        if queue.name.startswith(prefix) and queue.name > after
    ]
    size = request.get("MaxResults", LARGEST_PAGE)
    answer: Answer = {"QueueUrls": [_make_url(queue, context) for queue in found[:size]]}
    if len(found) > size and "MaxResults" in request:
        answer["NextToken"] = base64.b64encode(found[size - 1].name.encode()).decode()
    return answer


def delete_queue(request: Request, context: Context) -> Answer:
    """Delete the queue and its messages at once; AWS takes up to a minute."""
    context.queues.delete(require_queue(request, context))
    return {}


def purge_queue(request: Request, context: Context) -> Answer:
    """Delete every message at once, including those in flight."""
    context.queues.purge(require_queue(request, context))
    return {}


def get_queue_attributes(request: Request, context: Context) -> Answer:
    """Return the named attributes, or all."""
    queue = require_queue(request, context)
    names = request.get("AttributeNames", [])
    visible, in_flight, delayed = context.queues.counts(queue)
    known = {
        **DEFAULTS,
        "SqsManagedSseEnabled": "true",
        **queue.attributes,
        "QueueArn": context.queues.arn(queue.name),
        "CreatedTimestamp": str(int(queue.created)),
        "LastModifiedTimestamp": str(int(queue.modified)),
        "ApproximateNumberOfMessages": str(visible),
        "ApproximateNumberOfMessagesNotVisible": str(in_flight),
        "ApproximateNumberOfMessagesDelayed": str(delayed),
    }
    if "All" in names:
        return {"Attributes": known}
    return {"Attributes": {name: known[name] for name in names if name in known}}


def set_queue_attributes(request: Request, context: Context) -> Answer:
    """Change attributes at once; AWS takes up to a minute."""
    queue = require_queue(request, context)
    _require_settable(request["Attributes"], context)
    changed = {**queue.attributes, **request["Attributes"]}
    kept = {name: value for name, value in changed.items() if value}
    context.queues.change(replace(queue, attributes=kept))
    return {}


def _make_url(queue: Queue, context: Context) -> str:
    return f"{context.base_url}/{context.account_id}/{queue.name}"

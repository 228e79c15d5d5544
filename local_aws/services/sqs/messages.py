"""Messages: send, receive, hide and delete."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.sqs.queues import require_queue
from local_aws.storage.queue_store import Message, Queue

LONGEST_HIDDEN = 43_200
LONGEST_DELAY = 900
LARGEST_BATCH = 10
RECEIPT = re.compile(r"[0-9a-f-]{36}\.[0-9a-f]{32}")
MOST_ATTRIBUTES = 10
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def send_message(request: Request, context: Context) -> Answer:
    """Send a message; an accepted message is on disk."""
    queue = require_queue(request, context)
    body, attributes = request["MessageBody"], request.get("MessageAttributes", {})
    delay = request.get("DelaySeconds", queue.seconds("DelaySeconds"))
    _require_within("DelaySeconds", delay, 0, LONGEST_DELAY)
    _require_sendable(queue, body, attributes)
    message_id = context.queues.send(queue, body, _encode_binary(attributes), delay)
    answer: Answer = {"MessageId": message_id, "MD5OfMessageBody": _hash_md5(body.encode())}
    if attributes:
        answer["MD5OfMessageAttributes"] = hash_attributes(attributes)
    return answer


def _require_sendable(queue: Queue, body: str, attributes: Mapping[str, Any]) -> None:
    if not body:
        raise ServiceError(
            "MissingRequiredParameterException",
            "The request must contain the parameter MessageBody.",
        )
    if FORBIDDEN.search(body):
        raise ServiceError(
            "InvalidMessageContents",
            "The message contains characters outside the allowed set.",
        )
    _require_attributes(attributes)
    size = len(body.encode()) + sum(
        len(name.encode()) + len(value["DataType"].encode()) + len(_encode_value(value))
        for name, value in attributes.items()
    )
    most = queue.seconds("MaximumMessageSize")
    if size > most:
        raise ServiceError(
            "InvalidParameterValue",
            f"One or more parameters are invalid. Reason: Message must be shorter than {most} "
            "bytes.",
        )


def _require_attributes(attributes: Mapping[str, Any]) -> None:
    if len(attributes) > MOST_ATTRIBUTES:
        raise ServiceError(
            "InvalidParameterValue",
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum "
            f"[{MOST_ATTRIBUTES}].",
        )
    for name, value in attributes.items():
        kind = "Binary" if value["DataType"].startswith("Binary") else "String"
        if not value.get(f"{kind}Value"):
            raise ServiceError(
                "InvalidParameterValue",
                f"Message (user) attribute '{name}' must contain a non-empty value of type "
                f"'{value['DataType']}'.",
            )
        if kind == "String" and FORBIDDEN.search(value["StringValue"]):
            raise ServiceError(
                "InvalidParameterValue",
                f"Message (user) attribute '{name}' contains characters outside the allowed set.",
            )


def receive_message(request: Request, context: Context) -> Answer:
    """Receive up to 10 messages; wait for the first up to `WaitTimeSeconds`."""
    queue = require_queue(request, context)
    count = request.get("MaxNumberOfMessages", 1)
    hidden = request.get("VisibilityTimeout", queue.seconds("VisibilityTimeout"))
    wait = request.get("WaitTimeSeconds", queue.seconds("ReceiveMessageWaitTimeSeconds"))
    _require_within("MaxNumberOfMessages", count, 1, LARGEST_BATCH)
    _require_within("VisibilityTimeout", hidden, 0, LONGEST_HIDDEN)
    _require_within("WaitTimeSeconds", wait, 0, 20)
    messages = context.queues.receive(queue, count, hidden, wait)
    if not messages:
        return {}
    return {"Messages": [_describe(message, request, context) for message in messages]}


def _describe(message: Message, request: Request, context: Context) -> dict[str, Any]:
    described: dict[str, Any] = {
        "MessageId": message.id,
        "ReceiptHandle": message.receipt,
        "Body": message.body,
        "MD5OfBody": _hash_md5(message.body.encode()),
    }
    requested = {
        *request.get("AttributeNames", []),
        *request.get("MessageSystemAttributeNames", []),
    }
    system = {
        "SenderId": context.access_key,
        "SentTimestamp": _format_milliseconds(message.sent),
        "ApproximateReceiveCount": str(message.received),
        "ApproximateFirstReceiveTimestamp": _format_milliseconds(message.first_received or 0.0),
    }
    shown = system if "All" in requested else {n: v for n, v in system.items() if n in requested}
    if shown:
        described["Attributes"] = shown
    wanted = _select_attributes(
        _decode_binary(message.attributes), request.get("MessageAttributeNames", [])
    )
    if wanted:
        described["MessageAttributes"] = wanted
        described["MD5OfMessageAttributes"] = hash_attributes(wanted)
    return described


def _select_attributes(attributes: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    patterns = ["*" if name in ("All", ".*") else name for name in names]
    return {
        name: value
        for name, value in attributes.items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def delete_message(request: Request, context: Context) -> Answer:
    """Delete a message; ignore the receipt of an earlier receive."""
    queue = require_queue(request, context)
    _require_receipt(request["ReceiptHandle"])
    context.queues.remove(queue, request["ReceiptHandle"])
    return {}


def change_message_visibility(request: Request, context: Context) -> Answer:
    """Change when a message becomes visible again; 0 means at once."""
    queue = require_queue(request, context)
    _require_receipt(request["ReceiptHandle"])
    seconds = request["VisibilityTimeout"]
    _require_within("VisibilityTimeout", seconds, 0, LONGEST_HIDDEN)
    if not context.queues.hide(queue, request["ReceiptHandle"], seconds):
        raise ServiceError("MessageNotInflight", "The message referred to is not in flight.")
    return {}


def _require_receipt(receipt: str) -> None:
    if not RECEIPT.fullmatch(receipt):
        raise ServiceError(
            "ReceiptHandleIsInvalid", f'The input receipt handle "{receipt}" is not valid.'
        )


def _require_within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ServiceError(
            "InvalidParameterValue",
            f"Value {value} for parameter {name} is invalid. Reason: Must be between {least} and "
            f"{most}, if provided.",
        )


def hash_attributes(attributes: Mapping[str, Any]) -> str:
    """Return the digest that clients verify.

    See "Calculating the MD5 message digest for message attributes", SQS Developer Guide.
    """
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        value = attributes[name]
        kind = b"\x02" if value["DataType"].startswith("Binary") else b"\x01"
        for part in (name.encode(), value["DataType"].encode()):
            digest.update(len(part).to_bytes(4, "big") + part)
        content = _encode_value(value)
        digest.update(kind + len(content).to_bytes(4, "big") + content)
    return digest.hexdigest()


def _encode_value(value: Mapping[str, Any]) -> bytes:
    if value["DataType"].startswith("Binary"):
        return bytes(value.get("BinaryValue", b""))
    return str(value.get("StringValue", "")).encode()


def _encode_binary(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return _convert_binary(attributes, lambda data: base64.b64encode(data).decode())


def _decode_binary(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return _convert_binary(attributes, base64.b64decode)


def _convert_binary(
    attributes: Mapping[str, Any], convert: Callable[[Any], str | bytes]
) -> dict[str, Any]:
    return {
        name: {
            member: convert(content) if member == "BinaryValue" else content
            for member, content in value.items()
        }
        for name, value in attributes.items()
    }


def _hash_md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _format_milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))

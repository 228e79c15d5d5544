"""Event notifications of buckets, sent to SQS queues of this endpoint.

Format: Amazon S3 User Guide, "Event message structure" (version 2.1). Topics and functions do not
exist here, so they are rejected as S3 rejects an unreachable destination; with
SkipDestinationValidation they are stored, as EventBridge's switch is, and get no events.
"""

import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import combinations, product
from typing import Any
from urllib.parse import quote_plus

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.storage.object_store import Announcement, StoredObject
from local_aws.storage.queue_store import QueueStore
from local_aws.storage.state_store import StateStore

log = logging.getLogger(__name__)

KIND = "s3-notification-configuration"
#: The lists of a configuration, each with the member that names the receiver of the events.
RECEIVERS = {
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}
EVENT_BRIDGE = "EventBridgeConfiguration"
#: The wording is that of AWS's Knowledge Center about this error.
AMBIGUOUS = (
    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the "
    "prefixes are overlapping for the same event type."
)


def put_bucket_notification_configuration(request: Request, context: Context) -> Answer:
    """Replace the notification settings; each new queue gets a test event, as in S3."""
    bucket, configuration = request["Bucket"], request["NotificationConfiguration"]
    context.objects.require_bucket(bucket)
    rules = {name: configuration.get(name, []) for name in RECEIVERS}
    _refuse_ambiguous([rule for listed in rules.values() for rule in listed])
    if not request.get("SkipDestinationValidation"):
        _refuse_unreachable(rules, bucket, context)
    kept: dict[str, Any] = {
        name: [{"Id": rule.get("Id") or str(uuid.uuid4()), **rule} for rule in listed]
        for name, listed in rules.items()
        if listed
    }
    if EVENT_BRIDGE in configuration:
        kept[EVENT_BRIDGE] = {}
    context.state.put(KIND, bucket, kept)
    arns = [rule["QueueArn"] for rule in kept.get("QueueConfigurations", [])]
    for arn in dict.fromkeys(arns):
        context.queues.send_message(arn, json.dumps(_make_test_event(bucket, context)))
    return {}


def get_bucket_notification_configuration(request: Request, context: Context) -> Answer:
    """Return the notification settings; empty by default."""
    context.objects.require_bucket(request["Bucket"])
    return context.state.get(KIND, request["Bucket"]) or {}


def _refuse_unreachable(
    rules: Mapping[str, Sequence[Mapping[str, Any]]], bucket: str, context: Context
) -> None:
    """Refuse receivers that do not exist; those in the present settings were validated before."""
    known = context.state.get(KIND, bucket) or {}
    missing = [
        rule[member]
        for name, member in RECEIVERS.items()
        for rule in rules[name]
        if rule[member] not in {former[member] for former in known.get(name, [])}
        and (name != "QueueConfigurations" or context.queues.find_by_arn(rule[member]) is None)
    ]
    if missing:
        raise ServiceError(
            "InvalidArgument",
            "Unable to validate the following destination configurations",
            ArgumentName=", ".join(missing),
            ArgumentValue="The destination does not exist",
        )


def _refuse_ambiguous(rules: Sequence[Mapping[str, Any]]) -> None:
    """Refuse two rules that would both announce an object."""
    for one, other in combinations(rules, 2):
        (prefix, suffix), (other_prefix, other_suffix) = _read_filter(one), _read_filter(other)
        if (
            _overlap(one["Events"], other["Events"], fnmatchcase)
            and _overlap([prefix], [other_prefix], str.startswith)
            and _overlap([suffix], [other_suffix], str.endswith)
        ):
            raise ServiceError("InvalidArgument", AMBIGUOUS)


def _overlap(
    ones: Sequence[str], others: Sequence[str], includes: Callable[[str, str], bool]
) -> bool:
    """Return whether one of the first includes one of the second, or the other way round."""
    return any(includes(one, other) or includes(other, one) for one, other in product(ones, others))


def _read_filter(rule: Mapping[str, Any]) -> tuple[str, str]:
    """Return the prefix and the suffix of the keys that a rule announces."""
    rules = rule.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    values = {each["Name"].lower(): each.get("Value", "") for each in rules}
    return values.get("prefix", ""), values.get("suffix", "")


def make_announcer(state: StateStore, queues: QueueStore, region: str) -> Announcement:
    """Return a function that sends each event to the queues in its bucket's settings."""

    def announce(event: str, stored: StoredObject) -> None:
        for item in (state.get(KIND, stored.bucket) or {}).get("QueueConfigurations", []):
            if _matches(item, event, stored.key):
                record = _make_record(event, stored, item["Id"], region)
                if not queues.send_message(item["QueueArn"], json.dumps({"Records": [record]})):
                    log.warning(
                        "%s no longer exists: event of %s lost", item["QueueArn"], stored.key
                    )

    return announce


def _matches(item: Mapping[str, Any], event: str, key: str) -> bool:
    if not any(fnmatchcase(f"s3:{event}", pattern) for pattern in item["Events"]):
        return False
    prefix, suffix = _read_filter(item)
    return key.startswith(prefix) and key.endswith(suffix)


def _make_record(event: str, stored: StoredObject, rule: str, region: str) -> dict[str, Any]:
    moment = datetime.now(UTC)
    described: dict[str, Any] = {
        "key": quote_plus(stored.key, safe="/"),
        "sequencer": f"{moment.timestamp():.6f}".replace(".", ""),
    }
    if event.startswith("ObjectCreated"):
        described |= {"size": stored.size, "eTag": stored.etag}
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
        "eventName": event,
        "userIdentity": {"principalId": "AWS:LOCAL"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": str(uuid.uuid4()), "x-amz-id-2": "local"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": rule,
            "bucket": {
                "name": stored.bucket,
                "ownerIdentity": {"principalId": "LOCAL"},
                "arn": f"arn:aws:s3:::{stored.bucket}",
            },
            "object": described,
        },
    }


def _make_test_event(bucket: str, context: Context) -> dict[str, str]:
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": f"{context.now():%Y-%m-%dT%H:%M:%S}.000Z",
        "Bucket": bucket,
        "RequestId": context.request_id,
        "HostId": "local",
    }

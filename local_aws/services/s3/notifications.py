"""Event notifications of buckets, sent to SQS queues of this endpoint.

Format: Amazon S3 User Guide, "Event message structure" (version 2.1). Topics and functions do not
exist here, so they are rejected as S3 rejects an unreachable destination.
"""

import json
import logging
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote_plus

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.storage.object_store import Announcement, StoredObject
from local_aws.storage.queue_store import QueueStore
from local_aws.storage.state_store import StateStore

log = logging.getLogger(__name__)

KIND = "s3-notification"
UNPLAYED = ("TopicConfigurations", "LambdaFunctionConfigurations", "EventBridgeConfiguration")


def put_bucket_notification_configuration(request: Request, context: Context) -> Answer:
    """Replace the notification settings; each new queue gets a test event, as in S3."""
    bucket, configuration = request["Bucket"], request["NotificationConfiguration"]
    context.objects.require_bucket(bucket)
    queues = configuration.get("QueueConfigurations", [])
    named = [name for name in UNPLAYED if configuration.get(name)]
    arns = [item["QueueArn"] for item in queues]
    missing = [arn for arn in arns if context.queues.find_by_arn(arn) is None]
    if named or missing:
        raise ServiceError(
            "InvalidArgument",
            "Unable to validate the following destination configurations",
            ArgumentName=", ".join([*named, *missing]),
            ArgumentValue="The destination does not exist",
        )
    kept = [{"Id": item.get("Id") or str(uuid.uuid4()), **item} for item in queues]
    context.state.put(KIND, bucket, {"queues": kept})
    for arn in dict.fromkeys(arns):
        context.queues.send_message(arn, json.dumps(_make_test_event(bucket, context)))
    return {}


def get_bucket_notification_configuration(request: Request, context: Context) -> Answer:
    """Return the notification settings; empty by default."""
    context.objects.require_bucket(request["Bucket"])
    document = context.state.get(KIND, request["Bucket"])
    return {"QueueConfigurations": document["queues"]} if document else {}


def make_announcer(state: StateStore, queues: QueueStore, region: str) -> Announcement:
    """Return a function that sends each event to the queues in its bucket's settings."""

    def announce(event: str, stored: StoredObject) -> None:
        document = state.get(KIND, stored.bucket)
        for item in document["queues"] if document else []:
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
    rules = item.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    tests = {"prefix": key.startswith, "suffix": key.endswith}
    return all(tests[rule["Name"].lower()](rule.get("Value", "")) for rule in rules)


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

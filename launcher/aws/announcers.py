"""Who announces the uploads of a bucket already: notifications of others, and EventBridge.

S3 refuses a second notification for the same keys and events, whatever receives them (S3 User
Guide, "Configuring event notifications using object key name filtering"). EventBridge gets every
event of a bucket that has it switched on, next to the notifications.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from launcher.aws import blueprint
from launcher.aws.blueprint import Names
from launcher.product import UPLOADS_QUEUE

GUIDE = "include/iam/README.md, Uploads through SNS or EventBridge"
#: The lists of a configuration, each with the member that names the receiver.
RECEIVERS: Mapping[str, str] = {
    "TopicConfigurations": "TopicArn",
    "QueueConfigurations": "QueueArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}
SUBSCRIBE = f"Subscribe the queue {UPLOADS_QUEUE} to the topic, and let the topic send to it"
SUBSCRIBED = f"The queue {UPLOADS_QUEUE} lets topics send to it: check that it is subscribed"
MAKE_ROOM = (
    "Narrow that notification so that it does not cover these uploads, or replace it by a topic to "
    f"which its receiver and the queue {UPLOADS_QUEUE} subscribe; then make aws-setup again"
)
EVENT_BRIDGE = "EventBridgeConfiguration"
TOPIC_SENDER, EVENT_BRIDGE_SENDER = "sns.amazonaws.com", "events.amazonaws.com"


def explain_others(
    configuration: Mapping[str, Any], queue_policy: Iterable[Mapping[str, Any]], names: Names
) -> str:
    """Say which others announce our uploads, and what to do; "" if ours is the only notification.

    Args:
        configuration: the notification configuration of the bucket.
        queue_policy: the statements of the policy of the queue of uploads.
    """
    uploads = f"{names.prefix}{blueprint.INCOMING}"
    senders = {sender for statement in queue_policy for sender in _read_senders(statement)}
    for receiver, identity in _find_overlapping(configuration, uploads):
        if receiver == names.queue_arn(UPLOADS_QUEUE):
            return (
                f"The notification {identity!r} of the bucket sends uploads to {UPLOADS_QUEUE} "
                f"already, so none was added. Check that it covers all of {uploads}."
            )
        to_do = MAKE_ROOM
        if receiver.split(":")[2] == "sns":
            to_do = SUBSCRIBED if TOPIC_SENDER in senders else SUBSCRIBE
        return (
            f"{receiver} gets the uploads into {uploads} already, by the notification {identity!r} "
            "of the bucket, and S3 takes no second one for them, so none was added. "
            f"{to_do} ({GUIDE})."
        )
    if EVENT_BRIDGE in configuration and EVENT_BRIDGE_SENDER in senders:
        return (
            f"EventBridge is on for the bucket and may send to the queue {UPLOADS_QUEUE}, so no "
            f"notification was added. Check that a rule sends the uploads into {uploads} to the "
            f"queue ({GUIDE})."
        )
    return ""


def _find_overlapping(configuration: Mapping[str, Any], uploads: str) -> Iterator[tuple[str, str]]:
    """Yield receiver and id of others' notifications that S3 would not have next to ours.

    Ours has no suffix, so every suffix overlaps with it.
    """
    for listed, member in RECEIVERS.items():
        for rule in configuration.get(listed, []):
            prefix = _prefix_of(rule)
            overlaps = prefix.startswith(uploads) or uploads.startswith(prefix)
            created = any(event.startswith("s3:ObjectCreated:") for event in rule["Events"])
            if rule.get("Id") != blueprint.RULE_ID and overlaps and created:
                yield rule[member], rule.get("Id", "")


def _prefix_of(rule: Mapping[str, Any]) -> str:
    rules = rule.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return next((each["Value"] for each in rules if each["Name"].lower() == "prefix"), "")


def _read_senders(statement: Mapping[str, Any]) -> list[str]:
    """Return the services to which a statement of a queue's policy allows something."""
    principal = statement.get("Principal", {})
    if statement.get("Effect") != "Allow" or not isinstance(principal, dict):
        return []
    services = principal.get("Service", [])
    return [services] if isinstance(services, str) else list(services)

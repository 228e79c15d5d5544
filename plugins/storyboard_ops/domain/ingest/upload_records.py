"""Read the events of uploads that start runs.

A film starts a run when it is uploaded to ``{workspace}/incoming/{production}/{film}`` of a
workspace that the deployment file names. The production is
``{workspace}/productions/{production}/production.yaml`` or one that is shipped with the pipeline;
the parameters of its runs are in the deployment file.

Uploaders, and anyone else who may send to the queue, control everything in a message.

S3 sends its events to the queue itself, through a topic of SNS (wrapped, or raw), or through a rule
of EventBridge.

Sources: Amazon S3 User Guide, "Event message structure" (version 2) and "Amazon EventBridge" (event
structure); Amazon SNS Developer Guide, "Parsing message formats".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from storyboard_ops.domain.base_record import Record, digest_of
from storyboard_ops.domain.bounded_text import one_line, read_json, short_repr, shorten
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import (
    MOST_KEY_BYTES,
    MOST_MESSAGE_BYTES,
    MOST_REASON,
    MOST_RECORDS,
    MOST_WRAPPINGS,
)
from storyboard_ops.domain.object_keys import S3Uri, Workspace, slug

#: Queue of S3's events, and dead-letter queue of messages that cannot start a run.
UPLOADS_QUEUE = "storyboard-uploads"
REJECTED_QUEUE = "storyboard-uploads-rejected"

FILM_SUFFIXES = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mxf", ".ts", ".mpg", ".mpeg")
#: The key of a film below its workspace.
_INCOMING = re.compile(r"incoming/(?P<production>[a-z0-9_-]{1,60})/(?P<film>[^/\x00-\x1f\x7f]+)")
_OF_A_FILM = (
    "upload films to incoming/<production>/<film>, with the production's name in lower-case "
    "letters, digits, - and _."
)


class UploadRejected(BadInput):
    """A message cannot start a run; the reason is for readers of the dead-letter queue."""


class Landing(Record):
    """The parts of an upload's key."""

    workspace: str  # S3 URI, as configured
    production: str  # name of its folder
    film: str  # S3 URI


class UploadedFilm(Record):
    """A film that starts a run."""

    run_id: str
    conf: dict[str, Any]  # parameters of the run
    receipt: str  # handle that deletes the message from the queue


def announced_objects(body: str) -> list[dict[str, Any]]:
    """Return the records of a message from S3, SNS or EventBridge; none for S3's test event.

    Each has the form of S3's own records, and its key is URL-encoded. Raises UploadRejected when
    the message is not an S3 event or has too many records, BadInput when it is too long, nested too
    deeply, or not JSON.
    """
    message = _unwrap(read_json(body, "The message", MOST_MESSAGE_BYTES))
    if isinstance(message, dict) and "detail-type" in message:
        return [_record_of_event_bridge(message)]
    if isinstance(message, dict) and message.get("Event") == "s3:TestEvent":
        return []
    records = message.get("Records") if isinstance(message, dict) else None
    if not isinstance(records, list) or not records:
        raise UploadRejected(
            "The message is not an S3 event: it has no Records. Events of S3 are read as S3, SNS "
            "and EventBridge send them."
        )
    if len(records) > MOST_RECORDS:
        raise UploadRejected(
            f"The message has {len(records):,} records; at most {MOST_RECORDS} are read."
        )
    return records


def _unwrap(message: Any) -> Any:
    """Return the message in notifications of SNS, or the message itself when there are none."""
    for _ in range(MOST_WRAPPINGS + 1):
        if not isinstance(message, dict) or "Type" not in message:
            return message
        if message["Type"] != "Notification":
            raise UploadRejected(
                f"The message is {short_repr(message['Type'], 60)} of SNS, not a Notification, and "
                "starts no run. The owner of the queue must subscribe it to the topic, or confirm "
                "the subscription."
            )
        if not isinstance(message.get("Message"), str):
            raise UploadRejected("The notification of SNS has no text as its Message.")
        message = read_json(
            message["Message"], "The Message of the notification of SNS", MOST_MESSAGE_BYTES
        )
    raise UploadRejected(
        f"The message is wrapped in more than {MOST_WRAPPINGS} notifications of SNS; subscribe the "
        "queue to the topic that S3 notifies."
    )


def _record_of_event_bridge(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event of EventBridge as S3's own record; its key is not URL-encoded."""
    kind, source = event["detail-type"], event.get("source")
    if (kind, source) != ("Object Created", "aws.s3"):
        raise UploadRejected(
            f"The event of EventBridge is {short_repr(kind, 60)} of {short_repr(source, 60)}; only "
            "'Object Created' of 'aws.s3' starts a run. Narrow the pattern of the rule."
        )
    try:
        detail = event["detail"]
        key = quote_plus(detail["object"]["key"])
        described = {"bucket": {"name": detail["bucket"]["name"]}, "object": {"key": key}}
    except (KeyError, TypeError) as error:
        raise UploadRejected(
            f"The event of EventBridge lacks the bucket or the key: {shorten(str(error), 100)}."
        ) from error
    return {"eventName": "ObjectCreated:EventBridge", "s3": described}


def created_object(record: Any) -> S3Uri:
    """Return the object that a record reports as created; raises UploadRejected for other events.

    Raises SettingsError for an invalid bucket name.
    """
    try:
        event, described = str(record["eventName"]), record["s3"]
        bucket, key = str(described["bucket"]["name"]), described["object"]["key"]
        uri = S3Uri(S3Uri.parse(f"s3://{bucket}").bucket, unquote_plus(key))
    except (KeyError, TypeError, AttributeError) as error:
        raise UploadRejected(
            f"The record is not an S3 event: {shorten(str(error), 100)} is missing."
        ) from error
    if uri.bucket != bucket:
        raise UploadRejected(f"{shorten(bucket, 100)!r} is not the name of a bucket.")
    if len(uri.key.encode(errors="replace")) > MOST_KEY_BYTES:
        raise UploadRejected(
            f"{shorten(str(uri), 200)}: the key has more than {MOST_KEY_BYTES:,} bytes, which is "
            "the most that S3 allows."
        )
    if not event.startswith("ObjectCreated:"):
        raise UploadRejected(f"{uri}: the event is {shorten(event, 60)}, not an upload.")
    return uri


def parse_upload_key(uri: S3Uri, workspaces: Iterable[Workspace]) -> Landing:
    """Parse the key of a film in the ``incoming/`` folder of one of these workspaces.

    Raises UploadRejected for every other key. The key is compared with the workspace as a whole: an
    ``incoming/`` inside another one, or in a folder that is not configured, starts no run.
    """
    below = "/".join(uri.key.split("/")[-3:])  # a film's name has no slash
    match = _INCOMING.fullmatch(below)
    if match is None:
        raise UploadRejected(f"{uri}: {_OF_A_FILM}")
    workspace = next((each for each in workspaces if each.root / below == uri), None)
    if workspace is None:
        raise UploadRejected(
            f"{uri}: s3://{uri.bucket}/{uri.key.removesuffix(below)} is not a workspace whose "
            "uploads start runs; add it to include/deployment.yaml, or upload to one that is there."
        )
    if not uri.key.lower().endswith(FILM_SUFFIXES):
        raise UploadRejected(f"{uri}: the name of a film must end in {', '.join(FILM_SUFFIXES)}.")
    return Landing(workspace=str(workspace.root), production=match["production"], film=str(uri))


def printable(reason: str) -> str:
    """Return a reason that SQS accepts as an attribute, and a log as one line.

    SQS refuses most control characters and empty values; line breaks would let a file's name write
    lines of its own into the log.

    >>> printable("team/film\\x00\\n.mp4: not a film")
    'team/film  .mp4: not a film'
    """
    return one_line(shorten(reason, MOST_REASON)).strip() or "no reason"


def upload_run_id(film: S3Uri, etag: str) -> str:
    """Return the run id for one version of one film: the same for repeated events.

    >>> upload_run_id(S3Uri("studio", "incoming/tiny/film.mp4"), "9b2cf5")
    'upload__film-mp4-366f037db70477e0'
    """
    digest = digest_of(film.bucket, film.key, etag)
    return f"upload__{slug(film.name)[:60]}-{digest[:16]}"

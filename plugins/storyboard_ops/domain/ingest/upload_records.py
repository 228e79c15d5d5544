"""Read the events of uploads that start runs.

A film starts a run when it is uploaded to ``{workspace}/incoming/{production}/{film}``. The
production is ``{workspace}/productions/{production}/production.yaml`` or one that is shipped with
the pipeline; parameters of its runs may be in ``settings.json`` next to the former.

Source: Amazon S3 User Guide, "Event message structure" (version 2).
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote_plus

from storyboard_ops.domain.base_record import Record, digest_of
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.object_keys import S3Uri, slug

#: Queue of S3's events, and dead-letter queue of messages that cannot start a run.
UPLOADS_QUEUE = "storyboard-uploads"
REJECTED_QUEUE = "storyboard-uploads-rejected"

FILM_SUFFIXES = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mxf", ".ts", ".mpg", ".mpeg")
_INCOMING = re.compile(
    r"^(?:(?P<prefix>.+)/)?incoming/(?P<production>[a-z0-9_-]{1,60})/(?P<film>[^/]+)$"
)


class UploadRejected(BadInput):
    """A message cannot start a run; the reason is for readers of the dead-letter queue."""


class Landing(Record):
    """The parts of an upload's key."""

    workspace: str  # S3 URI
    production: str  # name of its folder
    film: str  # S3 URI


class UploadedFilm(Record):
    """A film that starts a run."""

    run_id: str
    conf: dict[str, Any]  # parameters of the run
    receipt: str  # handle that deletes the message from the queue


def announced_objects(body: str) -> list[dict[str, Any]]:
    """Return the records of a message from S3; none for S3's test event.

    Raises UploadRejected when the message is not an S3 event.
    """
    try:
        message = json.loads(body)
    except ValueError as error:
        raise UploadRejected(f"The message is not JSON: {error}.") from error
    if isinstance(message, dict) and message.get("Event") == "s3:TestEvent":
        return []
    records = message.get("Records") if isinstance(message, dict) else None
    if not isinstance(records, list) or not records:
        raise UploadRejected("The message is not an S3 event: it has no Records.")
    return records


def created_object(record: Any) -> S3Uri:
    """Return the object that a record reports as created; raises UploadRejected for other events.

    Raises SettingsError for an invalid bucket name.
    """
    try:
        event, described = str(record["eventName"]), record["s3"]
        bucket = S3Uri.parse(f"s3://{described['bucket']['name']}").bucket
        uri = S3Uri(bucket, unquote_plus(described["object"]["key"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise UploadRejected(f"The record is not an S3 event: {error} is missing.") from error
    if not event.startswith("ObjectCreated:"):
        raise UploadRejected(f"{uri}: the event is {event}, not an upload.")
    return uri


def parse_upload_key(uri: S3Uri) -> Landing:
    """Parse an upload's key; raises UploadRejected when it is not a film in an incoming folder."""
    match = _INCOMING.match(uri.key)
    if match is None:
        raise UploadRejected(
            f"{uri}: upload films to incoming/<production>/<film>, with the production's name in "
            "lower-case letters, digits, - and _."
        )
    if not uri.key.lower().endswith(FILM_SUFFIXES):
        raise UploadRejected(f"{uri}: the name of a film must end in {', '.join(FILM_SUFFIXES)}.")
    workspace = S3Uri(uri.bucket, match["prefix"] or "")
    return Landing(workspace=str(workspace), production=match["production"], film=str(uri))


def upload_run_id(film: S3Uri, etag: str) -> str:
    """Return the run id for one version of one film: the same for repeated events.

    >>> upload_run_id(S3Uri("studio", "incoming/tiny/film.mp4"), "9b2cf5")
    'upload__film-mp4-366f037db70477e0'
    """
    digest = digest_of(film.bucket, film.key, etag)
    return f"upload__{slug(film.name)[:60]}-{digest[:16]}"

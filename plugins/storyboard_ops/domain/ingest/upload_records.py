"""Uploads that start runs: what S3 announces, and what becomes of it.

A film starts a run when it is uploaded to ``{workspace}/incoming/{production}/{film}``. The
production is a file ``{workspace}/productions/{production}/production.yaml`` or one that comes with
the pipeline; parameters of its runs may stand beside the former in ``settings.json``.

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

#: Where S3 puts its events, and where messages go that no run can be made of.
UPLOADS_QUEUE = "storyboard-uploads"
REJECTED_QUEUE = "storyboard-uploads-rejected"

FILM_SUFFIXES = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mxf", ".ts", ".mpg", ".mpeg")
_INCOMING = re.compile(
    r"^(?:(?P<prefix>.+)/)?incoming/(?P<production>[a-z0-9_-]{1,60})/(?P<film>[^/]+)$"
)


class UploadRejected(BadInput):
    """No run can be made of a message; the reason is for whoever reads the dead-letter queue."""


class Landing(Record):
    """What the key of an upload says."""

    workspace: str  # S3 URI
    production: str  # name of the folder it was put into
    film: str  # S3 URI


class UploadedFilm(Record):
    """A film that a run is to be made of."""

    run_id: str
    conf: dict[str, Any]  # parameters of the run
    receipt: str  # takes the message off the queue


def announced_objects(body: str) -> list[dict[str, Any]]:
    """The records of a message from S3; none for the test event that S3 sends by itself.

    Raises UploadRejected when the message does not come from S3.
    """
    try:
        message = json.loads(body)
    except ValueError as error:
        raise UploadRejected(f"The message is not JSON: {error}.") from error
    if isinstance(message, dict) and message.get("Event") == "s3:TestEvent":
        return []
    records = message.get("Records") if isinstance(message, dict) else None
    if not isinstance(records, list) or not records:
        raise UploadRejected("The message is no event of S3: it has no Records.")
    return records


def created_object(record: Any) -> S3Uri:
    """The object that a record says was created; raises UploadRejected for any other event.

    Raises SettingsError for a name that no bucket can have.
    """
    try:
        event, described = str(record["eventName"]), record["s3"]
        bucket = S3Uri.parse(f"s3://{described['bucket']['name']}").bucket
        uri = S3Uri(bucket, unquote_plus(described["object"]["key"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise UploadRejected(f"The record is no event of S3: {error} is missing.") from error
    if not event.startswith("ObjectCreated:"):
        raise UploadRejected(f"{uri}: the event is {event}, no upload.")
    return uri


def landing(uri: S3Uri) -> Landing:
    """Read an upload's key; raises UploadRejected when it is no film in an incoming folder."""
    match = _INCOMING.match(uri.key)
    if match is None:
        raise UploadRejected(
            f"{uri}: films are uploaded to incoming/<production>/<film>, the production's name in "
            "lower-case letters, digits, - and _."
        )
    if not uri.key.lower().endswith(FILM_SUFFIXES):
        raise UploadRejected(f"{uri}: the name of a film ends in {', '.join(FILM_SUFFIXES)}.")
    workspace = S3Uri(uri.bucket, match["prefix"] or "")
    return Landing(workspace=str(workspace), production=match["production"], film=str(uri))


def upload_run_id(film: S3Uri, etag: str) -> str:
    """The run of one version of one film: the same whenever and however often it is announced.

    >>> upload_run_id(S3Uri("studio", "incoming/tiny/film.mp4"), "9b2cf5")
    'upload__film-mp4-366f037db70477e0'
    """
    digest = digest_of(film.bucket, film.key, etag)
    return f"upload__{slug(film.name)[:60]}-{digest[:16]}"

"""From messages about uploads to runs: every message becomes a run, or is rejected with a reason.

Nothing is taken off the queue here but what was rejected. A message of a film stays, hidden, until
its run exists: whoever is killed in between leaves it to be received again, and the same film
always gives the same run.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from storyboard_ops.domain.error_tree import BadInput, ObjectMissing, SettingsError, VideoUnreadable
from storyboard_ops.domain.ingest.upload_records import (
    REJECTED_QUEUE,
    UPLOADS_QUEUE,
    Landing,
    UploadedFilm,
    UploadRejected,
    announced_objects,
    created_object,
    parse_upload_key,
    upload_run_id,
)
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.settings.run import NOT_OF_A_PRODUCTION, RunSettings, parse_settings
from storyboard_ops.gateways.aws.message_queue import Message, MessageQueue
from storyboard_ops.gateways.include_files import include_path
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.run.interfaces import Clients
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.plan_shards import film_bytes, indexed_video

log = logging.getLogger(__name__)

#: More wait for the next wake-up; each is a mapped task.
MOST_FILMS = 100


def receive_films(clients: Clients) -> list[UploadedFilm]:
    """Read what waits in the queue; what no run can be made of goes to the dead-letter queue."""
    uploads = MessageQueue(clients("sqs"), UPLOADS_QUEUE)
    rejected = MessageQueue(clients("sqs"), REJECTED_QUEUE)
    films: list[UploadedFilm] = []
    while len(films) < MOST_FILMS and (messages := uploads.receive()):
        for message in messages:
            try:
                films += _films(clients, uploads, message)
            except BadInput as refusal:  # UploadRejected, or names that cannot be used
                log.warning("Rejected: %s", refusal)
                rejected.send(message.body, reason=str(refusal))
                uploads.delete(message.receipt)
    log.info("%d films were uploaded.", len(films))
    return films


def forget_message(clients: Clients, film: UploadedFilm) -> None:
    """Take the message off the queue, once its run exists."""
    MessageQueue(clients("sqs"), UPLOADS_QUEUE).delete(film.receipt)


def _films(clients: Clients, uploads: MessageQueue, message: Message) -> Iterator[UploadedFilm]:
    """The film that a message announces, if any."""
    records = announced_objects(message.body)
    if len(records) == 1:
        yield _film(clients, created_object(records[0]), message.receipt)
        return
    # A message is done when the run of each of its films exists: one film, one message.
    for record in records:
        uploads.send(json.dumps({"Records": [record]}))
    uploads.delete(message.receipt)


def _film(clients: Clients, uri: S3Uri, receipt: str) -> UploadedFilm:
    landed = parse_upload_key(uri)
    objects = ObjectStore(clients("s3"))
    head = objects.head(uri)
    if head is None:
        raise UploadRejected(f"{uri} does not exist any more, or may not be read.")
    conf = _conf(objects, landed)
    _look_into(clients, uri, conf)
    # The version that is there now, not the one announced: events may come twice and in any order.
    return UploadedFilm(run_id=upload_run_id(uri, head.etag), conf=conf, receipt=receipt)


def _conf(objects: ObjectStore, landed: Landing) -> dict[str, Any]:
    """Parameters of the film's run, as the production's folder has them."""
    workspace = Workspace.at(landed.workspace)
    given = _settings(objects, workspace.production(landed.production, "settings.json"))
    conf = {
        **given,
        "videos": [landed.film],
        "production": _production(objects, workspace, landed),
        "workspace": landed.workspace,
    }
    try:
        parse_settings(conf)
    except SettingsError as error:
        raise UploadRejected(f"{landed.film}: settings.json of the production: {error}") from error
    return conf


def _settings(objects: ObjectStore, uri: S3Uri) -> dict[str, Any]:
    if objects.head(uri) is None:
        return {}
    try:
        given = json.loads(objects.get(uri))
    except ValueError as error:
        raise UploadRejected(f"{uri} is not JSON: {error}.") from error
    if not isinstance(given, dict):
        raise UploadRejected(f"{uri} is no JSON object of run parameters.")
    reserved = sorted(NOT_OF_A_PRODUCTION & given.keys())
    if reserved:
        raise UploadRejected(f"{uri} cannot set {', '.join(reserved)}: the upload says that.")
    return given


def _production(objects: ObjectStore, workspace: Workspace, landed: Landing) -> str:
    """The production file of the folder in the workspace, or a bundled one of that name."""
    uri = workspace.production(landed.production, "production.yaml")
    if objects.head(uri) is not None:
        return str(uri)
    try:
        include_path(f"productions/{landed.production}.yaml")
    except ObjectMissing as error:
        raise UploadRejected(
            f"{landed.film}: there is no production {landed.production!r}; upload {uri}."
        ) from error
    return landed.production


def _look_into(clients: Clients, uri: S3Uri, conf: dict[str, Any]) -> None:
    """Read the film's index, as its run will; raises UploadRejected when there is no film in it."""
    tools = ToolBox("ingest", RunSettings.model_validate(conf), clients)
    try:
        with closing(film_bytes(tools, uri)) as source:
            indexed_video(tools, source)
    except VideoUnreadable as error:
        raise UploadRejected(f"No film: {error}") from error

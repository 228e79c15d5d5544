"""Turn messages about uploads into runs, or reject them with a reason.

A message is deleted here only when it was rejected. The message of a film stays hidden in the queue
until its run exists: after a kill it is received again, and the same film gives the same run.
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
from storyboard_ops.steps.run.clients import Clients
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.plan_shards import film_bytes, indexed_video

log = logging.getLogger(__name__)

#: Films per call, each a mapped task; others wait for the next event.
MOST_FILMS = 100


def receive_films(clients: Clients) -> list[UploadedFilm]:
    """Receive films from the queue; rejected messages go to the dead-letter queue."""
    uploads = MessageQueue(clients("sqs"), UPLOADS_QUEUE)
    rejected = MessageQueue(clients("sqs"), REJECTED_QUEUE)
    films: list[UploadedFilm] = []
    while len(films) < MOST_FILMS and (messages := uploads.receive()):
        for message in messages:
            try:
                films += _announced_films(clients, uploads, message)
            except BadInput as refusal:  # UploadRejected, or names that cannot be used
                log.warning("Rejected: %s", refusal)
                rejected.send(message.body, reason=str(refusal))
                uploads.delete(message.receipt)
    log.info("%d films were uploaded.", len(films))
    return films


def delete_message(clients: Clients, film: UploadedFilm) -> None:
    """Delete the message of a film from the queue, once its run exists."""
    MessageQueue(clients("sqs"), UPLOADS_QUEUE).delete(film.receipt)


def _announced_films(
    clients: Clients, uploads: MessageQueue, message: Message
) -> Iterator[UploadedFilm]:
    """Yield the film that a message announces; split a message about several into one each."""
    records = announced_objects(message.body)
    if len(records) == 1:
        yield _make_film(clients, created_object(records[0]), message.receipt)
        return
    # One film per message: each message is deleted when the run of its film exists.
    for record in records:
        uploads.send(json.dumps({"Records": [record]}))
    uploads.delete(message.receipt)


def _make_film(clients: Clients, uri: S3Uri, receipt: str) -> UploadedFilm:
    landed = parse_upload_key(uri)
    objects = ObjectStore(clients("s3"))
    head = objects.head(uri)
    if head is None:
        raise UploadRejected(f"{uri} no longer exists, or access is denied. Upload it again.")
    conf = _run_parameters(objects, landed)
    _refuse_unreadable(clients, uri, conf)
    # The current version, not the announced one: events may repeat and come in any order.
    return UploadedFilm(run_id=upload_run_id(uri, head.etag), conf=conf, receipt=receipt)


def _run_parameters(objects: ObjectStore, landed: Landing) -> dict[str, Any]:
    """Return the parameters of the film's run, read from the folder of its production."""
    workspace = Workspace.at(landed.workspace)
    given = _read_settings(objects, workspace.production(landed.production, "settings.json"))
    conf = {
        **given,
        "videos": [landed.film],
        "production": _find_production(objects, workspace, landed),
        "workspace": landed.workspace,
    }
    try:
        parse_settings(conf)
    except SettingsError as error:
        raise UploadRejected(f"{landed.film}: settings.json of the production: {error}") from error
    return conf


def _read_settings(objects: ObjectStore, uri: S3Uri) -> dict[str, Any]:
    if objects.head(uri) is None:
        return {}
    try:
        given = json.loads(objects.get(uri))
    except ValueError as error:
        raise UploadRejected(f"{uri} is not JSON: {error}.") from error
    if not isinstance(given, dict):
        raise UploadRejected(f"{uri} must be a JSON object of run parameters.")
    reserved = sorted(NOT_OF_A_PRODUCTION & given.keys())
    if reserved:
        raise UploadRejected(f"{uri} cannot set {', '.join(reserved)}: the upload determines it.")
    return given


def _find_production(objects: ObjectStore, workspace: Workspace, landed: Landing) -> str:
    """Return the URI of the production file in the folder, or the name of a bundled one."""
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


def _refuse_unreadable(clients: Clients, uri: S3Uri, conf: dict[str, Any]) -> None:
    """Read the index of the film, as its run does; raises UploadRejected when it is not a film."""
    tools = ToolBox("ingest", RunSettings.model_validate(conf), clients)
    try:
        with closing(film_bytes(tools, uri)) as source:
            indexed_video(tools, source)
    except VideoUnreadable as error:
        raise UploadRejected(f"Not a film: {error}") from error

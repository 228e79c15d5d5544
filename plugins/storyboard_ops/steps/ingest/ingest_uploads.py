"""Turn messages about uploads into runs, or reject them with a reason.

A message is deleted here only when it was rejected. The message of a film stays hidden in the queue
until its run exists: after a kill it is received again, and the same film gives the same run.

Messages come from uploaders, so each is handled by itself: whatever is wrong with one, it is
rejected with its reason, and the others go on. Only an error of a service that is not about one
object stops the task; nothing is lost then, because all messages are received again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.deployment import Deployment
from storyboard_ops.domain.error_tree import (
    KeyUnusable,
    ObjectMissing,
    Outage,
    ServiceError,
    StoryboardError,
    VideoUnreadable,
)
from storyboard_ops.domain.ingest.upload_records import (
    REJECTED_QUEUE,
    UPLOADS_QUEUE,
    Landing,
    UploadedFilm,
    UploadRejected,
    announced_objects,
    created_object,
    parse_upload_key,
    printable,
    upload_run_id,
)
from storyboard_ops.domain.input_limits import MOST_MESSAGE_BYTES, MOST_RECEIVES
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.settings.run import parse_settings
from storyboard_ops.gateways.aws.message_queue import Message, MessageQueue
from storyboard_ops.gateways.deployment_file import read_deployment
from storyboard_ops.gateways.include_files import include_path
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.run.clients import Clients
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.plan_shards import film_bytes, indexed_video

log = logging.getLogger(__name__)

#: Films per call, each a mapped task; others wait for the next event.
MOST_FILMS = 100
#: Messages per call: received films must not become visible again while others are rejected.
MOST_MESSAGES = 1_000
#: Characters of a message that is too long for the dead-letter queue.
KEPT_OF_LONG_MESSAGE = 1_000


def receive_films(clients: Clients, most: int = MOST_FILMS) -> list[UploadedFilm]:
    """Receive up to ``most`` films from the queue; rejected messages go to the dead-letter queue.

    Raises SettingsError when the deployment file is malformed, and ServiceError when a service
    cannot be used.
    """
    inbox = _Inbox(clients, read_deployment())
    films: list[UploadedFilm] = []
    received = 0
    while len(films) < most and received < MOST_MESSAGES:
        messages = inbox.uploads.receive(most - len(films))
        if not messages:
            break
        received += len(messages)
        for message in messages:
            films += inbox.films_of(message)
    log.info("%d films were uploaded.", len(films))
    return films


def delete_message(clients: Clients, film: UploadedFilm) -> None:
    """Delete the message of a film from the queue, once its run exists."""
    MessageQueue(clients("sqs"), UPLOADS_QUEUE).delete(film.receipt)


class _Inbox:
    """The two queues, and the workspaces whose uploads start runs."""

    def __init__(self, clients: Clients, deployment: Deployment) -> None:
        self.uploads = MessageQueue(clients("sqs"), UPLOADS_QUEUE)
        self._rejected = MessageQueue(clients("sqs"), REJECTED_QUEUE)
        self._clients = clients
        self._deployment = deployment
        self._workspaces = [
            each for each in deployment.known() if deployment.uploads(each) is not None
        ]

    def films_of(self, message: Message) -> list[UploadedFilm]:
        """Return the films that a message announces; a message that cannot be is rejected."""
        try:
            return list(self._announced_films(message))
        except ServiceError:
            raise  # nothing works now, whatever the message
        except StoryboardError as error:
            reason = str(error)
        except Exception as error:  # the other messages must go on
            log.warning("A message cannot be handled.", exc_info=True)
            reason = f"It cannot be handled: {type(error).__name__}: {error}"
        self._reject(message.body, reason)
        self.uploads.delete(message.receipt)
        return []

    def _reject(self, body: str, reason: str) -> None:
        log.warning("Rejected: %s", printable(reason))
        if len(body.encode()) > MOST_MESSAGE_BYTES:  # with the reason, it might not fit
            body = shorten(body, KEPT_OF_LONG_MESSAGE)
            reason = f"{reason} Only the start and the end of the message are kept."
        self._rejected.send(body, reason=printable(reason))

    def _announced_films(self, message: Message) -> Iterator[UploadedFilm]:
        """Yield the film of a message; split a message about several films into one each."""
        if message.received > MOST_RECEIVES:
            raise UploadRejected(
                f"The message was received {message.received} times, and no run was started: the "
                "logs of the task receive_uploads say why. Then upload the film again."
            )
        records = announced_objects(message.body)
        if len(records) == 1:
            yield self._make_film(created_object(records[0]), message.receipt)
            return
        # One film per message: each message is deleted when the run of its film exists.
        for record in records:
            body = json.dumps({"Records": [record]})
            if len(body) > MOST_MESSAGE_BYTES:
                self._reject(body, "The record is not an S3 event: it is too long.")
            else:
                self.uploads.send(body)
        self.uploads.delete(message.receipt)

    def _make_film(self, uri: S3Uri, receipt: str) -> UploadedFilm:
        landed = parse_upload_key(uri, self._workspaces)
        objects = ObjectStore(self._clients("s3"))
        try:
            head = objects.head(uri)
        except Outage:
            raise
        except ServiceError as error:  # of this object, e.g. encrypted with a key of the uploader
            raise UploadRejected(f"{uri} cannot be read: {error}") from error
        if head is None:
            raise UploadRejected(f"{uri} no longer exists, or access is denied. Upload it again.")
        conf = self._run_parameters(objects, landed)
        self._refuse_unreadable(uri, conf)
        # The current version, not the announced one: events may repeat and come in any order.
        return UploadedFilm(run_id=upload_run_id(uri, head.etag), conf=conf, receipt=receipt)

    def _run_parameters(self, objects: ObjectStore, landed: Landing) -> dict[str, Any]:
        """Return the parameters of the film's run; only the deployment file and the key decide."""
        workspace = Workspace.at(landed.workspace)
        rules = self._deployment.uploads(workspace)
        return {
            **(rules.params_of(landed.production) if rules else {}),
            "videos": [landed.film],
            "production": _find_production(objects, workspace, landed),
            "workspace": landed.workspace,
        }

    def _refuse_unreadable(self, uri: S3Uri, conf: dict[str, Any]) -> None:
        """Read the index of the film, as its run does; raises UploadRejected without one."""
        tools = ToolBox("ingest", parse_settings(conf), self._clients)
        try:
            with closing(film_bytes(tools, uri)) as source:
                indexed_video(tools, source)
        except VideoUnreadable as error:
            raise UploadRejected(f"Not a film: {error}") from error
        except KeyUnusable as error:  # the uploader may have chosen another key than the bucket's
            raise UploadRejected(f"{uri} cannot be read: {error}") from error


def _find_production(objects: ObjectStore, workspace: Workspace, landed: Landing) -> str:
    """Return the URI of the production file in the workspace, or the name of a bundled one."""
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

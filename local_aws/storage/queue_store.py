"""Queues and their messages in SQLite: an accepted message survives a kill."""

import json
import secrets
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from local_aws.storage.database import Database

TABLES = """
CREATE TABLE IF NOT EXISTS queues (
    name TEXT PRIMARY KEY,
    created REAL NOT NULL,
    modified REAL NOT NULL,
    attributes TEXT NOT NULL,
    tags TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    id TEXT NOT NULL,
    sent REAL NOT NULL,
    visible REAL NOT NULL,
    received INTEGER NOT NULL,
    first_received REAL,
    receipt TEXT NOT NULL,
    body TEXT NOT NULL,
    attributes TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_by_queue ON messages (queue, visible, position);
CREATE INDEX IF NOT EXISTS messages_by_receipt ON messages (queue, receipt);
"""

DEFAULTS = {
    "VisibilityTimeout": "30",
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
}


@dataclass(frozen=True)
class Queue:
    """A queue. Times are seconds since 1970; `attributes` holds those that were set."""

    name: str
    created: float
    modified: float
    attributes: dict[str, str]
    tags: dict[str, str]

    def seconds(self, attribute: str) -> int:
        """Return a numeric attribute, or its default."""
        return int(self.attributes.get(attribute, DEFAULTS[attribute]))

    @property
    def redrive(self) -> dict[str, Any]:
        """The dead-letter policy for messages that were received too often; empty without one."""
        policy: dict[str, Any] = json.loads(self.attributes.get("RedrivePolicy", "{}"))
        return policy


@dataclass(frozen=True)
class Message:
    """A message in a queue; `attributes` are the sender's, as SendMessage takes them."""

    position: int
    id: str
    sent: float
    received: int
    first_received: float | None
    receipt: str
    body: str
    attributes: dict[str, Any]


MESSAGE_COLUMNS = "position, id, sent, received, first_received, receipt, body, attributes"
"""The columns of a `Message`, in the order of its fields."""


class QueueStore:
    """All queues of the endpoint. Every method is atomic and thread-safe."""

    def __init__(self, database: Database, account_id: str, region: str) -> None:
        self._database = database
        self._arn_prefix = f"arn:aws:sqs:{region}:{account_id}:"
        self._arrival = threading.Condition()
        self._closed = False
        database.create_tables(TABLES)

    # Queues

    def arn(self, name: str) -> str:
        """Return the ARN of a queue of this name."""
        return self._arn_prefix + name

    def find_by_arn(self, arn: str) -> Queue | None:
        """Return the queue of an ARN, or None."""
        if not arn.startswith(self._arn_prefix):
            return None
        return self.find(arn.removeprefix(self._arn_prefix))

    def create(self, name: str, attributes: Mapping[str, str], tags: Mapping[str, str]) -> Queue:
        """Create a queue; return the existing one of that name if there is one."""
        now = time.time()
        self._database.change(
            "INSERT INTO queues VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (name, now, now, json.dumps(dict(attributes)), json.dumps(dict(tags))),
        )
        queue = self.find(name)
        assert queue is not None
        return queue

    def find(self, name: str) -> Queue | None:
        """Return the queue, or None."""
        row = self._database.row("SELECT * FROM queues WHERE name = ?", (name,))
        return None if row is None else _read_queue(*row)

    def all(self) -> Iterator[Queue]:
        """Return every queue, ordered by name."""
        return (
            _read_queue(*row) for row in self._database.rows("SELECT * FROM queues ORDER BY name")
        )

    def change(self, queue: Queue) -> None:
        """Store the queue's attributes and tags."""
        self._database.change(
            "UPDATE queues SET modified = ?, attributes = ?, tags = ? WHERE name = ?",
            (time.time(), json.dumps(queue.attributes), json.dumps(queue.tags), queue.name),
        )

    def delete(self, queue: Queue) -> None:
        """Remove the queue with its messages."""
        with self._database.transaction():
            self.purge(queue)
            self._database.change("DELETE FROM queues WHERE name = ?", (queue.name,))

    # Messages

    def send(self, queue: Queue, body: str, attributes: Mapping[str, Any], delay: int) -> str:
        """Accept a message that becomes visible after `delay` seconds; return its id."""
        message_id, now = str(uuid.uuid4()), time.time()
        self._database.change(
            "INSERT INTO messages (queue, id, sent, visible, received, receipt, body, attributes)"
            " VALUES (?, ?, ?, ?, 0, '', ?, ?)",
            (queue.name, message_id, now, now + delay, body, json.dumps(dict(attributes))),
        )
        with self._arrival:
            self._arrival.notify_all()
        return message_id

    def send_message(self, arn: str, body: str) -> bool:
        """Send a message to the queue of an ARN; return False if there is none."""
        queue = self.find_by_arn(arn)
        if queue is None:
            return False
        self.send(queue, body, {}, queue.seconds("DelaySeconds"))
        return True

    def receive(self, queue: Queue, count: int, hidden: float, wait: float) -> list[Message]:
        """Return up to `count` messages and hide them for `hidden` seconds; wait up to `wait`
        seconds for the first."""
        deadline = time.monotonic() + wait
        while True:
            messages = self._take(queue, count, hidden)
            left = deadline - time.monotonic()
            if messages or left <= 0 or self._closed:
                return messages
            with self._arrival:
                self._arrival.wait(min(left, 0.25))

    def _take(self, queue: Queue, count: int, hidden: float) -> list[Message]:
        now, taken = time.time(), []
        with self._database.transaction():
            self._delete_expired(queue, now)
            for message in self._find_visible(queue, count, now):
                if self._redrive(queue, message):
                    continue
                received = replace(
                    message,
                    received=message.received + 1,
                    first_received=message.first_received or now,
                    receipt=f"{message.id}.{secrets.token_hex(16)}",
                )
                self._database.change(
                    "UPDATE messages SET visible = ?, received = ?, first_received = ?,"
                    " receipt = ? WHERE position = ?",
                    (
                        now + hidden,
                        received.received,
                        received.first_received,
                        received.receipt,
                        message.position,
                    ),
                )
                taken.append(received)
        return taken

    def _find_visible(self, queue: Queue, count: int, now: float) -> Iterator[Message]:
        rows = self._database.rows(
            f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE queue = ? AND visible <= ?"
            " ORDER BY position LIMIT ?",
            (queue.name, now, count),
        )
        return (Message(*(*columns, json.loads(attributes))) for *columns, attributes in rows)

    def _redrive(self, queue: Queue, message: Message) -> bool:
        """Move a message that was received too often to its dead-letter queue; return whether."""
        policy = queue.redrive
        if not policy or message.received < int(policy["maxReceiveCount"]):
            return False
        target = self.find_by_arn(policy["deadLetterTargetArn"])
        if target is None:
            return False
        self._database.change(
            "UPDATE messages SET queue = ?, receipt = '' WHERE position = ?",
            (target.name, message.position),
        )
        return True

    def _delete_expired(self, queue: Queue, now: float) -> None:
        kept_since = now - queue.seconds("MessageRetentionPeriod")
        self._database.change(
            "DELETE FROM messages WHERE queue = ? AND sent < ?", (queue.name, kept_since)
        )

    def remove(self, queue: Queue, receipt: str) -> None:
        """Delete the message that was received with this receipt; ignore an outdated receipt."""
        self._database.change(
            "DELETE FROM messages WHERE queue = ? AND receipt = ?", (queue.name, receipt)
        )

    def hide(self, queue: Queue, receipt: str, seconds: float) -> bool:
        """Hide a received message for this long from now; return False if it is not in flight."""
        now = time.time()
        return bool(
            self._database.change(
                "UPDATE messages SET visible = ? WHERE queue = ? AND receipt = ? AND visible > ?",
                (now + seconds, queue.name, receipt, now),
            )
        )

    def purge(self, queue: Queue) -> None:
        """Delete every message."""
        self._database.change("DELETE FROM messages WHERE queue = ?", (queue.name,))

    def counts(self, queue: Queue) -> tuple[int, int, int]:
        """Return how many messages are visible, in flight, and delayed."""
        row = self._database.row(
            "SELECT coalesce(sum(visible <= ?1), 0),"
            " coalesce(sum(visible > ?1 AND received > 0), 0),"
            " coalesce(sum(visible > ?1 AND received = 0), 0) FROM messages WHERE queue = ?2",
            (time.time(), queue.name),
        )
        assert row is not None
        return int(row[0]), int(row[1]), int(row[2])

    def close(self) -> None:
        """Release the receivers that wait for messages."""
        self._closed = True
        with self._arrival:
            self._arrival.notify_all()


def _read_queue(name: str, created: float, modified: float, attributes: str, tags: str) -> Queue:
    return Queue(name, created, modified, json.loads(attributes), json.loads(tags))

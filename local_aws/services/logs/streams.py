"""Where groups and streams are kept, and the events of a stream in a file.

A stream has a file of its own with an event as JSON on each line, or shows a file that a process
writes, each line as an event.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.storage.private_files import make_private_folder, open_private
from local_aws.storage.state_store import Document, StateStore

GROUP, STREAM = "log-group", "log-stream"
FOLDER = "logs"


def create(state: StateStore, group: str, name: str, created: int, output: str = "") -> bool:
    """Create a stream; return False if it exists.

    `created`: milliseconds since 1970. `output`: a file, relative to the data folder, that a
    process writes; empty: the stream gets its events by PutLogEvents.
    """
    document = {"group": group, "name": name, "created": created, "output": output}
    return state.create(STREAM, make_id(group, name), document)


def make_id(group: str, name: str) -> str:
    """Return the key of a stream; `:` is in no name of a stream."""
    return f"{group}:{name}"


def make_arn(context: Context, group: str) -> str:
    """Return the ARN of a group."""
    return f"arn:aws:logs:{context.region}:{context.account_id}:log-group:{group}"


def require_group(name: str, state: StateStore) -> Document:
    """Return a group; raises ServiceError ResourceNotFoundException."""
    group = state.get(GROUP, name)
    if group is None:
        raise _missing("log group")
    return group


def require_stream(group: str, name: str, state: StateStore) -> Document:
    """Return a stream; raises ServiceError ResourceNotFoundException."""
    require_group(group, state)
    stream = state.get(STREAM, make_id(group, name))
    if stream is None:
        raise _missing("log stream")
    return stream


def _missing(what: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"The specified {what} does not exist.")


def list_of_group(group: str, state: StateStore) -> list[Document]:
    """Return the streams of a group."""
    return [stream for stream in state.list(STREAM) if stream["group"] == group]


def append(stream: Document, events: Sequence[dict[str, Any]], data: Path) -> None:
    """Append events, each with `timestamp` (milliseconds since 1970) and `message`."""
    file = _find_file(stream, data)
    make_private_folder(file.parent)
    lines = "".join(json.dumps(event) + "\n" for event in events)
    with open(file, "a", encoding="utf-8", opener=open_private) as opened:
        opened.write(lines)


def read(stream: Document, data: Path) -> list[dict[str, Any]]:
    """Return the events of a stream by time; none if nothing has been written yet."""
    try:
        lines = _find_file(stream, data).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    if stream["output"]:
        return [{"timestamp": stream["created"], "message": line} for line in lines if line]
    return sorted((json.loads(line) for line in lines), key=lambda event: event["timestamp"])


def _find_file(stream: Document, data: Path) -> Path:
    if stream["output"]:
        return data / str(stream["output"])
    digest = hashlib.sha256(make_id(stream["group"], stream["name"]).encode()).hexdigest()
    return data / FOLDER / f"{digest}.jsonl"

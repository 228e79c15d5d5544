"""Make many remote calls at once, and decide which failures concern one item and which all.

``call_rates`` limits how fast they follow each other.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from storyboard_ops.domain.error_tree import (
    AnswerUnusable,
    BadInput,
    ManifestCorrupt,
    ModelFailed,
    NotPermitted,
    ObjectNotFound,
    ProductionError,
    RequestRefused,
    SettingsError,
)

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Value = TypeVar("Value")

#: Calls at once by default.
POOL_SIZE = 8
#: Calls at once that only move bytes within S3: they are idle most of the time.
WIDE_POOL_SIZE = 4 * POOL_SIZE
#: Items whose outcomes are held at once where there may be any number of them.
BATCH = 2_048
#: Settings of clients that share a pool: a connection for every thread of the widest pool,
#: throttling slows the client down, and drawing may take minutes.
CLIENT_SETTINGS: dict[str, Any] = {
    "max_pool_connections": WIDE_POOL_SIZE,
    "retries": {"mode": "adaptive", "max_attempts": 8},
    "read_timeout": 300,
}
#: Services whose calls ``call_rates`` paces and adapts, so botocore must not adapt them too.
PACED_SERVICES = frozenset({"rekognition"})
#: Errors about one item: it is unreadable or missing, or the service or model does not accept it.
#: Every other error, also one that is not known here, is a failure of a service, of the account or
#: of the run, whatever the item: each of the other calls would meet it too.
OF_ONE_ITEM = (
    AnswerUnusable,
    BadInput,
    ManifestCorrupt,
    ModelFailed,
    ObjectNotFound,
    RequestRefused,
)
#: Subclasses of the above that concern the run.
OF_THE_RUN = (ProductionError, SettingsError)
#: The cause of an error about an object that concerns all objects: there is no right to read them.
OF_ALL_OBJECTS = NotPermitted


def client_settings(service: str) -> dict[str, Any]:
    """Return the settings of a service's client, as arguments of botocore's Config."""
    if service not in PACED_SERVICES:
        return CLIENT_SETTINGS
    return {**CLIENT_SETTINGS, "retries": {"mode": "standard", "max_attempts": 8}}


@dataclass(frozen=True)
class Outcome(Generic[Item, Value]):
    """The result of one item: a value, or the reason why there is none."""

    item: Item
    value: Value | None = None
    failure: str = ""


def concerns_one_item(error: BaseException) -> bool:
    """Return whether an error is a reason to go on without the item; otherwise the step stops."""
    return (
        isinstance(error, OF_ONE_ITEM)
        and not isinstance(error, OF_THE_RUN)
        and not isinstance(error.__cause__, OF_ALL_OBJECTS)
    )


def call_each(
    items: Iterable[Item],
    call: Callable[[Item], Value],
    threads: int = POOL_SIZE,
    progress: Callable[[Outcome[Item, Value]], object] = lambda outcome: None,
) -> list[Outcome[Item, Value]]:
    """Call for every item, several at a time; returns the outcomes in the order of the items.

    An item with an error of its own becomes an outcome with that reason, see
    ``concerns_one_item``. Any other error is raised: calls in flight end, others do not start.
    ``progress`` is called with each outcome, in the thread of its call.
    """
    stopped = threading.Event()

    def attempt(item: Item) -> Outcome[Item, Value]:
        if stopped.is_set():
            return Outcome(item, failure="not tried: an earlier call stopped the batch")
        try:
            return Outcome(item, call(item))
        except BaseException as error:
            if not concerns_one_item(error):
                stopped.set()
                raise
            log.warning("One call failed, the others go on: %s", error)
            return Outcome(item, failure=str(error))

    def attempt_and_count(item: Item) -> Outcome[Item, Value]:
        outcome = attempt(item)
        progress(outcome)
        return outcome

    with ThreadPoolExecutor(max_workers=threads) as pool:
        return list(pool.map(attempt_and_count, items))


def call_in_batches(
    items: Iterable[Item],
    call: Callable[[Item], Value],
    threads: int = POOL_SIZE,
    progress: Callable[[Outcome[Item, Value]], object] = lambda outcome: None,
) -> Iterator[Outcome[Item, Value]]:
    """Yield what ``call_each`` returns, for any number of items: few are held at once."""
    left = iter(items)
    while batch := list(islice(left, BATCH)):
        yield from call_each(batch, call, threads, progress)

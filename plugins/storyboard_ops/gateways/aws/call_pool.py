"""Make many remote calls at once; one failure does not stop the batch.

``call_rates`` limits how fast they follow each other.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from storyboard_ops.domain.error_tree import (
    CredentialsExpired,
    NotFound,
    NotPermitted,
    NotReady,
    StoryboardError,
)

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Value = TypeVar("Value")

#: Calls at once by default.
POOL_SIZE = 8
#: Calls at once that only move bytes within S3: they are idle most of the time.
WIDE_POOL_SIZE = 4 * POOL_SIZE
#: Settings of clients that share a pool: a connection for every thread of the widest pool,
#: throttling slows the client down, and drawing may take minutes.
CLIENT_SETTINGS: dict[str, Any] = {
    "max_pool_connections": WIDE_POOL_SIZE,
    "retries": {"mode": "adaptive", "max_attempts": 8},
    "read_timeout": 300,
}
#: Services whose calls ``call_rates`` paces and adapts, so botocore must not adapt them too.
PACED_SERVICES = frozenset({"rekognition"})
#: Errors that every other item would meet too: stop at once instead of paying for refusals.
HOPELESS = (CredentialsExpired, NotFound, NotPermitted, NotReady)


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


def call_each(
    items: Iterable[Item],
    call: Callable[[Item], Value],
    threads: int = POOL_SIZE,
) -> list[Outcome[Item, Value]]:
    """Call for every item, several at a time; returns the outcomes in the order of the items.

    A failed item becomes an outcome with its reason. An error in HOPELESS is raised, and items
    that have not started are skipped.
    """
    hopeless = threading.Event()

    def attempt(item: Item) -> Outcome[Item, Value]:
        if hopeless.is_set():
            return Outcome(item, failure="not tried: an earlier call was refused for good")
        try:
            return Outcome(item, call(item))
        except HOPELESS:
            hopeless.set()
            raise
        except StoryboardError as error:
            log.warning("One call failed, the others go on: %s", error)
            return Outcome(item, failure=str(error))

    with ThreadPoolExecutor(max_workers=threads) as pool:
        return list(pool.map(attempt, items))

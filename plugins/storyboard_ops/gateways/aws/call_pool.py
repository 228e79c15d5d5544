"""Many remote calls at once; one failure does not stop the batch.

How fast they may follow each other is the clients' business, see ``call_rates``.
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

#: Calls at once, where nothing asks for more.
POOL_SIZE = 8
#: Calls at once of which each only moves bytes within S3: they wait, and cost nothing.
WIDE_POOL_SIZE = 4 * POOL_SIZE
#: How clients that share a pool are made: a connection for every thread of the widest pool; what
#: is throttled slows the client down; drawing may take minutes.
CLIENT_SETTINGS: dict[str, Any] = {
    "max_pool_connections": WIDE_POOL_SIZE,
    "retries": {"mode": "adaptive", "max_attempts": 8},
    "read_timeout": 300,
}
#: Services whose calls are paced by their known rates, and adapt there (``call_rates``).
PACED_SERVICES = frozenset({"rekognition"})
#: Errors that every further item would meet too: stop at once instead of paying for refusals.
HOPELESS = (CredentialsExpired, NotFound, NotPermitted, NotReady)


def client_settings(service: str) -> dict[str, Any]:
    """How the client of a service is made, as arguments of botocore's Config."""
    if service not in PACED_SERVICES:
        return CLIENT_SETTINGS
    return {**CLIENT_SETTINGS, "retries": {"mode": "standard", "max_attempts": 8}}


@dataclass(frozen=True)
class Outcome(Generic[Item, Value]):
    """What became of one item: a value, or the reason there is none."""

    item: Item
    value: Value | None = None
    failure: str = ""


def call_each(
    items: Iterable[Item],
    call: Callable[[Item], Value],
    threads: int = POOL_SIZE,
) -> list[Outcome[Item, Value]]:
    """Call for every item, several at a time; outcomes come back in the items' order.

    A failed item becomes an outcome with its reason. An error of HOPELESS is raised at once.
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
            return _failed(item, error)

    with ThreadPoolExecutor(max_workers=threads) as pool:
        return list(pool.map(attempt, items))


def _failed(item: Item, error: Exception) -> Outcome[Item, Value]:
    log.warning("One call failed, the others go on: %s", error)
    return Outcome(item, failure=str(error))

"""Look up how many calls per second the account allows, and pace clients to it.

The rates come from Service Quotas or, when it cannot be queried, from ``include/quotas``. All
clients and threads of a process share one window per endpoint and operation, and every attempt
counts, so retries are paced as well. Processes share the rate without speaking to each other: each
begins with its part, takes more while nothing is throttled, and less while something is, see
docs/decisions/0108.

Sources: ListServiceQuotas, Service Quotas API reference; events of botocore.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.error_tree import ServiceError, Throttled
from storyboard_ops.gateways.aws.account import list_quotas
from storyboard_ops.gateways.aws.errors import error_class
from storyboard_ops.gateways.include_files import include_yaml

log = logging.getLogger(__name__)

RATE_TABLE = "quotas/aws-calls.yaml"
#: Share of a process's part of the rate that its window regains each time it has passed.
REGAINED = 0.1
#: Part of the names that Service Quotas gives to rates; the operation is another word of the name.
QUOTA_NAME = "transactions per second"


class DefaultRate(Record):
    """Calls per second of one operation, by region."""

    service: str
    operation: str
    large_regions: float
    elsewhere: float
    confidence: str


class RateTable(Record):
    """The bundled rates, with their date and source."""

    date: str
    source: str
    large_regions: tuple[str, ...]
    calls_per_second: tuple[DefaultRate, ...]

    def rates_for(self, service: str, region: str) -> dict[str, float]:
        """Return calls per second by operation of a service."""
        large = region in self.large_regions
        return {
            rate.operation: rate.large_regions if large else rate.elsewhere
            for rate in self.calls_per_second
            if rate.service == service
        }


@cache
def rate_table() -> RateTable:
    """Load the rates of ``include/quotas``."""
    return RateTable.model_validate(include_yaml(RATE_TABLE))


def account_rates(service_quotas: Any, client: Any) -> dict[str, float]:
    """Return the calls per second, by operation, that the account allows a client's service.

    Operations that Service Quotas does not list have the rates of the table; so do all when it
    cannot be queried, which is logged.
    """
    model = client.meta.service_model
    rates = rate_table().rates_for(model.service_name, client.meta.region_name)
    try:
        quotas = list(list_quotas(service_quotas, model.service_name))
    except ServiceError as error:
        log.warning("Rates are those of %s, dated %s: %s", RATE_TABLE, rate_table().date, error)
        return rates
    return rates | _operation_rates(quotas, frozenset(model.operation_names))


def _operation_rates(quotas: list[dict[str, Any]], operations: frozenset[str]) -> dict[str, float]:
    return {
        word: quota["Value"]
        for quota in quotas
        if QUOTA_NAME in quota["QuotaName"].lower() and quota["Value"] > 0
        for word in re.findall(r"\w+", quota["QuotaName"])
        if word in operations
    }


class CallWindow:
    """Limits how many calls start in any window of one second, across threads.

    A process begins with its part of the rate. Each throttled call narrows the window by one call;
    each window that passes restores a tenth of the part, up to the whole rate. So the widths of all
    processes together settle slightly above the rate that the service accepts, and one that is
    alone reaches it.
    """

    def __init__(
        self,
        per_second: float,
        sharers: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Set the rate; below one call per second it is one call in a longer window.

        ``sharers``: how many processes may call at once.
        """
        self._most = max(1, int(per_second))
        self._part = self._most / sharers
        self._width = max(1.0, self._part)  # calls that may start now in one window
        self._seconds = self._most / per_second
        self._starts: deque[float] = deque(maxlen=self._most)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Block until the next call may start."""
        with self._lock:
            start = now = self._clock()
            if len(self._starts) >= (width := int(self._width)):
                start = max(now, self._starts[-width] + self._seconds)
            self._starts.append(start)
        if start > now:
            self._sleep(start - now)

    def record_answer(self, throttled: bool) -> None:
        """Widen or narrow the window after one answer."""
        with self._lock:
            regained = REGAINED * self._part / self._width
            self._width = min(self._most, max(1.0, self._width + regained - throttled))


_windows: dict[tuple[str, str], CallWindow] = {}
_windows_lock = threading.Lock()


def pace_calls(client: Any, rates: Mapping[str, float], sharers: int = 1) -> None:
    """Make every attempt of a client wait for its turn; pacing a client twice is harmless.

    ``sharers``: how many processes may call at once with the rates of the account.
    """
    service_id = client.meta.service_model.service_id.hyphenize()
    for operation, per_second in rates.items():
        window = _shared_window(client.meta.endpoint_url, operation, per_second, sharers)
        for event, handler in (("before-send", _wait_handler), ("needs-retry", _answer_handler)):
            name = f"{event}.{service_id}.{operation}"
            client.meta.events.register(name, handler(window), unique_id=f"pace-{name}")


def _shared_window(endpoint: str, operation: str, per_second: float, sharers: int) -> CallWindow:
    with _windows_lock:
        return _windows.setdefault((endpoint, operation), CallWindow(per_second, sharers))


def _wait_handler(window: CallWindow) -> Callable[..., None]:
    def wait(**_: Any) -> None:
        """Wait and return None, so that botocore sends the request."""
        window.wait()

    return wait


def _answer_handler(window: CallWindow) -> Callable[..., None]:
    def record(response: tuple[Any, dict[str, Any]] | None, **_: Any) -> None:
        """Return None, so that other handlers decide on a retry. No response: no answer came."""
        if response is not None:
            code = response[1].get("Error", {}).get("Code", "")
            window.record_answer(error_class(code) is Throttled)

    return record

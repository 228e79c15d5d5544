"""Limits on calls per second: a token bucket per operation, from `data/service_quotas.yaml`."""

import functools
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local_aws.protocol.errors import ServiceError

QUOTAS_FILE = Path(__file__).parents[1] / "data" / "service_quotas.yaml"


@functools.cache
def read_quotas() -> dict[str, Any]:
    """Read the quota file: `quotas` is a list, `throttling` the error of each boto3 client."""
    document: dict[str, Any] = yaml.safe_load(QUOTAS_FILE.read_text(encoding="utf-8"))
    return document


@dataclass
class TokenBucket:
    """Allows `rate` calls a second, in bursts of up to one second's worth."""

    rate: float
    tokens: float
    filled_at: float

    def take(self, now: float) -> bool:
        """Take one token; return False if there is none. `now` is monotonic, in seconds."""
        self.tokens = min(self.rate, self.tokens + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class CallQuotas:
    """Throttles calls beyond an operation's rate, with the service's own error."""

    def __init__(self) -> None:
        document = read_quotas()
        self._errors: dict[str, dict[str, str]] = document["throttling"]
        self._rates = {
            (row["client"], row["operation"]): float(row["value"])
            for row in document["quotas"]
            if "operation" in row
        }
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], TokenBucket] = {}

    def count_call(self, service: str, operation: str) -> None:
        """Count one call; raises the service's throttling error above the rate."""
        rate = self._rates.get((service, operation))
        if rate is None:
            return
        now = time.monotonic()
        with self._lock:
            bucket = self._buckets.setdefault(
                (service, operation), TokenBucket(rate, max(rate, 1.0), now)
            )
            allowed = bucket.take(now)
        if not allowed:
            error = self._errors[service]
            raise ServiceError(error["code"], error["message"])

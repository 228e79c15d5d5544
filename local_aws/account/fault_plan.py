"""Faults that a test orders: which calls fail, how, and how often.

A rule is chosen by operation and then by count (`after`, `times`) or by the request's hash
(`share`). Only the hash is stable when calls run in parallel: the same request meets the same
fate whatever the order, and `per_request` says after how many tries it gets through.
"""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from local_aws.http.messages import DroppedConnection
from local_aws.protocol.errors import ServiceError

KINDS = ("error", "status", "delay", "drop", "filter", "fail")


class BadFaultError(ValueError):
    """A fault rule that cannot be read; the message says what to write."""


@dataclass(frozen=True)
class Fault:
    """One rule.

    `kind`: "error" answers `code` and `message` in the service's protocol ("SlowDown" on S3,
    "ThrottlingException"); "status" answers the bare HTTP `status`; "delay" waits `delay_ms` and
    goes on; "drop" closes the connection; "filter" lets an image model blank its pictures; "fail"
    answers as usual, and what the call starts (a job, capacity, a human loop) fails later with
    `code` and `message`.
    `service` and `operation` may be "*". It skips its first `after` matches, fires `times` times
    (None: always), for the `share` (0-1) of requests that their hash and `seed` choose, and
    `per_request` times for each such request (None: always).
    """

    kind: str
    service: str = "*"
    operation: str = "*"
    code: str = "InternalError"
    message: str = "Ordered by the fault plan of the local endpoint."
    status: int = 500
    delay_ms: float = 0.0
    after: int = 0
    times: int | None = None
    share: float = 1.0
    seed: str = ""
    per_request: int | None = None

    def concerns(self, service: str, operation: str, request_hash: str) -> bool:
        """Whether the rule may fire for this call, its counts apart."""
        return (
            self.service in ("*", service)
            and self.operation in ("*", operation)
            and _position(self.seed + request_hash) < self.share
        )


def _position(text: str) -> float:
    """A number from 0 (included) to 1 (excluded) that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / (1 << 48)


def read_fault(document: Any) -> Fault:
    """A rule from JSON; raises BadFaultError naming what is wrong."""
    known = [field.name for field in fields(Fault)]
    if not isinstance(document, dict):
        raise BadFaultError(f"a fault is an object with the members {', '.join(known)}")
    unknown = sorted(set(document) - set(known))
    if unknown:
        raise BadFaultError(f"{', '.join(unknown)}: not a member; a fault has {', '.join(known)}")
    if document.get("kind") not in KINDS:
        raise BadFaultError(f"kind {document.get('kind')!r}: use one of {', '.join(KINDS)}")
    fault = Fault(**document)
    if not 0 <= fault.share <= 1:
        raise BadFaultError(f"share {fault.share}: use 0 to 1")
    return fault


class FaultPlan:
    """The rules in force, and how often each has fired. Safe across threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: Sequence[Fault] = ()
        self._matches: Counter[int] = Counter()
        self._requests: Counter[tuple[int, str]] = Counter()

    def replace(self, rules: Sequence[Fault]) -> None:
        """Put these rules in force and start counting anew."""
        with self._lock:
            self._rules = tuple(rules)
            self._matches.clear()
            self._requests.clear()

    def document(self) -> dict[str, Any]:
        """The rules with the number of times each has matched."""
        with self._lock:
            return {
                "faults": [
                    {**asdict(rule), "matches": self._matches[index]}
                    for index, rule in enumerate(self._rules)
                ]
            }

    def due(self, service: str, operation: str, request_hash: str) -> list[Fault]:
        """The rules that fire for this call; counts it."""
        if not self._rules:
            return []
        with self._lock:
            return [
                rule
                for index, rule in enumerate(self._rules)
                if rule.concerns(service, operation, request_hash)
                and self._counted(index, rule, request_hash)
            ]

    def _counted(self, index: int, rule: Fault, request_hash: str) -> bool:
        self._matches[index] += 1
        self._requests[index, request_hash] += 1
        fired = self._matches[index] - rule.after
        within_times = fired >= 1 and (rule.times is None or fired <= rule.times)
        tries = self._requests[index, request_hash]
        return within_times and (rule.per_request is None or tries <= rule.per_request)


class BareStatus(Exception):
    """Raised to answer nothing but an HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


def act(faults: Sequence[Fault]) -> None:
    """Carry the faults of a call out: wait, raise what they order, or return."""
    for fault in faults:
        if fault.kind == "delay":
            time.sleep(fault.delay_ms / 1000)
        elif fault.kind == "drop":
            raise DroppedConnection
        elif fault.kind == "status":
            raise BareStatus(fault.status)
        elif fault.kind == "error":
            raise ServiceError(fault.code, fault.message)

"""Injected faults: which calls fail, how, and how often.

A rule matches by operation and then by count (`after`, `times`) or by the request's hash (`share`).
Only the hash is stable when calls run in parallel: the same request fails or succeeds whatever the
order, and `per_request` says after how many attempts it succeeds.
"""

import hashlib
import math
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from local_aws.http.messages import DroppedConnection
from local_aws.protocol.errors import ServiceError

CALL_KINDS = ("error", "status", "delay", "drop", "filter", "fail")
JOB_KINDS = ("interrupt", "kill")
KINDS = (*CALL_KINDS, *JOB_KINDS)


class BadFaultError(ValueError):
    """A fault rule is invalid; the message says what is allowed."""


@dataclass(frozen=True)
class Fault:
    """One rule.

    `kind`: "error" answers `code` and `message` in the service's protocol ("SlowDown" on S3,
    "ThrottlingException"); "status" answers the bare HTTP `status`; "delay" waits `delay_ms` and
    continues; "drop" closes the connection; "filter" makes an image model return blank pictures;
    "fail" answers as usual, and what the call starts (a job, capacity, a human loop) fails later
    with `code` and `message`. Two kinds happen to a running SageMaker job that the operation
    started, once it has run for `delay_ms`: "interrupt" takes the instance of a spot job away,
    "kill" ends the job's process by SIGKILL; their hash is that of the job's name.
    `service` and `operation` may be "*". A rule skips its first `after` matches and fires `times`
    times (None: always), for the `share` (0 to 1) of requests that their hash and `seed` select,
    and `per_request` times for each of these requests (None: always).
    """

    kind: str
    service: str = "*"
    operation: str = "*"
    code: str = "InternalError"
    message: str = "Injected by the fault plan of the local endpoint."
    status: int = 500
    delay_ms: float = 0.0
    after: int = 0
    times: int | None = None
    share: float = 1.0
    seed: str = ""
    per_request: int | None = None

    def matches(self, service: str, operation: str, request_hash: str) -> bool:
        """Return whether the rule matches this call or job, leaving its counts aside."""
        return (
            self.service in ("*", service)
            and self.operation in ("*", operation)
            and _hash_to_fraction(self.seed + request_hash) < self.share
        )


def _hash_to_fraction(text: str) -> float:
    """Map the text to a number from 0 (inclusive) to 1 (exclusive)."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / (1 << 48)


def read_fault(document: Any) -> Fault:
    """Read a rule from JSON; raises BadFaultError that names what is wrong."""
    known = [field.name for field in fields(Fault)]
    if not isinstance(document, dict):
        raise BadFaultError(f"a fault must be an object with the members {', '.join(known)}")
    unknown = sorted(set(document) - set(known))
    if unknown:
        raise BadFaultError(f"unknown member {', '.join(unknown)}; a fault has {', '.join(known)}")
    if document.get("kind") not in KINDS:
        raise BadFaultError(f"kind {document.get('kind')!r}: use one of {', '.join(KINDS)}")
    fault = Fault(**document)
    if not 0 <= fault.share <= 1:
        raise BadFaultError(f"share {fault.share}: use 0 to 1")
    return fault


class FaultPlan:
    """The active rules and how often each has matched. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: Sequence[Fault] = ()
        self._matches: Counter[int] = Counter()
        self._requests: Counter[tuple[int, str]] = Counter()

    def replace(self, rules: Sequence[Fault]) -> None:
        """Activate these rules and reset the counts."""
        with self._lock:
            self._rules = tuple(rules)
            self._matches.clear()
            self._requests.clear()

    def document(self) -> dict[str, Any]:
        """Return the rules with the number of times each has matched, as JSON."""
        with self._lock:
            return {
                "faults": [
                    {**asdict(rule), "matches": self._matches[index]}
                    for index, rule in enumerate(self._rules)
                ]
            }

    def find_due(self, service: str, operation: str, request_hash: str) -> list[Fault]:
        """Count this call and return the rules that fire for it."""
        return self._find(CALL_KINDS, service, operation, request_hash, math.inf)

    def find_due_of_job(
        self, kinds: Sequence[str], operation: str, name: str, seconds: float
    ) -> list[Fault]:
        """Return the rules of these kinds that fire for a job that has run for `seconds`."""
        return self._find(kinds, "sagemaker", operation, name, seconds)

    def _find(
        self, kinds: Sequence[str], service: str, operation: str, request_hash: str, seconds: float
    ) -> list[Fault]:
        if not self._rules:
            return []
        with self._lock:
            return [
                rule
                for index, rule in enumerate(self._rules)
                if rule.kind in kinds
                and rule.delay_ms <= seconds * 1000
                and rule.matches(service, operation, request_hash)
                and self._count_match(index, rule, request_hash)
            ]

    def _count_match(self, index: int, rule: Fault, request_hash: str) -> bool:
        self._matches[index] += 1
        self._requests[index, request_hash] += 1
        fired = self._matches[index] - rule.after
        within_times = fired >= 1 and (rule.times is None or fired <= rule.times)
        tries = self._requests[index, request_hash]
        return within_times and (rule.per_request is None or tries <= rule.per_request)


class BareStatus(Exception):
    """Answer with an HTTP status only."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


def apply_faults(faults: Sequence[Fault]) -> None:
    """Apply the faults of a call: wait, raise the injected error, or return."""
    for fault in faults:
        if fault.kind == "delay":
            time.sleep(fault.delay_ms / 1000)
        elif fault.kind == "drop":
            raise DroppedConnection
        elif fault.kind == "status":
            raise BareStatus(fault.status)
        elif fault.kind == "error":
            raise ServiceError(fault.code, fault.message)

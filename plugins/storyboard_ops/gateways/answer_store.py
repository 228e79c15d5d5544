"""Paid answers are bought once: kept in S3 by the digest of the question.

A question is everything that decides the answer: picture hash, model, prompt, settings. An answer
remembers which run paid for it, so that every run can add up what it spent, also after a retry.
Two threads that ask the same at once buy it once. A process that is killed between an answer and
its keeping buys it again: at most as many as it had in flight.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from storyboard_ops.domain.base_record import Record, canonical_json
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.paid_usage import Usage, total
from storyboard_ops.domain.utc_time import iso, utc_now
from storyboard_ops.gateways.object_store import ObjectStore

log = logging.getLogger(__name__)

#: An answer and what it cost, as a gateway returns it.
Bought = tuple[Any, tuple[Usage, ...]]


class PaidAnswer(Record):
    """One answer as it lies in S3."""

    operation: str
    about: str = ""  # SHA-256 of the picture that was asked about: its lineage
    answer: Any
    usages: tuple[Usage, ...]
    paid_by: str  # run key
    answered_at: str  # ISO 8601


class AnswerStore:
    """Looks an answer up before buying it. Safe to share between threads."""

    def __init__(self, objects: ObjectStore, workspace: Workspace, run_key: str) -> None:
        self._objects = objects
        self._workspace = workspace
        self._run_key = run_key
        self._lock = threading.Lock()
        self._asking: defaultdict[S3Uri, threading.Lock] = defaultdict(threading.Lock)
        self._usages: list[Usage] = []
        self.bought = 0
        self.reused = 0

    def ask(
        self, operation: str, question_digest: str, buy: Callable[[], Bought], about: str = ""
    ) -> Any:
        """The answer to a question; ``buy`` is called only when nobody has asked it before.

        ``about`` is the SHA-256 of the frame, picture or panel that is asked about: whoever
        removes that, finds the answer by it.
        """
        uri = self._workspace.answer(operation, question_digest)
        with self._lock:
            asking = self._asking[uri]
        with asking:
            return self._found_or_bought(operation, uri, buy, about)

    def _found_or_bought(
        self, operation: str, uri: S3Uri, buy: Callable[[], Bought], about: str
    ) -> Any:
        if self._objects.head(uri) is not None:
            paid = PaidAnswer.model_validate_json(self._objects.get(uri))
            self._count(paid, bought=False)
            return paid.answer
        answer, usages = buy()
        paid = PaidAnswer(
            operation=operation,
            about=about,
            answer=answer,
            usages=usages,
            paid_by=self._run_key,
            answered_at=iso(utc_now()),
        )
        self._objects.put(uri, canonical_json(paid).encode(), "application/json")
        self._count(paid, bought=True)
        return paid.answer

    def _count(self, paid: PaidAnswer, *, bought: bool) -> None:
        with self._lock:
            self.bought += bought
            self.reused += not bought
            if paid.paid_by == self._run_key:
                self._usages.extend(paid.usages)

    @property
    def usages(self) -> tuple[Usage, ...]:
        """What this run paid for the questions asked here; answers paid by others cost nothing."""
        with self._lock:
            return total(self._usages)

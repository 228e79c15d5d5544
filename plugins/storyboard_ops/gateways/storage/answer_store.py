"""Paid answers are bought once: kept in S3 by the digest of the question.

A question is everything that decides the answer: picture hash, model, prompt, settings. An answer
remembers which run paid for it, so that every run can add up what it spent, also after a retry.
Two threads, or two runs, that ask the same at once buy it once: before the call the question itself
is laid down where its answer will lie, by a conditional write that one of them wins, and the others
wait. A process that is killed between an answer and its keeping buys it again: at most as many as
it had in flight. Another run waits for its questions until ASKING_SECONDS have passed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from storyboard_ops.domain.base_record import Record, canonical_json
from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.money.paid_usage import Usage, sum_usages
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.utc_time import iso, utc_now
from storyboard_ops.gateways.storage.object_store import ObjectStore

log = logging.getLogger(__name__)

JSON = "application/json"
#: An answer and what it cost, as a gateway returns it.
Bought = tuple[Any, tuple[Usage, ...]]
#: How long a question is left to the run that asks it; what takes longer may be bought twice.
ASKING_SECONDS = 600
#: Between two looks whether another run has its answer.
PAUSE_SECONDS = 1.0


class PaidAnswer(Record):
    """One answer as it lies in S3; with ``asked_until``, a question that is being asked."""

    operation: str
    about: str = ""  # SHA-256 of the picture that was asked about: its lineage
    answer: Any = None
    usages: tuple[Usage, ...] = ()
    paid_by: str  # run key
    answered_at: str = ""  # ISO 8601
    asked_until: str = ""  # ISO 8601; empty: it is answered


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
        question = PaidAnswer(operation=operation, about=about, paid_by=self._run_key)
        with self._lock:
            asking = self._asking[uri]
        with asking:
            return self._found_or_bought(uri, question, buy)

    def _found_or_bought(self, uri: S3Uri, question: PaidAnswer, buy: Callable[[], Bought]) -> Any:
        while True:
            etag, found = self._look(uri)
            if found is not None and not found.asked_until:
                self._count(found, bought=False)
                return found.answer
            if found is not None and self._is_asked_by_another(found):
                log.debug("%s is asking %s; waiting for its answer.", found.paid_by, uri)
                time.sleep(PAUSE_SECONDS)
            elif self._lay_down(uri, question, etag):
                return self._bought(uri, question, buy)

    def _look(self, uri: S3Uri) -> tuple[str, PaidAnswer | None]:
        """What lies there with its ETag; ("", None) when nothing does."""
        head = self._objects.head(uri)
        if head is None:
            return "", None
        try:
            return head.etag, PaidAnswer.model_validate_json(self._objects.get(uri))
        except ObjectMissing:  # it was withdrawn since
            return "", None

    def _is_asked_by_another(self, found: PaidAnswer) -> bool:
        # A question of this run's own is left from a try that was killed.
        until = datetime.fromisoformat(found.asked_until)
        return found.paid_by != self._run_key and until > utc_now()

    def _lay_down(self, uri: S3Uri, question: PaidAnswer, etag: str) -> bool:
        """Whether it is this run that asks; False when another was first."""
        until = iso(utc_now() + timedelta(seconds=ASKING_SECONDS))
        asked = question.model_copy(update={"asked_until": until})
        return self._objects.replace(uri, _encoded(asked), JSON, etag)

    def _bought(self, uri: S3Uri, question: PaidAnswer, buy: Callable[[], Bought]) -> Any:
        try:
            answer, usages = buy()
        except BaseException:
            self._withdraw(uri)
            raise
        update = {"answer": answer, "usages": usages, "answered_at": iso(utc_now())}
        paid = question.model_copy(update=update)
        self._objects.put(uri, _encoded(paid), JSON)
        self._count(paid, bought=True)
        return paid.answer

    def _withdraw(self, uri: S3Uri) -> None:
        """Leave a question that was not answered to others."""
        _, found = self._look(uri)
        if found is not None and found.asked_until and found.paid_by == self._run_key:
            self._objects.delete([uri])

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
            return sum_usages(self._usages)


def _encoded(record: PaidAnswer) -> bytes:
    return canonical_json(record).encode()

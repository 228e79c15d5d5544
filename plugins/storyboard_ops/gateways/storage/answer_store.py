"""Buy each paid answer once: store it in S3 under the digest of its question.

A question is everything that decides the answer: picture hash, model, prompt, settings. An answer
records which run paid for it and for which purpose, so that every run can add up what it spent,
also after a retry, and counts an answer once however many of its tasks use it.
Threads or runs that ask the same question at once buy one answer: before the call, a conditional
write claims the answer's key with the question; one writer wins and the others wait. A process
that is killed after the call and before it stores the answer buys it again: at most the calls in
flight. Another run waits for a claimed question until ASKING_SECONDS have passed.

An answer that the caller cannot use is paid for, but not stored as an answer: its question becomes
a claim that has ended and records what was spent and what was wrong, and the next call buys an
answer; a model is asked in other words then, see ``ask_rephrased``.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from storyboard_ops.domain.base_record import Record, canonical_json
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.error_tree import AnswerUnusable, ObjectMissing
from storyboard_ops.domain.money.paid_usage import Usage, sum_usages
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.utc_time import iso, utc_now
from storyboard_ops.gateways.storage.object_store import ObjectStore

log = logging.getLogger(__name__)

JSON = "application/json"
#: An answer and what it cost, as a gateway returns it.
Bought = tuple[Any, tuple[Usage, ...]]
#: Checks an answer; raises AnswerUnusable.
Check = Callable[[Any], object]
#: Buys an answer, given what was wrong with the earlier ones.
Rephrase = Callable[[tuple[str, ...]], Bought]
#: The most faults that a question keeps, and characters of each.
MOST_FAULTS, MOST_FAULT = 8, 400
#: How long a claim lasts; a call that takes longer may be paid for twice.
ASKING_SECONDS = 600
#: Time between two checks whether another run has its answer.
PAUSE_SECONDS = 1.0


class Purchase(Record):
    """What a run paid for a question, and the purpose that it is booked under."""

    paid_by: str  # run key
    paid_for: str = ""
    usages: tuple[Usage, ...] = ()


class PaidAnswer(Record):
    """One answer as stored in S3; with ``asked_until``, a question that a run has claimed."""

    operation: str
    about: str = ""  # SHA-256 of the picture in question: its lineage
    answer: Any = None
    usages: tuple[Usage, ...] = ()  # of this answer, and of unusable ones that the run got before
    paid_by: str  # run key
    paid_for: str = ""  # the purpose that it is booked under
    answered_at: str = ""  # ISO 8601
    asked_until: str = ""  # ISO 8601, end of the claim; empty once answered
    faults: tuple[str, ...] = ()  # why earlier answers could not be used, by any run
    earlier: tuple[Purchase, ...] = ()  # of unusable answers, by other runs or for other purposes

    @property
    def purchases(self) -> tuple[Purchase, ...]:
        """Everything that was paid for the question, by any run."""
        last = Purchase(paid_by=self.paid_by, paid_for=self.paid_for, usages=self.usages)
        return (*self.earlier, last)


class AnswerStore:
    """Paid answers of a workspace; looks an answer up before buying it. Thread-safe."""

    def __init__(self, objects: ObjectStore, workspace: Workspace, run_key: str) -> None:
        self._objects = objects
        self._workspace = workspace
        self._run_key = run_key
        self._lock = threading.Lock()
        self._asking: defaultdict[S3Uri, threading.Lock] = defaultdict(threading.Lock)
        self._paid: dict[S3Uri, tuple[Purchase, ...]] = {}
        #: What answers are bought for from now on; a repeated task has the same one.
        self.purpose = ""
        self.bought = 0
        #: Billed calls of this process, by operation; with those whose answer was unusable.
        self.calls: Counter[str] = Counter()
        self.reused = 0
        #: Of the reused ones; unlike these it does not depend on how often this run was stopped.
        self.from_other_runs = 0

    def ask(
        self,
        operation: str,
        question_digest: str,
        buy: Callable[[], Bought],
        about: str = "",
        check: Check = lambda answer: None,
    ) -> Any:
        """Return the answer to a question; ``buy`` is called only when no usable one is stored.

        ``about`` is the SHA-256 of the frame, picture or panel in question: a removal finds the
        answer by it. ``check`` raises AnswerUnusable for an answer that must not be stored.
        """
        return self.ask_rephrased(operation, question_digest, lambda _: buy(), about, check)

    def ask_rephrased(
        self,
        operation: str,
        question_digest: str,
        buy: Rephrase,
        about: str = "",
        check: Check = lambda answer: None,
    ) -> Any:
        """Return the answer to a question, like ``ask``, of a model that answers by its words.

        ``buy`` gets what was wrong with the earlier answers, the latest last: the same words would
        get the same answer. Also after this call has raised, and in other runs.
        """
        uri = self._workspace.answer(operation, question_digest)
        question = PaidAnswer(
            operation=operation, about=about, paid_by=self._run_key, paid_for=self.purpose
        )
        with self._lock:
            asking = self._asking[uri]
        with asking:
            return self._find_or_buy(uri, question, buy, check)

    def find(self, operation: str, question_digest: str) -> PaidAnswer | None:
        """Return the record of a question that has its answer; None without one."""
        _, found = self._read(self._workspace.answer(operation, question_digest))
        return None if found is None or found.asked_until else found

    def keep(self, operation: str, question_digest: str, answer: Any) -> None:
        """Store an answer that was bought in another way, e.g. by a job with many others."""
        kept = PaidAnswer(
            operation=operation,
            answer=answer,
            paid_by=self._run_key,
            paid_for=self.purpose,
            answered_at=iso(utc_now()),
        )
        self._objects.put(self._workspace.answer(operation, question_digest), _encode(kept), JSON)

    def _find_or_buy(self, uri: S3Uri, question: PaidAnswer, buy: Rephrase, check: Check) -> Any:
        while True:
            etag, found = self._read(uri)
            if found is not None and _is_answered(found, check):
                self._count(uri, found, bought=False)
                return found.answer
            if found is not None and _is_claimed_by_another(found, question):
                log.debug("%s is asking %s; waiting for its answer.", found.paid_by, uri)
                time.sleep(PAUSE_SECONDS)
                continue
            asking = question if found is None else _continue(question, found)
            if self._claim(uri, asking, etag):
                return self._buy(uri, asking, buy, check)

    def _read(self, uri: S3Uri) -> tuple[str, PaidAnswer | None]:
        """Return the stored ETag and record; ("", None) when there is none."""
        head = self._objects.head(uri)
        if head is None:
            return "", None
        try:
            return head.etag, self._objects.record(uri, PaidAnswer)
        except ObjectMissing:  # withdrawn meanwhile
            return "", None

    def _claim(self, uri: S3Uri, question: PaidAnswer, etag: str) -> bool:
        """Claim a question for this run; False when another writer was first."""
        until = iso(utc_now() + timedelta(seconds=ASKING_SECONDS))
        claim = question.model_copy(update={"asked_until": until})
        return self._objects.replace(uri, _encode(claim), JSON, etag)

    def _buy(self, uri: S3Uri, question: PaidAnswer, buy: Rephrase, check: Check) -> Any:
        try:
            answer, usages = buy(question.faults)
        except AnswerUnusable as error:
            self._end_unusable(uri, question, error.billed, error)
            raise
        except BaseException:
            self._withdraw(uri, question)
            raise
        try:
            check(answer)
        except AnswerUnusable as error:
            self._end_unusable(uri, question, usages, error)
            raise
        spent = sum_usages((*question.usages, *usages))
        update = {"answer": answer, "usages": spent, "answered_at": iso(utc_now())}
        paid = question.model_copy(update=update)
        self._objects.put(uri, _encode(paid), JSON)
        self._count(uri, paid, bought=True)
        return paid.answer

    def _withdraw(self, uri: S3Uri, question: PaidAnswer) -> None:
        """Release the claim on a question that was not answered."""
        _, found = self._read(uri)
        if found is None or not found.asked_until or _payer(found) != _payer(question):
            return
        if question.usages or question.faults or question.earlier:
            self._remember(uri, self._end_claim(uri, question))
        else:
            self._objects.delete([uri])

    def _end_unusable(
        self, uri: S3Uri, question: PaidAnswer, billed: tuple[Usage, ...], error: AnswerUnusable
    ) -> None:
        """Leave a question to the next call, with what was spent on it and what was wrong."""
        faults = (*question.faults, _written(error))[-MOST_FAULTS:]
        update = {"usages": sum_usages((*question.usages, *billed)), "faults": faults}
        ended = self._end_claim(uri, question.model_copy(update=update))
        self._count(uri, ended, bought=True)

    def _end_claim(self, uri: S3Uri, question: PaidAnswer) -> PaidAnswer:
        ended = question.model_copy(update={"asked_until": iso(utc_now())})
        self._objects.put(uri, _encode(ended), JSON)
        return ended

    def _count(self, uri: S3Uri, paid: PaidAnswer, *, bought: bool) -> None:
        with self._lock:
            self.bought += bought
            self.calls[paid.operation] += bought
            self.reused += not bought
            self.from_other_runs += paid.paid_by != self._run_key
        self._remember(uri, paid)

    def _remember(self, uri: S3Uri, paid: PaidAnswer) -> None:
        """Keep what this run has paid for a question, to book it."""
        own = tuple(one for one in paid.purchases if one.paid_by == self._run_key)
        with self._lock:
            self._paid[uri] = own

    @property
    def usages(self) -> tuple[Usage, ...]:
        """What this run paid for the answers it got here; those paid by other runs cost nothing."""
        return self._sum(lambda purchase: True)

    def usages_for(self, purpose: str) -> tuple[Usage, ...]:
        """Return what this run paid for the answers it got here and bought for this purpose."""
        return self._sum(lambda purchase: purchase.paid_for == purpose)

    def _sum(self, counts: Callable[[Purchase], bool]) -> tuple[Usage, ...]:
        with self._lock:
            own = [one for paid in self._paid.values() for one in paid if counts(one)]
        return sum_usages(usage for one in own for usage in one.usages)


def _is_claimed_by_another(found: PaidAnswer, question: PaidAnswer) -> bool:
    """Return whether another run, or another task of this one, may be waiting for the answer.

    A claim for the same purpose is left over from a try of this task that was killed.
    """
    if _payer(found) == _payer(question) or not found.asked_until:
        return False
    return datetime.fromisoformat(found.asked_until) > utc_now()


def _payer(record: PaidAnswer | Purchase) -> tuple[str, str]:
    return record.paid_by, record.paid_for


def _continue(question: PaidAnswer, found: PaidAnswer) -> PaidAnswer:
    """Return a question with what its unanswered record says: faults, and what was paid so far."""
    ours = [one for one in found.purchases if _payer(one) == _payer(question)]
    others = tuple(one for one in found.purchases if _payer(one) != _payer(question) and one.usages)
    usages = sum_usages(usage for one in ours for usage in one.usages)
    update = {"usages": usages, "faults": found.faults, "earlier": others}
    return question.model_copy(update=update)


def _written(error: AnswerUnusable) -> str:
    """Return what was wrong, short and without the lone surrogates that a model may write."""
    return shorten(str(error).encode("utf-8", "replace").decode(), MOST_FAULT)


def _is_answered(found: PaidAnswer, check: Check) -> bool:
    """Return whether a record has a usable answer; earlier versions stored unusable ones too."""
    if found.asked_until:
        return False
    try:
        check(found.answer)
    except AnswerUnusable:
        return False
    return True


def _encode(record: PaidAnswer) -> bytes:
    return canonical_json(record).encode()

"""A review in memory with the API of decision 0060, for tests of the board alone.

It has the rules that the board depends on (versions, stale and repeated batches, the number of
open pictures, consent to the cost) and lets a test play a second reviewer or an outage.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from storyboard_ops.gateways.review.board_pages import read_board_page
from tests.browser.page_server import STATIC, TYPES, PageHandler, serving, static_file

RUNS = "/storyboard/runs"
PAGE = f"{RUNS}/train_character_model/manual__1/review"


class Refusal(Exception):
    """An error response."""

    def __init__(self, status: int, error: str, message: str, **body: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": error, "message": message, **body}


@dataclass
class Review:
    """One review: its document, its log, and the faults that a test injects."""

    items: Sequence[dict[str, Any]]
    characters: Sequence[dict[str, str]]
    pictures: dict[str, bytes]  # by file name, e.g. "0.jpg"
    reviewer: str = "ana"
    may_decide: bool = True
    consent_usd: float | None = None
    outage: bool = False
    lost_pictures: float = 0  # the number of first requests for pictures that fail
    version: int = 0
    closed: dict[str, str] | None = None
    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    batches: list[dict[str, Any]] = field(default_factory=list)
    finals: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        """What the server holds, in the order of the pictures: decision and reason."""
        held = [self.decisions.get(item["id"]) for item in self.items]
        return [(one["decision"], one["reason"]) if one else ("", "") for one in held]

    def document(self) -> dict[str, Any]:
        """Return the response to ``GET board``."""
        return {
            "run": {
                "dag_id": "train_character_model",
                "run_id": "manual__1",
                "title": "The Paper Lantern",
                "opened_at": "2026-11-23T06:30:00+00:00",
            },
            "instructions": "Approve a picture when the right character is well visible.",
            "you": {"name": self.reviewer, "may_decide": self.may_decide},
            "token": "token",
            "version": self.version,
            "closed": self.closed,
            "may_reopen": False,
            "items": self.items,
            "characters": self.characters,
            "reasons": ["wrong character", "cut off", "blurred", "other"],
            "limits": {
                "caption_min": 3,
                "caption_max": 1024,
                "caption_words": [20, 30],
                "reason_max": 400,
                "batch_max": 200,
                "cut_side": 342,
                "cut_aspect": 4,
            },
            "least_approved": 5,
            "decisions": self.decisions,
            "cost": {
                "lines": [
                    {"what": "training: 4,000 pictures seen", "usd": 20.0},
                    {"what": "hosting: 1 model unit for 1 h", "usd": 60.5},
                ],
                "estimate_usd": 81.7,
                "budget_usd": 250.0,
                "lease_h": 4,
                "price_table_date": "2026-11-22",
                "consent_usd": self.consent_usd,
            },
        }

    def runs(self) -> dict[str, Any]:
        """Return the response to ``GET runs.json``: this run, open and finished."""
        run = self.document()["run"]
        listed = {**run, "page": PAGE.removeprefix("/storyboard/"), "approved": 2, "rejected": 1}
        states = [{"state": "open", "open": 3}, {"state": "finished", "open": 0}]
        return {"runs": [listed | state for state in states]}

    def decide(self, reviewer: str, image_id: str, decision: str, reason: str = "") -> None:
        """Decide as another reviewer."""
        with self.lock:
            self._store(reviewer, [{"image_id": image_id, "decision": decision, "reason": reason}])

    def save(self, batch: dict[str, Any]) -> dict[str, Any]:
        """``POST decisions``."""
        with self.lock:
            self._refuse_when_closed()
            if any(known["id"] == batch["id"] for known in self.batches):
                raise Refusal(409, "repeated", "saved already", version=self.version)
            stale = {
                sent["image_id"]: self.decisions[sent["image_id"]]
                for sent in batch["decisions"]
                if self._version_of(sent["image_id"]) != sent["based_on"]
            }
            if stale:
                raise Refusal(409, "stale", "changed", version=self.version, decisions=stale)
            self.batches.append(batch)
            return {
                "version": self.version + 1,
                "decisions": self._store(self.reviewer, batch["decisions"]),
            }

    def finish(self, final: dict[str, Any]) -> dict[str, Any]:
        """``POST finish``."""
        with self.lock:
            self._refuse_when_closed()
            left = len(self.items) - sum(
                known["decision"] != "open" for known in self.decisions.values()
            )
            if not final["id"]:
                raise Refusal(422, "form", "an id is required")
            if final["open"] != left:
                raise Refusal(409, "open", f"{left} pictures are open", open=left)
            if final["consent_usd"] != self.consent_usd:
                raise Refusal(409, "consent", "say yes", consent_usd=self.consent_usd)
            self.finals.append(final)
            self.closed = {"by": self.reviewer, "at": "2026-11-23T07:00:00+00:00"}
            return {"version": self.version, "closed": self.closed}

    def changes(self, since: int) -> dict[str, Any]:
        """``GET decisions``."""
        with self.lock:
            news = {i: known for i, known in self.decisions.items() if known["version"] > since}
            return {"version": self.version, "closed": self.closed, "decisions": news}

    def picture(self, name: str) -> bytes:
        """Return a picture, or fail while ``lost_pictures`` lasts."""
        with self.lock:
            self.lost_pictures -= 1
            if self.lost_pictures >= 0:
                raise Refusal(503, "unavailable", "not now")
        return self.pictures[name]

    def _refuse_when_closed(self) -> None:
        if self.closed:
            raise Refusal(409, "closed", "The review is finished.", closed=self.closed)

    def _version_of(self, image_id: str) -> int:
        return int(self.decisions.get(image_id, {"version": 0})["version"])

    def _store(self, reviewer: str, decisions: Sequence[dict[str, Any]]) -> dict[str, Any]:
        self.version += 1
        stored = {
            sent["image_id"]: {
                "version": self.version,
                "decision": sent["decision"],
                "reason": sent.get("reason", ""),
                "caption": sent.get("caption", ""),
                "character": sent.get("character", ""),
                "cut": sent.get("cut", ""),
                "reviewer": reviewer,
                "decided_at": "2026-11-23T06:45:00+00:00",
            }
            for sent in decisions
        }
        self.decisions.update(stored)
        return stored


@contextmanager
def served(review: Review) -> Iterator[str]:
    """Serve the review while the block runs; yields the address of its page."""
    with serving(_handler(review)) as port:
        yield f"http://127.0.0.1:{port}{PAGE}"


def _handler(review: Review) -> type[PageHandler]:
    class Handler(PageHandler):
        def do_GET(self) -> None:
            self._answer(lambda: _read(review, self.path))

        def do_POST(self) -> None:
            body = self.read_json()
            self._answer(lambda: (TYPES[".json"], _change(review, self.path, body)))

        def _answer(self, work: Callable[[], tuple[str, bytes]]) -> None:
            if review.outage:
                self.send(503, TYPES[".html"], b"")
                return
            try:
                self.send(200, *work())
            except Refusal as refusal:
                self.send_json(refusal.status, refusal.body)
            except FileNotFoundError:
                self.send(404, TYPES[".html"], b"")

    return Handler


def _read(review: Review, address: str) -> tuple[str, bytes]:
    parts = urlsplit(address)
    name = parts.path.rpartition("/")[2]
    if parts.path == PAGE:
        return TYPES[".html"], read_board_page("review").encode()
    if parts.path == RUNS:
        return TYPES[".html"], read_board_page("runs").encode()
    if parts.path == f"{RUNS}.json":
        return TYPES[".json"], _json(review.runs())
    if parts.path.startswith(STATIC):
        return static_file(parts.path)
    if name == "board":
        return TYPES[".json"], _json(review.document())
    if name == "decisions":
        (since,) = parse_qs(parts.query)["since"]
        return TYPES[".json"], _json(review.changes(int(since)))
    if name in review.pictures:
        return "image/jpeg", review.picture(name)
    raise FileNotFoundError(address)


def _change(review: Review, address: str, body: dict[str, Any]) -> bytes:
    route = {"decisions": review.save, "finish": review.finish}[address.rpartition("/")[2]]
    return _json(route(body))


def _json(answer: Any) -> bytes:
    return json.dumps(answer).encode()

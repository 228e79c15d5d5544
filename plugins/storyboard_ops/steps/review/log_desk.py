"""What every page of decisions does: add whole entries to an append-only log, or refuse them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import uuid4

from storyboard_ops.core.review.log_state import LogState, fold_log
from storyboard_ops.domain.error_tree import ReviewRefused
from storyboard_ops.domain.review.review_records import ClosingEntry, DecidedItem
from storyboard_ops.domain.utc_time import iso_millis
from storyboard_ops.gateways.review.review_log import ReviewLog
from storyboard_ops.steps.run.tool_box import ToolBox

E = TypeVar("E", bound=ClosingEntry)
S = TypeVar("S", bound=DecidedItem)

#: Tries to save when other reviewers save first; then the save is refused.
ATTEMPTS = 20


class LogDesk(ABC, Generic[E, S]):
    """A page's decisions, as their log records them. Safe for concurrent use.

    ``things``: what is decided about, in the plural; ``entry_type``: of the log.
    """

    entry_type: type[E]
    things = "items"

    def __init__(self, tools: ToolBox[Any], log: ReviewLog[E]) -> None:
        self._tools = tools
        self._log = log
        self._known: LogState[S] = LogState()
        self._lock = Lock()

    @staticmethod
    @abstractmethod
    def _items_of(entry: E) -> Mapping[str, S]:
        """Return the state of the items that an entry decides about, by their ids."""

    def state(self) -> LogState[S]:
        """Return the current state; reads only what was added since the last call."""
        with self._lock:
            entries = self._log.entries(after=self._known.version)
            self._known = fold_log(entries, self._known, self._items_of)
            return self._known

    def reopen(self, reviewer: str) -> LogState[S]:
        """Reopen a closed review with its decisions; raises ReviewRefused when it is open."""

        def make_entry(state: LogState[S]) -> E:
            if state.closed is None:
                raise ReviewRefused("open", "The review is open already.", version=state.version)
            return self._make_entry(state, str(uuid4()), "reopen", reviewer)

        return self._add(make_entry)

    def _add(self, make_entry: Callable[[LogState[S]], E]) -> LogState[S]:
        for _ in range(ATTEMPTS):
            if self._log.add(make_entry(self.state())):
                return self.state()
        raise ReviewRefused(
            "busy",
            "Too many reviewers are saving at the moment. Your decisions are kept: save again.",
        )

    def _make_entry(
        self, state: LogState[S], entry_id: str, kind: str, reviewer: str, **facts: Any
    ) -> E:
        entry = {"version": state.version + 1, "id": entry_id, "kind": kind, "reviewer": reviewer}
        at = iso_millis(self._tools.clock())
        return self.entry_type.model_validate({**entry, "at": at, **facts})

    def _refuse_used_or_closed(self, state: LogState[S], entry_id: str) -> None:
        if entry_id in state.used_ids:
            raise ReviewRefused("repeated", "This is already saved.", version=state.version)
        if state.closed:
            raise ReviewRefused(
                "closed",
                f"The review was finished by {state.closed.by}. To change it, reopen it.",
                closed=state.closed.model_dump(mode="json"),
            )

    def _refuse_stale(self, state: LogState[S], theirs: Mapping[str, S]) -> None:
        if theirs:
            names = ", ".join(sorted({item.reviewer for item in theirs.values()}))
            raise ReviewRefused(
                "stale",
                f"{names} decided about {len(theirs)} of these {self.things} in the meantime.",
                version=state.version,
                decisions={key: item.model_dump(mode="json") for key, item in theirs.items()},
            )

    def _refuse_other_open(self, undecided: int, reported: int, then: str) -> None:
        """Refuse a finish that names another number of undecided items than there are."""
        if undecided != reported:
            raise ReviewRefused(
                "open",
                f"{undecided} {self.things} are undecided, not {reported}; {then}",
                open=undecided,
            )

    def _check_consent(self, given: float | None, required: float | None) -> float | None:
        """Return the sum that is agreed to; raises ReviewRefused when it is not the one due."""
        if given != required:
            raise ReviewRefused(
                "consent",
                f"The run needs your consent to {required:,.2f} USD."
                if required is not None
                else "The run needs no consent to costs.",
                consent_usd=required,
            )
        return required

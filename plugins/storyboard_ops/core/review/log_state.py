"""The state of what people decide about, item by item, as an append-only log records it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from storyboard_ops.domain.error_tree import ManifestCorrupt
from storyboard_ops.domain.review.review_records import Closing, ClosingEntry, DecidedItem


class Decided(Protocol):
    """A decision as somebody sends it."""

    @property
    def image_id(self) -> str: ...

    @property
    def based_on(self) -> int: ...


S = TypeVar("S", bound=DecidedItem)


E = TypeVar("E", bound=ClosingEntry)


@dataclass(frozen=True)
class LogState(Generic[S]):
    """State after entry ``version`` of the log."""

    version: int = 0
    items: Mapping[str, S] = field(default_factory=dict)  # by id
    closed: Closing | None = None
    used_ids: frozenset[str] = frozenset()

    def since(self, version: int) -> dict[str, S]:
        """Return the items decided after ``version``."""
        return {id: state for id, state in self.items.items() if state.version > version}

    def stale(self, decisions: Iterable[Decided]) -> dict[str, S]:
        """Return the items in ``decisions`` that somebody else has decided since."""
        return {
            d.image_id: self.items[d.image_id]
            for d in decisions
            if d.image_id in self.items and self.items[d.image_id].version != d.based_on
        }


def fold_log(
    entries: Iterable[E], state: LogState[S], items_of: Callable[[E], Mapping[str, S]]
) -> LogState[S]:
    """Return the state after ``entries``, which continue ``state`` in the order of versions.

    Raises ManifestCorrupt when an entry is missing or repeated.
    """
    items = dict(state.items)
    used, closed, version = set(state.used_ids), state.closed, state.version
    for entry in entries:
        if entry.version != version + 1:
            raise ManifestCorrupt(
                f"Entry {entry.version} of the review log follows entry {version}: entries are "
                "missing or repeated. Start a new run, and review its pictures again."
            )
        version = entry.version
        used.add(entry.id)
        items.update(items_of(entry))
        if entry.kind == "finish":
            closed = Closing(by=entry.reviewer, at=entry.at, consent_usd=entry.consent_usd)
        elif entry.kind == "reopen":
            closed = None
    return LogState(version, items, closed, frozenset(used))

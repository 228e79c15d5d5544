"""Watching many human loops by reading one page of their list at a time.

The list of a flow definition may have many pages, and holds the loops of other runs too. Each look
takes one page; a sweep is all pages once. What has ended stays ended, so a sweep that is cut short
loses nothing, and whoever starts anew, after a restart, comes to the same end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

#: A loop in one of these states will not change any more.
ENDED = frozenset({"Completed", "Failed", "Stopped"})
#: What is said of a loop that the service does not list.
MISSING = "Missing"
#: So many whole sweeps without a loop, and it is missing: a new one may be listed late.
SWEEPS_BEFORE_MISSING = 3


@dataclass
class LoopWatch:
    """What is known of the loops of one run."""

    names: frozenset[str]
    states: dict[str, str] = field(default_factory=dict)
    next_page: str | None = None  # the service's token; None: the sweep begins
    _seen: set[str] = field(default_factory=set)
    _absences: Counter[str] = field(default_factory=Counter)

    @classmethod
    def over(cls, names: Iterable[str]) -> LoopWatch:
        return cls(frozenset(names))

    def take(self, page: Mapping[str, str], next_page: str | None) -> None:
        """Take in one page: status by loop name, and the token of the page that follows."""
        of_this_run = self.names & page.keys()
        self._seen |= of_this_run
        for name in of_this_run:
            if self.states.get(name) not in ENDED:
                self.states[name] = page[name]
        self.next_page = next_page
        if next_page is None:
            self._end_sweep()

    def start_over(self) -> None:
        """Begin the sweep again: its token is not valid any more."""
        self.next_page = None
        self._seen.clear()

    def _end_sweep(self) -> None:
        for name in self.names - self._seen:
            self._absences[name] += 1
            if self._absences[name] >= SWEEPS_BEFORE_MISSING and not self._has_ended(name):
                self.states[name] = MISSING
        for name in self._seen:
            self._absences[name] = 0
        self._seen.clear()

    def _has_ended(self, name: str) -> bool:
        return self.states.get(name) in ENDED

    @property
    def ended(self) -> int:
        """How many loops need not be waited for any more."""
        return sum(state in ENDED or state == MISSING for state in self.states.values())

    @property
    def done(self) -> bool:
        return self.ended == len(self.names)

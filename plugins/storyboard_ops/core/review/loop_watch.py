"""Watching many human loops by reading one page of their list at a time.

The list of a flow definition may have many pages, and holds the loops of other runs too. Each look
takes one page; a sweep is all pages once. What has ended stays ended, so a sweep that is cut short
loses nothing, and whoever starts anew, after a restart, comes to the same end. The list may be
behind: a loop that it does not show is in doubt, and the service is asked for it by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

#: A loop in one of these states will not change any more.
ENDED = frozenset({"Completed", "Failed", "Stopped"})
#: What is said of a loop that the service does not know.
MISSING = "Missing"
#: So many whole sweeps without a loop, and it is in doubt: a new one may be listed late.
SWEEPS_BEFORE_DOUBT = 3


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

    def settle(self, name: str, status: str | None) -> None:
        """Take in what the service says of one loop by name; None: there is no such loop."""
        self.states[name] = status or MISSING
        self._absences[name] = 0

    def start_over(self) -> None:
        """Begin the sweep again: its token is not valid any more."""
        self.next_page = None
        self._seen.clear()

    def _end_sweep(self) -> None:
        for name in self.names - self._seen:
            self._absences[name] += 1
        for name in self._seen:
            self._absences[name] = 0
        self._seen.clear()

    def _has_ended(self, name: str) -> bool:
        return self.states.get(name) in ENDED | {MISSING}

    @property
    def in_doubt(self) -> str | None:
        """A loop to ask for by name, as three whole sweeps did not show it; None: there is none."""
        absent = (name for name in sorted(self.names) if not self._has_ended(name))
        return next((n for n in absent if self._absences[n] >= SWEEPS_BEFORE_DOUBT), None)

    @property
    def ended(self) -> int:
        """How many loops need not be waited for any more."""
        return sum(map(self._has_ended, self.names))

    @property
    def done(self) -> bool:
        return self.ended == len(self.names)

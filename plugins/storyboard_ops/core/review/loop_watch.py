"""Watch many human loops by reading one page of their list at a time.

The list of a flow definition may have many pages and includes the loops of other runs. Each poll
reads one page; a sweep is one pass over all pages. An ended loop stays ended, so an interrupted
sweep loses nothing, and a watch that starts over after a restart reaches the same result. The list
is eventually consistent: a loop that it does not show is in doubt and is queried by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

#: States that are final.
ENDED = frozenset({"Completed", "Failed", "Stopped"})
#: Recorded state of a loop that the service does not know.
MISSING = "Missing"
#: A loop absent from this many whole sweeps is in doubt; a new one may be listed late.
SWEEPS_BEFORE_DOUBT = 3


@dataclass
class LoopWatch:
    """Known states of the loops of one run."""

    names: frozenset[str]
    states: dict[str, str] = field(default_factory=dict)
    next_page: str | None = None  # the service's token; None: a sweep starts
    _seen: set[str] = field(default_factory=set)
    _absences: Counter[str] = field(default_factory=Counter)

    @classmethod
    def for_loops(cls, names: Iterable[str]) -> LoopWatch:
        return cls(frozenset(names))

    def add_page(self, page: Mapping[str, str], next_page: str | None) -> None:
        """Record one page: status by loop name, and the token of the next page."""
        of_this_run = self.names & page.keys()
        self._seen |= of_this_run
        for name in of_this_run:
            if self.states.get(name) not in ENDED:
                self.states[name] = page[name]
        self.next_page = next_page
        if next_page is None:
            self._end_sweep()

    def settle(self, name: str, status: str | None) -> None:
        """Record the status of one loop that was queried by name; None: it does not exist."""
        self.states[name] = status or MISSING
        self._absences[name] = 0

    def restart_sweep(self) -> None:
        """Restart the sweep, because its token is no longer valid."""
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
        """A loop to query by name, absent from three whole sweeps; None: there is none."""
        absent = (name for name in sorted(self.names) if not self._has_ended(name))
        return next((n for n in absent if self._absences[n] >= SWEEPS_BEFORE_DOUBT), None)

    @property
    def ended(self) -> int:
        """Number of loops that have ended or do not exist."""
        return sum(map(self._has_ended, self.names))

    @property
    def done(self) -> bool:
        return self.ended == len(self.names)

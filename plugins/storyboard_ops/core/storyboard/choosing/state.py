"""Compute the state of a panel board by folding its append-only log.

Each choice names the version of the panel that the person saw; if somebody else has chosen since,
nothing is added and the other choice is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from storyboard_ops.domain.error_tree import ManifestCorrupt
from storyboard_ops.domain.storyboard.panel_board import (
    ChoiceEntry,
    LoggedChoice,
    PanelState,
    Publication,
)


@dataclass(frozen=True)
class BoardState:
    """State of a panel board after entry ``version`` of its log."""

    version: int = 0
    panels: Mapping[str, PanelState] = field(default_factory=dict)  # by key
    closed: Publication | None = None  # published, and not reopened since
    used_ids: frozenset[str] = frozenset()
    #: Everything that was wanted of a panel, by key, in order.
    history: Mapping[str, tuple[PanelState, ...]] = field(default_factory=dict)

    def since(self, version: int) -> dict[str, PanelState]:
        """Return the panels about which somebody decided after ``version``."""
        return {key: panel for key, panel in self.panels.items() if panel.version > version}

    def stale(self, choices: Iterable[LoggedChoice]) -> dict[str, PanelState]:
        """Return the panels in ``choices`` about which somebody else has decided since."""
        return {
            one.panel_id: self.panels[one.panel_id]
            for one in choices
            if one.panel_id in self.panels and self.panels[one.panel_id].version != one.based_on
        }

    @property
    def redraws(self) -> dict[str, PanelState]:
        """The panels to draw again, by key."""
        return {key: one for key, one in self.panels.items() if one.decision == "redraw"}


def fold(entries: Iterable[ChoiceEntry], state: BoardState | None = None) -> BoardState:
    """Return the state after ``entries``, which continue ``state`` in the order of versions.

    Raises ManifestCorrupt when an entry is missing or repeated.
    """
    state = state or BoardState()
    panels, history = dict(state.panels), dict(state.history)
    used, closed, version = set(state.used_ids), state.closed, state.version
    for entry in entries:
        if entry.version != version + 1:
            raise ManifestCorrupt(
                f"Entry {entry.version} of the log of choices follows entry {version}: entries are "
                "missing or repeated. Draw the storyboard again, and choose again."
            )
        version = entry.version
        used.add(entry.id)
        for choice in entry.choices:
            key = choice.panel_id
            panels[key] = _panel_state(entry, choice, panels.get(key))
            history[key] = (*history.get(key, ()), panels[key])
        if entry.kind == "publish" and entry.run:
            closed = Publication(by=entry.reviewer, at=entry.at, run=entry.run)
        elif entry.kind == "reopen":
            closed = None
    return BoardState(version, panels, closed, frozenset(used), history)


def until_published(entries: Iterable[ChoiceEntry], run_key: str) -> list[ChoiceEntry]:
    """Return the entries that a run publishes: those before it was started, or else all."""
    every = list(entries)
    ends = [n for n, one in enumerate(every, 1) if one.run and one.run.run_key == run_key]
    return every[: ends[-1]] if ends else every


def _panel_state(entry: ChoiceEntry, choice: LoggedChoice, before: PanelState | None) -> PanelState:
    chooser, at = entry.reviewer, entry.at
    if not choice.candidate:
        chooser, at = "", ""
    elif before and before.candidate == choice.candidate:
        chooser, at = before.chosen_by, before.chosen_at
    return PanelState(
        version=entry.version,
        **choice.model_dump(exclude={"panel_id", "based_on"}),
        reviewer=entry.reviewer,
        decided_at=entry.at,
        chosen_by=chooser,
        chosen_at=at,
    )

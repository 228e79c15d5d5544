"""Tables and sentences about the consistency figures of a storyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.storyboard.consistency import (
    NOBODY,
    CharacterFigures,
    ConsistencyFigures,
    Interval,
)
from storyboard_ops.core.storyboard.measured_storyboard import MeasuredStoryboard
from storyboard_ops.core.storyboard.method_check import CheckLine
from storyboard_ops.core.text.wording import titled

#: Keys of the rows by table, in the order and with the names of the page.
TABLES = {
    "Consistency of the storyboard": {
        "character": "Character",
        "found": "Found in panels",
        "likeness": "Likeness",
        "interval": "95 % interval",
        "cast_match": "Cast match",
        "copied": "Copies",
    },
    "Similarities behind the likeness": {
        "character": "Character",
        "lead": "Lead over others",
        "similarity": "Like the film",
        "ceiling": "Film with itself",
        "self_similarity": "Panel to panel",
        "diversity": "Seed to seed",
    },
}
COLUMNS = tuple(dict.fromkeys(key for columns in TABLES.values() for key in columns))
NOT_FOUND = "not found"


@dataclass(frozen=True)
class ConsistencyView:
    """What the page shows about consistency."""

    facts: ReportFacts

    @cached_property
    def measured(self) -> MeasuredStoryboard | None:
        """The record of the measurement; None: there is none."""
        found = self.facts.consistency
        return None if found is None else MeasuredStoryboard.model_validate(found)

    @property
    def rows(self) -> pd.DataFrame:
        """One row per character, one for the whole board, and one for all candidates, if any."""
        if self.measured is None:
            return pd.DataFrame(columns=list(COLUMNS))
        figures, candidates = self.measured.figures, self.measured.candidates
        rows = [*map(self._row, figures.characters), _board_row("Whole board", figures)]
        if candidates:
            rows.append(_board_row("All candidates", candidates))
        return pd.DataFrame(rows).reindex(columns=list(COLUMNS)).astype(object)

    @property
    def confusion(self) -> pd.DataFrame | None:
        """Whom each character's figures look like, as counts; None with one character."""
        if self.measured is None or len(counts := self.measured.figures.confusion or {}) < 2:
            return None
        return confusion_table(counts, self._name)

    @property
    def has_figure(self) -> bool:
        """Whether the storyboard has a likeness."""
        return self.measured is not None and self.measured.figures.likeness is not None

    @property
    def checks(self) -> tuple[CheckLine, ...]:
        """How well the figures tell right from wrong here."""
        return self.measured.check.lines if self.measured else ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader must know before trusting the figures."""
        return tuple(self._remarks())

    def _remarks(self) -> Iterator[str]:
        measured = self.measured
        if measured is None:
            return
        if measured.check.faults:
            yield f"These figures decide nothing here. {'; '.join(measured.check.faults)}."
        if self.has_figure:
            for character, reason in measured.without_likeness.items():
                yield f"{self._name(character)} has no likeness: {reason}."
        for panel, reason in measured.not_measured.items():
            yield f"{titled(panel)} could not be measured: {reason}"
        for one in measured.figures.sightings:
            if one.copied:
                yield (
                    f"{titled(one.panel)} copies a training picture of {self._name(one.character)}."
                )

    def _name(self, character: str) -> str:
        return self.facts.production.display_name(character)

    def _row(self, figures: CharacterFigures) -> dict[str, object]:
        return {
            "character": self._name(figures.character),
            "found": f"{figures.found} of {figures.panels}",
            **_shown(figures.likeness),
            "lead": figures.lead,
            "similarity": figures.similarity,
            "ceiling": figures.ceiling,
            "self_similarity": figures.self_similarity,
            "diversity": self._diversity(figures),
            "cast_match": figures.cast_match,
            "copied": _share(figures.copied),
        }

    def _diversity(self, figures: CharacterFigures) -> float | None:
        candidates = self.measured.candidates if self.measured else None
        own = candidates.characters if candidates else ()
        of_seeds = [one.diversity for one in own if one.character == figures.character]
        return of_seeds[0] if of_seeds else figures.diversity


def confusion_table(
    counts: Mapping[str, Mapping[str, int]], name: Callable[[str], str]
) -> pd.DataFrame:
    """Return how many figures of each character look like whom; those not found come last."""
    rows = [dict(row) for row in counts.values()]
    table = pd.DataFrame(rows, index=list(map(name, counts))).fillna(0).astype(int)
    missing = table.pop(NOBODY) if NOBODY in table.columns else None
    table.columns = pd.Index(map(name, table.columns))
    return table if missing is None else table.assign(**{NOT_FOUND: missing})


def _board_row(what: str, figures: ConsistencyFigures) -> dict[str, object]:
    found = sum(one.found for one in figures.characters)
    return {
        "character": what,
        "found": f"{found} of {len(figures.sightings)}",
        **_shown(figures.likeness),
        "lead": figures.lead.mean if figures.lead else None,
        "cast_match": figures.cast_match,
        "copied": _share(figures.copied),
    }


def _shown(interval: Interval | None) -> dict[str, object]:
    if interval is None:
        return {}
    if interval.low is None or interval.high is None:
        return {"likeness": interval.mean}
    return {"likeness": interval.mean, "interval": f"{interval.low:.2f} to {interval.high:.2f}"}


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.0%}"

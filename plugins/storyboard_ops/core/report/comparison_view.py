"""What the page shows of the comparison of a training with what needs none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from storyboard_ops.core.report.contact_sheet import CARD_BYTES, ShownPicture
from storyboard_ops.core.report.even_choice import evenly
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.storyboard.chosen_candidates import name_of
from storyboard_ops.core.storyboard.compared_sources import SourceFigures
from storyboard_ops.core.storyboard.consistency import Interval
from storyboard_ops.core.storyboard.measured_storyboard import MeasuredStoryboard
from storyboard_ops.core.text.wording import titled
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.training.panel_sources import NAMES, AnySource

#: Panels that are shown as each source draws them; up to four pictures of 12 kB each.
MOST_ROWS = 6
SIDE = 240  # px


@dataclass(frozen=True)
class ComparedRow:
    """A row of the table."""

    name: str
    likeness: str
    gain: str  # of the run's own panels
    cast_match: float | None
    copied: float | None
    usd: float | None


@dataclass(frozen=True)
class ComparedPanel:
    """A panel as each source draws it; None where one could not."""

    label: str
    pictures: tuple[ShownPicture | None, ...]


@dataclass(frozen=True)
class ComparisonView:
    """What the page shows; nothing when the panels were drawn with one source."""

    facts: ReportFacts

    @cached_property
    def _measured(self) -> MeasuredStoryboard | None:
        found = self.facts.consistency
        return MeasuredStoryboard.model_validate(found) if found else None

    @property
    def sources(self) -> tuple[SourceFigures, ...]:
        """The figures by source, the run's own first."""
        return self._measured.sources if self._measured else ()

    @property
    def verdict(self) -> str:
        """Whether training is worth it, in a sentence; "": the figures do not say."""
        return self._measured.worth if self._measured else ""

    @property
    def count(self) -> int:
        """Number of panels that were compared."""
        return max((one.panels for one in self.sources), default=0)

    @property
    def rows(self) -> tuple[ComparedRow, ...]:
        """The table."""
        return tuple(
            ComparedRow(
                name=NAMES[one.source].capitalize(),
                likeness=_shown(one.likeness, "{:.2f}"),
                gain=_shown(one.gain, "{:+.2f}"),
                cast_match=one.cast_match,
                copied=one.copied,
                usd=one.usd,
            )
            for one in self.sources
        )

    @property
    def panels(self) -> tuple[ComparedPanel, ...]:
        """A few panels, spread over the board, as each source draws them from the same seed."""
        return tuple(evenly(tuple(self._panels()), MOST_ROWS))

    @property
    def pictures(self) -> tuple[ShownPicture, ...]:
        """Every picture that is shown."""
        return tuple(shown for row in self.panels for shown in row.pictures if shown)

    def _panels(self) -> Iterator[ComparedPanel]:
        order = [one.source for one in self.sources]
        compared = {(name_of(panel), panel.source): panel for panel in self.facts.compared}
        for own in self.facts.panels or () if order else ():
            drawn = [
                _first(own) if source == own.source else compared.get((name_of(own), source))
                for source in order
            ]
            pictures = tuple(
                _picture(panel, source) for panel, source in zip(drawn, order, strict=True)
            )
            yield ComparedPanel(titled(name_of(own)), pictures)


def _first(panel: Panel) -> Panel:
    """Return the panel showing its first candidate, whose seed the other sources have too."""
    return panel.showing(panel.candidates[0]) if panel.candidates else panel


def _picture(panel: Panel | None, source: AnySource) -> ShownPicture | None:
    if panel is None or panel.failure:
        return None
    alt = f"{titled(name_of(panel))}, drawn with {NAMES[source]}"
    return ShownPicture(f"compared {panel.sha256}", panel.uri, alt, SIDE, CARD_BYTES)


def _shown(interval: Interval | None, form: str) -> str:
    if interval is None:
        return "–"
    if interval.low is None or interval.high is None:
        return form.format(interval.mean)
    low, high = form.format(interval.low), form.format(interval.high)
    return f"{form.format(interval.mean)} ({low} to {high})"

"""The record of how a storyboard was measured."""

from __future__ import annotations

from collections.abc import Mapping

from storyboard_ops.core.storyboard.compared_sources import SourceFigures
from storyboard_ops.core.storyboard.consistency import ConsistencyFigures, Interval
from storyboard_ops.core.storyboard.method_check import MethodCheck
from storyboard_ops.domain.base_record import Record


class MeasuredStoryboard(Record):
    """The consistency figures of a storyboard, and what they rest on."""

    figures: ConsistencyFigures  # of the panels that are shown
    #: Of all candidates, by name of the picture; None where panels have one picture each.
    candidates: ConsistencyFigures | None = None
    #: The same panels drawn with other sources, the run's own first; none: nothing was compared.
    sources: tuple[SourceFigures, ...] = ()
    worth: str = ""  # whether training is worth it, in a sentence; empty: the figures do not say
    check: MethodCheck
    #: Panel, character: id of the training picture that the figure is most like.
    nearest: dict[str, dict[str, str]] = {}
    #: Panel or candidate: why its figures could not be found.
    not_measured: dict[str, str] = {}
    #: Character of the script: why it has no likeness.
    without_likeness: dict[str, str] = {}
    embedding_model: str
    detection_model: str
    #: The likeness of the storyboard in one sentence, or why there is none.
    summary: str


def summarize(
    likeness: Interval | None, reasons: Mapping[str, str], of_all: Interval | None = None
) -> str:
    """Return the sentence; ``reasons`` say why characters, by display name, have no likeness.

    ``of_all`` is the likeness of all candidates, where panels show the best of several.
    """
    if likeness is None:
        why = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        return f"No figure for likeness. {why or 'No panel shows a character'}."
    chosen = (
        f" Panels show their best candidate; all together have {_shown(of_all)}." if of_all else ""
    )
    return f"Likeness {_shown(likeness)}; the film's own pictures have 1.{chosen}"


def _shown(likeness: Interval) -> str:
    if likeness.low is None:
        return f"{likeness.mean:.2f}"
    return f"{likeness.mean:.2f} (95 % interval {likeness.low:.2f} to {likeness.high:.2f})"

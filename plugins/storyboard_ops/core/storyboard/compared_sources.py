"""Compare what the same panels can be drawn with: prompts, reference pictures, a trained model.

Every source is measured on one picture of each panel, with the same prompt and the same seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from storyboard_ops.core.storyboard.consistency import (
    Gallery,
    Interval,
    SeenPanel,
    compare,
    measure,
)
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.training.panel_sources import NAMES, AnySource, is_trained


class SourceFigures(Record):
    """The figures of panels that were drawn with one source."""

    source: AnySource
    panels: int  # that were measured
    likeness: Interval | None = None
    cast_match: float | None = None
    copied: float | None = None
    #: Likeness of the run's own panels above these, by pairs; None for its own.
    gain: Interval | None = None
    #: What drawing a storyboard with it costs, with its training; None: nothing is billed for it.
    usd: float | None = None


def compare_sources(
    seen: Mapping[AnySource, Sequence[SeenPanel]],
    gallery: Gallery,
    usd: Mapping[AnySource, float],
) -> tuple[SourceFigures, ...]:
    """Return the figures of every source; the first is the run's own.

    Panels of all sources are named by their place on the board.
    """
    measured = {source: measure(panels, gallery) for source, panels in seen.items()}
    own = next(iter(measured))
    return tuple(
        SourceFigures(
            source=source,
            panels=len(seen[source]),
            likeness=figures.likeness,
            cast_match=figures.cast_match,
            copied=figures.copied,
            gain=None if source == own else compare(measured[own], figures),
            usd=usd.get(source),
        )
        for source, figures in measured.items()
    )


def is_training_worth(sources: Sequence[SourceFigures]) -> str:
    """Answer in a sentence, from the untrained source with the highest likeness; "": unknown.

    Only an interval that is wholly above or below 0 decides.
    """
    if not sources or sources[0].source != "trained":
        return ""
    rivals = [one for one in sources if not is_trained(one.source) and one.gain and one.likeness]
    if not rivals:
        return ""
    best = max(rivals, key=lambda one: one.likeness.mean if one.likeness else 0.0)
    gain, name = best.gain, NAMES[best.source]
    if gain is None or gain.low is None or gain.high is None:
        return f"Too few panels to tell whether training is better than {name}."
    figure = f"{gain.mean:+.2f} likeness (95 % interval {gain.low:+.2f} to {gain.high:+.2f})"
    if gain.low > 0:
        return f"Training is worth it here: {figure} against {name}, the best without it."
    if gain.high < 0:
        return f"Training is not worth it here: {figure} against {name}."
    return f"Whether training is worth it is open: {figure} against {name}."

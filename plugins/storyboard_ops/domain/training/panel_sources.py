"""What panels are drawn with: a model that was trained, reference pictures, or prompts alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

#: What a run's panels are drawn with. All but ``trained`` train nothing.
PanelSource = Literal["trained", "references", "prompts"]
#: What else the same panels can be drawn with, to compare.
ComparedSource = Literal["prompts", "references", "trained_references"]
AnySource = Literal["trained", "trained_references", "references", "prompts"]

#: How each is named to people.
NAMES: dict[AnySource, str] = {
    "prompts": "prompts alone",
    "references": "reference pictures",
    "trained": "trained model",
    "trained_references": "trained model and reference pictures",
}


def is_trained(source: AnySource) -> bool:
    """Return whether a trained model takes part."""
    return source in ("trained", "trained_references")


def shows_references(source: AnySource) -> bool:
    """Return whether the base model is shown reference pictures."""
    return source in ("references", "trained_references")


def drawn_sources(
    own: PanelSource, compare_with: Iterable[ComparedSource], takes_references: bool
) -> tuple[AnySource, ...]:
    """Return what a job draws the panels with: the run's own source, then those to compare.

    Sources without a trained model, or with reference pictures that the base model does not take,
    are left out.
    """
    possible = (
        source
        for source in dict.fromkeys(compare_with)
        if source != own
        and (own == "trained" or not is_trained(source))
        and (takes_references or not shows_references(source))
    )
    return (own, *possible)

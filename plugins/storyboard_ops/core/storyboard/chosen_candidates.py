"""Choose the candidate that each panel shows: with the right characters, and most like them.

The choice is by the figure that is reported, so the figure of the chosen ones is higher than what
the model draws on average. That is why both are kept: of the chosen board, and of all candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from storyboard_ops.core.storyboard.cast_marks import count_wrong, mark_cast
from storyboard_ops.core.storyboard.consistency import SeenPanel, Sighting, match_cast, mean
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.image_records import Candidate, Panel


def name_of(panel: Panel) -> str:
    """Name a panel by its id, which panels of two models share; without numbers, by its place."""
    return f"panel {panel.panel_id if panel.panel else panel.number}"


def name_candidate(panel: Panel, candidate: Candidate | None) -> str:
    """Name a picture of a panel; with None, the panel has no candidates."""
    return f"{name_of(panel)}, seed {candidate.seed}" if candidate else name_of(panel)


def choose_candidates(
    panels: Iterable[Panel],
    seen: Sequence[SeenPanel],
    sightings: Iterable[Sighting],
    names: Mapping[str, str],
) -> list[Panel]:
    """Return the panels, each showing its best candidate, and marked where that is a wrong one.

    ``seen`` and ``sightings`` are of candidates by name; ``names`` are those of the characters by
    id, without props. The best one has the right characters, then the right number of figures, then
    the highest mean likeness, where a character that is not found counts 0, and is the sharpest. A
    candidate that was not measured is shown only where none was.
    """
    likeness: dict[str, list[float | None]] = {}
    for one in sightings:
        likeness.setdefault(one.panel, []).append(one.likeness)
    measured = {
        one.name: {
            "likeness": mean(likeness.get(one.name, ())),
            "cast_match": match_cast(one),
            "cast_found": one.found,
            "sharpness": one.sharpness,
        }
        for one in seen
    }
    chosen = (_choose(panel, measured, names) for panel in panels)
    return [mark_cast(panel, names) for panel in chosen]


def shown_only(panels: Iterable[Panel], seen: Iterable[SeenPanel]) -> list[SeenPanel]:
    """Return what was seen of the pictures that the panels show, named like the panels."""
    found = {one.name: one for one in seen}
    shown = {
        name_candidate(panel, one): name_of(panel)
        for panel in panels
        for one in panel.candidates or (None,)
        if one is None or one.seed == panel.seed
    }
    return [replace(found[name], name=own) for name, own in shown.items() if name in found]


def first_only(panels: Iterable[Panel], seen: Iterable[SeenPanel]) -> list[SeenPanel]:
    """Return what was seen of the first candidates, the ones with the panels' own seeds."""
    first = [one.showing(one.candidates[0]) if one.candidates else one for one in panels]
    return shown_only(first, seen)


def _choose(
    panel: Panel, measured: Mapping[str, Mapping[str, Any]], names: Mapping[str, str]
) -> Panel:
    if not panel.candidates:
        found = measured.get(name_of(panel), {}).get("cast_found")
        return panel.model_copy(update={"cast_found": found})
    candidates = tuple(
        one.model_copy(update=measured.get(name_candidate(panel, one), {}))
        for one in panel.candidates
    )
    scores = [Score.of(one, panel.characters, names) for one in candidates]
    best = max(range(len(candidates)), key=lambda place: scores[place])  # the first of equal ones
    update = {"candidates": candidates, "chosen_because": _reason(scores, best)}
    return panel.model_copy(update=update).showing(candidates[best])


@dataclass(frozen=True, order=True)
class Score:
    """How good a candidate is, by what counts most first."""

    measured: bool
    right: int  # minus the number of characters who are missing or were not asked for
    cast_match: float
    likeness: float
    sharpness: float

    @classmethod
    def of(cls, candidate: Candidate, asked: Sequence[str], names: Mapping[str, str]) -> Score:
        """Return the score of a candidate of a panel that asks for these characters."""
        return cls(
            measured=candidate.cast_match is not None,
            right=-count_wrong(asked, candidate.cast_found, names),
            cast_match=candidate.cast_match or 0.0,
            likeness=candidate.likeness or 0.0,
            sharpness=candidate.sharpness or 0.0,
        )

    def words(self, field: str) -> str:
        """Return what the best candidate has before others by one field."""
        return {
            "right": "the fewest wrong characters" if self.right else "the right characters",
            "cast_match": f"the best cast match ({self.cast_match:.2f})",
            "likeness": f"the highest likeness ({self.likeness:.2f})",
            "sharpness": "the sharpest picture",
        }[field]


def _reason(scores: Sequence[Score], best: int) -> str:
    """Say in words what decided for a candidate."""
    total = pluralize(len(scores), "candidate")
    if len(scores) == 1:
        return "It is the only candidate."
    left = [one for one in scores if one.measured]
    if not left:
        return f"It is the first of {total}, none of which could be measured."
    if len(left) == 1:
        return f"It is the only one of {total} that could be measured."
    decided = []
    for field in ("right", "cast_match", "likeness", "sharpness"):
        equal = [one for one in left if getattr(one, field) == getattr(scores[best], field)]
        if len(equal) < len(left):
            decided.append(scores[best].words(field))
        left = equal
    if len(left) > 1:
        return f"It is the first of {total} that measure best."
    *most, last = decided
    before = f"{', '.join(most)} and " if most else ""
    return f"Of {total} it has {before}{last}."

"""Choose the candidate that each panel shows: the one most like its characters.

The choice is by the figure that is reported, so the figure of the chosen ones is higher than what
the model draws on average. That is why both are kept: of the chosen board, and of all candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

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
    panels: Iterable[Panel], seen: Sequence[SeenPanel], sightings: Iterable[Sighting]
) -> list[Panel]:
    """Return the panels, each showing the candidate with the highest mean likeness.

    ``seen`` and ``sightings`` are of candidates by name. A character that is not found counts 0.
    Where likeness does not decide, the cast match does, and then the order of the seeds. A
    candidate that was not measured is shown only where none was.
    """
    likeness: dict[str, list[float | None]] = {}
    for one in sightings:
        likeness.setdefault(one.panel, []).append(one.likeness)
    measured = {
        one.name: {"likeness": mean(likeness.get(one.name, ())), "cast_match": match_cast(one)}
        for one in seen
    }
    return [_choose(panel, measured) if panel.candidates else panel for panel in panels]


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


def _choose(panel: Panel, measured: Mapping[str, Mapping[str, float | None]]) -> Panel:
    candidates = tuple(
        one.model_copy(update=measured.get(name_candidate(panel, one), {}))
        for one in panel.candidates
    )
    best = max(candidates, key=_rank)  # the first of equal ones
    update = {"candidates": candidates, "chosen_because": _reason(best, candidates)}
    return panel.model_copy(update=update).showing(best)


def _rank(candidate: Candidate) -> tuple[bool, float, float]:
    measured = candidate.cast_match is not None
    return measured, candidate.likeness or 0.0, candidate.cast_match or 0.0


def _reason(best: Candidate, candidates: Sequence[Candidate]) -> str:
    others = [one for one in candidates if one is not best]
    total = pluralize(len(candidates), "candidate")
    if not others:
        return "It is the only candidate."
    if best.cast_match is None:
        return f"It is the first of {total}, none of which could be measured."
    known = [one for one in others if one.cast_match is not None]
    if not known:
        return f"It is the only one of {total} that could be measured."
    if best.likeness is not None and all(_rank(one)[1] < best.likeness for one in known):
        return f"It has the highest likeness of {total}: {best.likeness:.2f}."
    if all(_rank(one) < _rank(best) for one in known):
        return f"It has the best cast match of {total}: {best.cast_match:.2f}."
    return f"It is the first of {total} that measure best."

"""Take the figures of the candidates that people chose from those of all candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from storyboard_ops.core.storyboard.chosen_candidates import name_candidate, name_of
from storyboard_ops.core.storyboard.consistency import (
    CharacterFigures,
    ConsistencyFigures,
    Sighting,
    bootstrap,
    mean,
)
from storyboard_ops.core.storyboard.measured_storyboard import MeasuredStoryboard, summarize
from storyboard_ops.domain.image_records import Candidate, Panel

NOT_MEASURED = "it was drawn again, and new pictures are not measured"


def figures_of_choice(
    measured: MeasuredStoryboard, panels: Sequence[Panel], names: Mapping[str, str]
) -> MeasuredStoryboard:
    """Return the figures of the pictures that the panels show now, without measuring any.

    ``measured``: what an earlier run found out about these panels and their candidates. ``names``:
    display name by character. A picture that was not among them has no figures, and is named in
    ``not_measured``. What only embeddings tell (how alike figures are to each other) is left out.
    """
    every = measured.candidates or measured.figures
    known: dict[str, list[Sighting]] = {}
    for one in every.sightings:
        known.setdefault(one.panel, []).append(one)
    shown = {name_of(panel): _name_measured(panel) for panel in panels if panel.uri}
    seen = [
        replace(one, panel=own)
        for own, name in shown.items()
        for one in known.get(name, ())
    ]  # fmt: skip
    missing = {
        name_of(panel): measured.not_measured.get(_name_measured(panel), NOT_MEASURED)
        for panel in panels
        if panel.uri and panel.characters and _name_measured(panel) not in known
    }
    matches = {
        name_of(panel): _shown_candidate(panel).cast_match for panel in panels if panel.candidates
    }
    references = {one.character: one for one in every.characters}
    figures = ConsistencyFigures(
        characters=tuple(
            _of_character(one, [s for s in seen if s.character == name], matches)
            for name, one in references.items()
        ),
        sightings=tuple(seen),
        likeness=bootstrap([(s.panel, s.likeness) for s in seen]),
        lead=bootstrap([(s.panel, s.lead) for s in seen]),
        cast_match=mean(matches.values()) if matches else measured.figures.cast_match,
        copied=mean(s.copied for s in seen),
        confusion={
            name: dict(sorted(Counter(s.looks_like for s in seen if s.character == name).items()))
            for name in references
        },
    )
    reasons = {names.get(id, id): why for id, why in measured.without_likeness.items()}
    all_of = every.likeness if measured.candidates else None
    return measured.model_copy(
        update={
            "figures": figures,
            "sources": (),
            "worth": "",
            "nearest": {},
            "not_measured": missing,
            "summary": summarize(figures.likeness, reasons, all_of),
        }
    )


def _shown_candidate(panel: Panel) -> Candidate:
    return next(one for one in panel.choosable if one.sha256 == panel.sha256)


def _name_measured(panel: Panel) -> str:
    """Name the shown picture as it was measured; one that was drawn since has another name."""
    if panel.redraw is not None and not panel.drawn_by:
        return ""
    return name_candidate(panel, _shown_candidate(panel) if panel.candidates else None)


def _of_character(
    before: CharacterFigures, seen: Sequence[Sighting], matches: Mapping[str, float | None]
) -> CharacterFigures:
    return replace(
        before,
        panels=len(seen),
        found=sum(one.figure is not None for one in seen),
        similarity=mean(one.similarity for one in seen),
        likeness=bootstrap([(one.panel, one.likeness) for one in seen]),
        lead=mean(one.lead for one in seen),
        self_similarity=None,
        diversity=None,
        cast_match=mean(matches.get(one.panel) for one in seen),
        copied=mean(one.copied for one in seen),
    )

"""How faithful drawn panels are to the characters, as figures on embeddings.

All figures are cosines, of embeddings of one model; they follow the cross and self similarity of
ViStoryBench (Zhuang et al., 2025), with the approved pictures of the film as references.

    cross(p, c)      mean of the 3 highest cosines of panel p to the pictures of character c
    distinctness(p)  cross(p, own character) - highest cross(p, any other character)
    self(c)          mean cosine over all pairs of panels of character c
    ceiling(c)       cross of c's own pictures, each against the other ones of c

Read ``cross`` against ``ceiling``: the film's own pictures of a character do not reach 1 either.

What the figures do not say: whether the drawing is good, whether the action asked for is shown,
whether a character is missing or doubled. An embedding of a whole panel also holds its background
and everybody else in it, so panels with several characters come out lower, and panels that share
a place come out higher, than the characters alone deserve. Compare models on equal prompts and
seeds; do not compare figures of different embedding models. Pictures that were held out of
training are the better references: with training pictures, copying is rewarded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.domain.base_record import Record

#: Pictures that a panel is compared with: a character looks different from every side.
TOP = 3
_DIGITS = 4

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class PanelEmbedding:
    """A drawn panel: who is meant to be in it, and its embedding, shape (D,)."""

    panel_id: str
    characters: tuple[str, ...]
    embedding: Floats


class CharacterConsistency(Record):
    """The figures of one character; None where there is nothing to measure them on."""

    character: str
    panels: int
    pictures: int
    cross: float | None = None  # mean over the panels
    distinctness: float | None = None
    self_similarity: float | None = None
    ceiling: float | None = None


class Consistency(Record):
    """The figures of a storyboard: means over its panels and characters."""

    characters: tuple[CharacterConsistency, ...]
    cross: float | None = None  # mean over every pair of a panel and a character in it
    distinctness: float | None = None
    self_similarity: float | None = None  # mean over the characters that have one


def consistency(panels: Sequence[PanelEmbedding], pictures: Mapping[str, Floats]) -> Consistency:
    """Measure panels against the pictures of each character, id to (N, D) embeddings.

    Raises ValueError when an embedding is zero or not finite. A character of a panel that has no
    pictures gets no cross similarity.
    """
    references = {c: _unit(rows, f"pictures of {c}") for c, rows in pictures.items() if len(rows)}
    drawn = {panel.panel_id: _unit(panel.embedding[None], panel.panel_id)[0] for panel in panels}
    cast = sorted(references.keys() | {c for panel in panels for c in panel.characters})
    measured = [_measure(c, panels, drawn, references) for c in cast]
    crosses = [value for one in measured for value in one.crosses]
    margins = [value for one in measured for value in one.margins]
    return Consistency(
        characters=tuple(one.figures for one in measured),
        cross=_mean(crosses),
        distinctness=_mean(margins),
        self_similarity=_mean(
            [o.figures.self_similarity for o in measured if o.figures.self_similarity is not None]
        ),
    )


@dataclass(frozen=True)
class _Measured:
    figures: CharacterConsistency
    crosses: list[float]  # one per panel
    margins: list[float]


def _measure(
    character: str,
    panels: Sequence[PanelEmbedding],
    drawn: Mapping[str, Floats],
    references: Mapping[str, Floats],
) -> _Measured:
    own = [panel for panel in panels if character in panel.characters]
    crosses, margins = [], []
    if character in references:
        for panel in own:
            cross = _cross(drawn[panel.panel_id], references[character])
            crosses.append(cross)
            # Whoever else is meant to be in the panel is no confusion.
            others = references.keys() - set(panel.characters)
            if others:
                rivals = [_cross(drawn[panel.panel_id], references[other]) for other in others]
                margins.append(cross - max(rivals))
    figures = CharacterConsistency(
        character=character,
        panels=len(own),
        pictures=len(references.get(character, ())),
        cross=_mean(crosses),
        distinctness=_mean(margins),
        self_similarity=_pairwise([drawn[panel.panel_id] for panel in own]),
        ceiling=_ceiling(references.get(character)),
    )
    return _Measured(figures, crosses, margins)


def _cross(panel: Floats, pictures: Floats) -> float:
    cosines = np.sort(pictures @ panel)
    return float(cosines[-TOP:].mean())


def _ceiling(pictures: Floats | None) -> float | None:
    if pictures is None or len(pictures) < 2:
        return None
    rest = [np.delete(pictures, i, axis=0) for i in range(len(pictures))]
    return _mean([_cross(one, others) for one, others in zip(pictures, rest, strict=True)])


def _pairwise(rows: Sequence[Floats]) -> float | None:
    if len(rows) < 2:
        return None
    above_diagonal = np.triu_indices(len(rows), k=1)
    cosines = np.stack(rows) @ np.stack(rows).T
    return _mean(cosines[above_diagonal].tolist())


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), _DIGITS) if values else None


def _unit(rows: Floats, what: str) -> Floats:
    rows = np.asarray(rows, np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0).any():
        raise ValueError(f"{what}: an embedding must be finite and not all 0.")
    unit: Floats = rows / lengths
    return unit

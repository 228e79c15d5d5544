"""Measure how faithfully panels show the characters: figures on embeddings of what is in them.

The caller finds the figures of a panel (boxes of people, known or not), crops them, and
embeds the crops with the model that also embedded the references. Here the figures are assigned to
the characters that the panel must show, so that the total similarity is highest, and measured:

    similarity(f, c)  mean of the 3 highest cosines of figure f to the references of character c
    lead(f, c)        similarity(f, c) - highest similarity(f, any other character);
                      with nobody else, the similarity
    likeness(f, c)    lead(f, c) / mean lead of the film's training pictures of c, -1..1:
                      1 is as clearly c as the film's own pictures, or more, as a copy would be;
                      0 is nobody in particular, or that no figure was left for c;
                      negative is more like somebody else

References are pictures of shots that were held out of training, so training pictures are as strange
to them as panels are: they show what the film itself reaches. A character with references but
without training pictures has no likeness, and still counts as somebody else. Nothing here says
whether a drawing is good or whether the action is shown. Compare figures of one embedding model
only.

This module is also used by the training program, which has numpy but none of the product's other
dependencies: it imports nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

#: References that a figure is compared with: a character looks different from every side.
TOP = 3
#: Resamples of the panels for an interval, and the share of them inside it.
RESAMPLES = 2_000
INSIDE = 0.95
#: From this many training pictures on, it is known how near they are to each other.
MIN_TRAINING = 2
#: A figure is a copy when its distance (1 - cosine) to the nearest training picture is below this
#: share of the distance that a training picture usually has to its own nearest one.
COPY_SHARE = 0.5
#: Distances below this are rounding noise: where training pictures are equal, no copy is found.
ROUNDING = 1e-9
NOBODY = ""


@dataclass(frozen=True)
class SeenPanel:
    """A drawn panel: who must be in it, and the embeddings (N, D) of the figures found in it.

    ``slot`` is equal for candidates of the same panel, drawn with other seeds. ``found`` names the
    characters that were recognized, None: nobody looked; ``sharpness`` is of the whole picture.
    """

    name: str
    cast: tuple[str, ...]
    figures: Floats
    slot: str = ""
    found: tuple[str, ...] | None = None
    sharpness: float | None = None


@dataclass(frozen=True)
class Interval:
    """A mean over panels, with the bootstrap interval of it; no interval below two panels."""

    mean: float
    low: float | None = None
    high: float | None = None
    panels: int = 0


@dataclass(frozen=True)
class Sighting:
    """A character that a panel must show, and the figure that was taken for it."""

    panel: str
    character: str
    figure: int | None = None  # row of the panel's figures; None: none was left
    similarity: float | None = None
    likeness: float | None = None
    lead: float | None = None
    looks_like: str = NOBODY  # the character with the most similar references
    nearest_training: int | None = None  # row of the character's training pictures
    copied: bool | None = None  # None: too few training pictures to judge


@dataclass(frozen=True)
class CharacterFigures:
    """The figures of one character over all panels that must show it."""

    character: str
    panels: int
    found: int
    references: int
    similarity: float | None = None  # mean of the figures found
    ceiling: float | None = None
    likeness: Interval | None = None
    lead: float | None = None
    self_similarity: float | None = None  # mean cosine over pairs of its figures in other panels
    diversity: float | None = None  # 1 - mean cosine over pairs of candidates of one panel
    cast_match: float | None = None  # mean over its panels, as for the storyboard
    copied: float | None = None  # share of its figures


@dataclass(frozen=True)
class ConsistencyFigures:
    """The figures of a storyboard."""

    characters: tuple[CharacterFigures, ...]
    sightings: tuple[Sighting, ...]
    likeness: Interval | None = None
    lead: Interval | None = None
    cast_match: float | None = None  # OCCM, 0..1: the number of figures against the script
    copied: float | None = None
    #: Of each character, how many of its figures look like whom; "" counts those not found.
    confusion: Mapping[str, Mapping[str, int]] | None = None


@dataclass(frozen=True)
class Gallery:
    """Unit embeddings (N, D) of the film's own pictures by character, and what they reach.

    ``held_out`` are the references. ``training`` are pictures of other shots that show one
    character; ``crowded`` show others too and only count as what may be copied.
    """

    held_out: Mapping[str, Floats]
    training: Mapping[str, Floats]
    crowded: Mapping[str, Floats]

    @classmethod
    def of(
        cls,
        held_out: Mapping[str, Floats],
        training: Mapping[str, Floats],
        crowded: Mapping[str, Floats] | None = None,
    ) -> Gallery:
        """Raises ValueError when an embedding is zero or not finite."""
        return cls(
            _units(held_out, "references"),
            _units(training, "training pictures"),
            _units(crowded or {}, "training pictures"),
        )

    def similarities(self, figure: Floats) -> dict[str, float]:
        """Return the similarity of a unit figure (D,) to every character with references."""
        return {character: _similarity(figure, rows) for character, rows in self.held_out.items()}

    def copyable(self, character: str) -> Floats | None:
        """Return all training pictures of a character, the crowded ones last."""
        parts = [kind[character] for kind in (self.training, self.crowded) if character in kind]
        return np.concatenate(parts) if parts else None

    @cached_property
    def ceilings(self) -> dict[str, float]:
        """Mean similarity of each character's training pictures to its references."""
        return self._mean_of_training(lambda similarities, own: similarities[own])

    @cached_property
    def leads(self) -> dict[str, float]:
        """Mean lead of each character's training pictures."""
        return self._mean_of_training(find_lead)

    def likeness(self, character: str, lead: float | None) -> float | None:
        """Return the likeness at a lead, None: no figure was found.

        Returns None when there are no references or no training pictures, or when even the film's
        own pictures do not lead.
        """
        own = self.leads.get(character)
        if own is None or own <= 0:
            return None
        return 0.0 if lead is None else min(1.0, max(-1.0, lead / own))

    def _mean_of_training(
        self, value: Callable[[Mapping[str, float], str], float]
    ) -> dict[str, float]:
        return {
            character: float(np.mean([value(self.similarities(row), character) for row in rows]))
            for character, rows in self.training.items()
            if character in self.held_out
        }


def find_lead(similarities: Mapping[str, float], character: str) -> float:
    """Return how much more similar a figure is to a character than to anybody else."""
    others = [value for name, value in similarities.items() if name != character]
    return similarities[character] - max(others, default=0.0)


def measure(panels: Sequence[SeenPanel], gallery: Gallery) -> ConsistencyFigures:
    """Measure panels against the held-out pictures of a film; find copies of its training pictures.

    Raises ValueError when an embedding is zero or not finite.
    """
    units = {panel.name: unit_rows(panel.figures, panel.name) for panel in panels}
    sightings = [
        _find_copy(sighting, units[panel.name], gallery)
        for panel in panels
        for sighting in sight(panel.name, panel.cast, units[panel.name], gallery)
    ]
    slots = {panel.name: panel.slot or panel.name for panel in panels}
    matches = {panel.name: match_cast(panel) for panel in panels}
    cast = sorted({character for panel in panels for character in panel.cast})
    return ConsistencyFigures(
        characters=tuple(
            _figures_of(one, sightings, units, slots, matches, gallery) for one in cast
        ),
        sightings=tuple(sightings),
        likeness=bootstrap([(slots[s.panel], s.likeness) for s in sightings]),
        lead=bootstrap([(slots[s.panel], s.lead) for s in sightings]),
        cast_match=mean(matches.values()),
        copied=mean(s.copied for s in sightings),
        confusion=_confusion(cast, sightings),
    )


def compare(new: ConsistencyFigures, last: ConsistencyFigures) -> Interval | None:
    """Return the mean difference in likeness, new - last, over the sightings that both have.

    Pairs are formed by panel and character, so that what makes a panel hard cancels out. None when
    there is no pair.
    """
    before = {(s.panel, s.character): s.likeness for s in last.sightings}
    pairs = [(s, before.get((s.panel, s.character))) for s in new.sightings]
    return bootstrap(
        [
            (s.panel, s.likeness - old if s.likeness is not None and old is not None else None)
            for s, old in pairs
        ]
    )


def sight(panel: str, cast: Sequence[str], figures: Floats, gallery: Gallery) -> list[Sighting]:
    """Assign unit figures (N, D) to the cast; one sighting per character, in the cast's order."""
    similarities = [gallery.similarities(figure) for figure in figures]
    wanted = [character for character in dict.fromkeys(cast) if character in gallery.held_out]
    gains = [[found[character] for found in similarities] for character in wanted]
    taken = dict(zip(wanted, assign(np.array(gains)), strict=True))
    return [
        _sighting(panel, character, taken.get(character), similarities, gallery)
        for character in dict.fromkeys(cast)
    ]


def _sighting(
    panel: str,
    character: str,
    figure: int | None,
    similarities: Sequence[Mapping[str, float]],
    gallery: Gallery,
) -> Sighting:
    if figure is None:
        return Sighting(panel, character, likeness=gallery.likeness(character, None))
    found = similarities[figure]
    lead = find_lead(found, character)
    return Sighting(
        panel,
        character,
        figure=figure,
        similarity=found[character],
        likeness=gallery.likeness(character, lead),
        lead=lead,
        looks_like=max(found, key=lambda name: found[name]),
    )


def assign(gains: Floats) -> list[int | None]:
    """Assign to each row of ``gains`` (R, C) a column of its own, so that the total is highest.

    As many rows as possible get a column; the others get None. Exact, by dynamic programming over
    the sets of assigned rows: C x R x 2^R steps, with R the cast of one panel.
    """
    rows, columns = gains.shape if gains.ndim == 2 else (len(gains), 0)
    best: dict[int, tuple[float, tuple[tuple[int, int], ...]]] = {0: (0.0, ())}
    for column in range(columns):
        for done, (total, chosen) in list(best.items()):
            for row in range(rows):
                more = done | 1 << row
                gain = total + float(gains[row, column])
                if more != done and (more not in best or gain > best[more][0]):
                    best[more] = (gain, (*chosen, (row, column)))
    most = max(done.bit_count() for done in best)
    _, chosen = max(
        (value for done, value in best.items() if done.bit_count() == most), key=lambda v: v[0]
    )
    column_of = dict(chosen)
    return [column_of.get(row) for row in range(rows)]


def _find_copy(sighting: Sighting, figures: Floats, gallery: Gallery) -> Sighting:
    """Add the nearest training picture of the character, and whether the figure copies it."""
    pictures = gallery.copyable(sighting.character)
    if sighting.figure is None or pictures is None:
        return sighting
    cosines = pictures @ figures[sighting.figure]
    nearest = int(cosines.argmax())
    copied = None
    if len(pictures) >= MIN_TRAINING:
        among = pictures @ pictures.T
        np.fill_diagonal(among, -1.0)
        usual = float(np.median(1 - among.max(axis=1)))
        copied = bool(1 - cosines[nearest] < COPY_SHARE * usual - ROUNDING)
    return replace(sighting, nearest_training=nearest, copied=copied)


def _figures_of(
    character: str,
    sightings: Sequence[Sighting],
    units: Mapping[str, Floats],
    slots: Mapping[str, str],
    matches: Mapping[str, float],
    gallery: Gallery,
) -> CharacterFigures:
    own = [sighting for sighting in sightings if sighting.character == character]
    found = [(s, units[s.panel][s.figure]) for s in own if s.figure is not None]
    cosines = [
        (slots[one.panel] == slots[other.panel], float(first @ second))
        for at, (one, first) in enumerate(found)
        for other, second in found[at + 1 :]
    ]
    return CharacterFigures(
        character=character,
        panels=len(own),
        found=len(found),
        references=len(gallery.held_out.get(character, ())),
        similarity=mean(sighting.similarity for sighting in own),
        ceiling=_rounded(gallery.ceilings.get(character)),
        likeness=bootstrap([(slots[s.panel], s.likeness) for s in own]),
        lead=mean(sighting.lead for sighting in own),
        self_similarity=mean(cosine for same, cosine in cosines if not same),
        diversity=mean(1 - cosine for same, cosine in cosines if same),
        cast_match=mean(matches[sighting.panel] for sighting in own),
        copied=mean(sighting.copied for sighting in own),
    )


def match_cast(panel: SeenPanel) -> float:
    """Return the on-stage count match of ViStoryBench (Zhuang et al., 2025): 1 is the right number.

    A panel without a cast matches when nobody is found.
    """
    expected, found = len(panel.cast), len(panel.figures)
    if expected == 0:
        return float(found == 0)
    return float(np.exp(-abs(found - expected) / expected))


def _confusion(cast: Sequence[str], sightings: Sequence[Sighting]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {character: defaultdict(int) for character in cast}
    for sighting in sightings:
        counts[sighting.character][sighting.looks_like] += 1
    return {character: dict(sorted(row.items())) for character, row in counts.items()}


def bootstrap(values: Sequence[tuple[str, float | None]]) -> Interval | None:
    """Bootstrap the mean of values over the groups that they belong to: panels, not sightings.

    Figures of one panel share its failures, so panels are what is drawn again. The draw is seeded:
    equal values have equal intervals.
    """
    groups: dict[str, list[float]] = defaultdict(list)
    for group, value in values:
        if value is not None:
            groups[group].append(value)
    if not groups:
        return None
    sums = np.array([sum(group) for group in groups.values()])
    counts = np.array([len(group) for group in groups.values()])
    mean = round(float(sums.sum() / counts.sum()), 4)
    if len(groups) < 2:
        return Interval(mean, panels=1)
    drawn = np.random.default_rng(0).integers(len(groups), size=(RESAMPLES, len(groups)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - INSIDE) / 2, (1 + INSIDE) / 2])
    return Interval(mean, round(float(low), 4), round(float(high), 4), len(groups))


def _units(pictures: Mapping[str, Floats], what: str) -> dict[str, Floats]:
    return {
        character: unit_rows(rows, f"{what} of {character}")
        for character, rows in sorted(pictures.items())
        if len(rows)
    }


def _similarity(figure: Floats, references: Floats) -> float:
    return float(np.sort(references @ figure)[-TOP:].mean())


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that are known, to four digits; None when none is."""
    known = [value for value in values if value is not None]
    return _rounded(float(np.mean(known))) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def unit_rows(rows: Floats, what: str) -> Floats:
    """Scale embeddings (N, D) to length 1; (0, 1) when there are none.

    Raises ValueError, naming ``what`` they are of, when one is zero or not finite.
    """
    rows = np.asarray(rows, np.float64)
    if not len(rows):
        return np.zeros((0, 1))
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0).any():
        raise ValueError(f"{what}: an embedding must be finite and not all 0.")
    unit: Floats = rows / lengths
    return unit

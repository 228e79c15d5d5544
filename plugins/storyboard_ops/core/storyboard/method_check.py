"""Check that the consistency figures can tell right from wrong, on panels of known content.

The panels are made of training pictures of the production, whose embeddings exist already; those
from which the characters were painted out are the caller's. Figures that fail the check decide
nothing: no model is promoted by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from storyboard_ops.core.storyboard.consistency import (
    Floats,
    Gallery,
    SeenPanel,
    Sighting,
    mean,
    measure,
    sight,
)

#: Right and wrong characters must be told apart at least this well, and copies found this often.
LEAST_AUC = 0.9
#: Most likeness of panels from which the characters were painted out: nobody is in them.
MOST_PAINTED_OUT = 0.2
#: Pictures of each character that are tried.
MOST_TRIED = 50


@dataclass(frozen=True)
class CheckLine:
    """One line of the check: what was tried, the value, and its bound."""

    what: str
    value: float
    needed: str  # of the value, in words
    failed: bool

    def __str__(self) -> str:
        return f"{self.what}: {self.value:.2f}, needed: {self.needed}"


@dataclass(frozen=True)
class MethodCheck:
    """Whether the figures can tell right from wrong here, tried on pictures of known content.

    A value is None when there was nothing to try it on.
    """

    auc_alone: float | None = None  # one figure in the panel
    auc_pairs: float | None = None  # two
    painted_out: float | None = None  # mean likeness where the characters were painted out
    swapped_lead: float | None = None  # mean lead when the cast is swapped
    copies_found: float | None = None  # share of training pictures recognized as copies
    faults: tuple[str, ...] = ()  # why the figures do not count; empty: they do

    @property
    def lines(self) -> tuple[CheckLine, ...]:
        """What was tried, with its bounds."""
        least, most = f"at least {LEAST_AUC}", f"at most {MOST_PAINTED_OUT}"
        tried = (
            ("Right told from wrong, one character (AUC)", self.auc_alone, least, _is_low),
            ("Right told from wrong, two characters (AUC)", self.auc_pairs, least, _is_low),
            ("Likeness with the characters painted out", self.painted_out, most, _is_left),
            ("Lead with the characters swapped", self.swapped_lead, "below 0", _leads),
            ("Share of copied training pictures found", self.copies_found, least, _is_low),
        )
        return tuple(
            CheckLine(what, value, needed, fails(value))
            for what, value, needed, fails in tried
            if value is not None
        )


def _is_low(share: float) -> bool:
    return share < LEAST_AUC


def _is_left(likeness: float) -> bool:
    return likeness > MOST_PAINTED_OUT


def _leads(lead: float) -> bool:
    return lead >= 0


def check_method(gallery: Gallery, painted_out: Sequence[SeenPanel] = ()) -> MethodCheck:
    """Try the figures on panels of known content, made of single training pictures.

    Right panels claim the character that a picture shows, or two of them; wrong ones claim another.
    ``painted_out`` panels claim characters that were removed from them; without any, this is not
    tried. A single character cannot be mistaken for another, so that right and wrong are not tried.
    """
    if not gallery.leads:
        return MethodCheck(faults=("no character has both held-out and training pictures",))
    shown = {name: gallery.training[name][:MOST_TRIED] for name in sorted(gallery.leads)}
    alone, pairs = _claims_alone(gallery, shown), _claims_of_pairs(gallery, shown)
    return judged_lines(
        MethodCheck(
            auc_alone=_auc(alone),
            auc_pairs=_auc(pairs),
            painted_out=mean(one.likeness for one in measure(painted_out, gallery).sightings),
            swapped_lead=mean(one.lead for one, is_right in alone if not is_right),
            copies_found=measure(_panels_of(shown), gallery).copied,
        )
    )


def judged_lines(check: MethodCheck) -> MethodCheck:
    """Return the check with a fault for each line that fails."""
    return replace(check, faults=tuple(str(line) for line in check.lines if line.failed))


Claim = tuple[Sighting, bool]  # and whether it is right


def _claims_alone(gallery: Gallery, shown: Mapping[str, Floats]) -> list[Claim]:
    """Claim of each picture every character in turn."""
    return [
        (sighting, claimed == character)
        for character, rows in shown.items()
        for row in rows
        for claimed in shown
        for sighting in sight("", (claimed,), row[None], gallery)
    ]


def _claims_of_pairs(gallery: Gallery, shown: Mapping[str, Floats]) -> list[Claim]:
    """Claim of panels with pictures of two characters every pair of characters in turn."""
    pairs = list(combinations(shown, 2))
    return [
        (sighting, sighting.character in pair)
        for pair in pairs
        for rows in zip(*(shown[character] for character in pair), strict=False)
        for claimed in pairs
        for sighting in sight("", claimed, np.stack(rows), gallery)
    ]


def _panels_of(pictures: Mapping[str, Floats]) -> list[SeenPanel]:
    return [
        SeenPanel(f"{character} {row}", (character,), rows[row : row + 1])
        for character, rows in pictures.items()
        for row in range(len(rows))
    ]


def _auc(claims: Sequence[Claim]) -> float | None:
    """Return how often a right claim leads by more than a wrong one; ties count half."""
    right = np.array([one.lead for one, is_right in claims if is_right], float)
    wrong = np.array([one.lead for one, is_right in claims if not is_right], float)
    if not len(right) or not len(wrong):
        return None
    ahead = np.sign(right[:, None] - wrong[None, :])
    return round(float((ahead.mean() + 1) / 2), 4)

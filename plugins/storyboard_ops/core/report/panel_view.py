"""What the report says about a panel: who is in it, how it is shot, and why this picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from storyboard_ops.core.report.contact_sheet import ShownPicture, panel_picture
from storyboard_ops.core.storyboard.board import BoardPanel
from storyboard_ops.core.text.visible import isolated
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.storyboard.panel_card import SpokenLine

#: Fields of a panel card that say how the shot is made, in the order of a camera report.
SHOT_FIELDS = ("size", "angle", "lens", "move", "light", "place", "time")


@dataclass(frozen=True)
class CandidateView:
    """One of the pictures that were drawn for a panel, in words."""

    seed: int
    measured: str  # "likeness 0.82, cast match 1.00"
    is_chosen: bool


@dataclass(frozen=True)
class PanelView:
    """One panel of the board as the page shows it."""

    placed: BoardPanel
    production: Production

    @property
    def picture(self) -> ShownPicture | None:
        """The drawn picture; None where the panel could not be drawn."""
        return panel_picture(self.placed)

    @property
    def cast(self) -> str:
        """Names of the characters and props in the picture."""
        names = map(self.production.display_name, self.placed.panel.characters)
        return ", ".join(map(isolated, names)) or "nobody of the cast"

    @property
    def shot_facts(self) -> tuple[str, ...]:
        """How the shot is made, without what the script leaves open."""
        given = (getattr(self.placed.panel, field) for field in SHOT_FIELDS)
        return tuple(isolated(one) for one in given if one)

    @property
    def speeches(self) -> tuple[str, ...]:
        """What is said while the panel stands, with who says it and how."""
        return tuple(map(_speech, self.placed.panel.dialogue))

    @property
    def heard(self) -> tuple[str, ...]:
        """Sound, and the transition to the next panel."""
        panel = self.placed.panel
        sound = (f"Sound: {isolated(panel.sound)}",) if panel.sound else ()
        return (*sound, *((isolated(panel.transition),) if panel.transition else ()))

    @property
    def marks(self) -> tuple[str, ...]:
        """What a viewer must not miss: wrong characters, changes, and its note."""
        panel = self.placed.panel
        note = (panel.note,) if panel.note else ()
        return tuple(map(isolated, (*panel.marks, *panel.notes, *note)))

    @property
    def candidates(self) -> tuple[CandidateView, ...]:
        """The pictures to choose from; none where one picture was drawn."""
        panel = self.placed.panel
        return tuple(
            CandidateView(
                one.seed,
                ", ".join(_measured(one.likeness, one.cast_match)) or "not measured",
                one.sha256 == panel.sha256,
            )
            for one in panel.candidates
        )

    @property
    def choice(self) -> str:
        """How many candidates there were, and why this one is shown."""
        panel = self.placed.panel
        if not panel.candidates:
            return ""
        return panel.chosen_because or "None of them was compared; it is the first."


def _speech(line: SpokenLine) -> str:
    how = "".join(f" ({isolated(one)})" for one in (line.off, line.parenthetical) if one)
    return f"{isolated(line.speaker)}{how}: {isolated(line.text)}"


def _measured(likeness: float | None, cast_match: float | None) -> Iterator[str]:
    if likeness is not None:
        yield f"likeness {likeness:.2f}"
    if cast_match is not None:
        yield f"cast match {cast_match:.2f}"

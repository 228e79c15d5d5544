"""What an editor's cut of a board says about the lengths of its panels."""

from __future__ import annotations

from pydantic import Field

from storyboard_ops.domain.base_record import Record

#: Names in one sentence; the record has all of them.
MOST_LISTED = 20


class ForeignClip(Record):
    """A clip of the cut that is no panel of the board."""

    name: str
    start: str  # timecode in the cut
    frames: int = Field(ge=0)  # of the cut


class RetimedCut(Record):
    """Lengths of panels by an editor's cut, and what could not be matched.

    Only lengths are taken: a board's order, and which panels it has, are the script's.
    """

    origin: str  # where the cut is
    frame_rate: str  # of the cut
    lengths: dict[str, int]  # frames of the board, by panel id
    changed: tuple[str, ...] = ()  # panels whose length is another one now
    foreign: tuple[ForeignClip, ...] = ()
    not_in_cut: tuple[str, ...] = ()  # panels that keep the length that they had
    repeated: tuple[str, ...] = ()  # panels that stand in several places: their lengths are added
    moved: tuple[str, ...] = ()  # panels that stand before one that the board has before them
    remarks: tuple[str, ...] = ()  # how the file was read

    def sentences(self) -> list[str]:
        """Return what people must know, one sentence for each kind of finding."""
        found = [
            f"Panels with their length from {self.origin} ({self.frame_rate} fps): "
            f"{len(self.lengths):,}. {len(self.changed):,} of them had another before.",
            *self.remarks,
        ]
        for text, names in (
            ("Not in the cut, so they keep their length", self.not_in_cut),
            ("In several places, with their lengths added", self.repeated),
            ("In another order than the board's, which stays", self.moved),
            ("No panel of this board", tuple(f"{c.name} at {c.start}" for c in self.foreign)),
        ):
            if names:
                found.append(f"{text}: {_listed(names)}.")
        return found


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - MOST_LISTED
    return ", ".join(names[:MOST_LISTED]) + (f" and {more:,} more" if more > 0 else "")

"""Carry decisions of earlier reviews over to the pictures of a new one.

A picture is the same when its bytes are; when it was cut from the same detection: the same frame,
part and character, with boxes that overlap by SAME_DETECTION; or when it looks the same in the same
place of a frame, whenever that is shown: another version of the film has other bytes and, after a
shot that was put in, other times. The latest decision counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from storyboard_ops.core.review.looks import Looks
from storyboard_ops.core.review.state import ReviewState
from storyboard_ops.domain.review.corrected_cut import CutBox
from storyboard_ops.domain.review.review_records import BoardItem, Flag, ItemState, Origin, Place

#: Boxes of one frame with at least this intersection over union are of one detection. A detector
#: that is asked about the same frame in another size returns nearly the same box.
SAME_DETECTION = 0.6
#: A reason that is about the cut, and so does not hold for another cut.
ABOUT_THE_CUT = "cut off"
CUT_DIFFERENTLY, CODED_AGAIN = "cut differently", "the film was coded again"


@dataclass(frozen=True)
class EarlierReview:
    """The board of an earlier review, and what was decided there."""

    items: Sequence[BoardItem]
    state: ReviewState
    origin: Origin | None  # None: an earlier board of the same run


@dataclass(frozen=True)
class Carried:
    """What is carried over to one picture."""

    state: ItemState
    note: str = ""  # what has changed since; empty: nothing


@dataclass(frozen=True)
class _Decided:
    item: BoardItem
    state: ItemState

    @property
    def character(self) -> str:
        """The character that people decided about."""
        return self.state.character or self.item.character


def carry_over(
    items: Iterable[BoardItem], earlier: Iterable[EarlierReview], cast: Collection[str]
) -> dict[str, Carried]:
    """Return what earlier reviews say about these pictures, by image id.

    ``cast``: ids of the production's characters. A decision for anybody else is left out, as is a
    rejection of another cut because of its cut. What a reviewer edited is carried over: a caption,
    and a cut, in the pixels of the frame as it is stored now.
    """
    decided = _Known([one for review in earlier for one in _decisions(review, cast)])
    found = ((item, decided.about(item)) for item in items)
    return {item.id: _carried(item, *about) for item, about in found if about}


def flag_changes(items: Iterable[BoardItem], carried: dict[str, Carried]) -> tuple[BoardItem, ...]:
    """Return the items; those that have changed since they were decided about say so."""
    return tuple(_flagged(item, carried[item.id]) if item.id in carried else item for item in items)


def _decisions(review: EarlierReview, cast: Collection[str]) -> Iterator[_Decided]:
    for item in review.items:
        state = review.state.items.get(item.id)
        if state and (not state.character or state.character in cast):
            origin = state.origin or review.origin
            yield _Decided(item, state.model_copy(update={"origin": origin}))


class _Known:
    """Decisions of all earlier reviews, by picture and by place."""

    def __init__(self, decided: Sequence[_Decided]) -> None:
        self._by_id: dict[str, list[_Decided]] = defaultdict(list)
        self._by_place: dict[tuple[str, int, str], list[_Decided]] = defaultdict(list)
        self._seen = [one for one in decided if one.item.look and one.item.place]
        self._looks = Looks([one.item.look for one in self._seen])
        for one in decided:
            self._by_id[one.item.id].append(one)
            if one.item.place:
                self._by_place[_spot(one.item.place)].append(one)

    def about(self, item: BoardItem) -> tuple[_Decided, str] | None:
        """Return the latest decision about a picture, and what has changed in it since.

        By its bytes first, then by its detection, then by its look.
        """
        same = [one for one in self._by_id[item.id] if _is_about(one, item)]
        by_detection, by_look = self._other_cuts(item), self._alike(item)
        ways = ((same, ""), (by_detection, CUT_DIFFERENTLY), (by_look, CODED_AGAIN))
        for found, change in ways:
            if one := max(found, key=lambda one: one.state.decided_at, default=None):
                return one, change
        return None

    def _other_cuts(self, item: BoardItem) -> Iterator[_Decided]:
        if item.place is None:
            return
        for one in self._by_place[_spot(item.place)]:
            assert one.item.place is not None
            overlap = one.item.place.box.iou(item.place.box)
            is_same = overlap >= SAME_DETECTION and _is_about(one, item)
            if is_same and not one.state.reason.startswith(ABOUT_THE_CUT):
                yield one

    def _alike(self, item: BoardItem) -> Iterator[_Decided]:
        if item.place is None or not item.look:
            return
        for position in self._looks.same_as(item.look):
            one = self._seen[position]
            assert one.item.place is not None
            overlap = one.item.place.box.iou(item.place.box)
            is_same_part = one.item.place.part == item.place.part
            is_other_film = one.item.place.video_sha256 != item.place.video_sha256
            if (
                is_same_part
                and is_other_film
                and overlap >= SAME_DETECTION
                and _is_about(one, item)
            ):
                yield one


def _spot(place: Place) -> tuple[str, int, str]:
    return place.video_sha256, place.pts, place.part


def _is_about(one: _Decided, item: BoardItem) -> bool:
    """Whether it was decided about the character that the pipeline now assigns."""
    if one.state.decision == "reject":
        return item.character == one.character
    return item.character in (one.character, one.item.character)


def _carried(item: BoardItem, one: _Decided, change: str) -> Carried:
    update = {
        "character": one.character if one.character != item.character else "",
        "caption": one.state.caption if one.state.caption != item.caption else "",
        "cut": _cut_for(item, one),
    }
    changes = (
        "" if change == CUT_DIFFERENTLY and update["cut"] else change,
        "the caption is new" if not one.state.caption and one.item.caption != item.caption else "",
    )
    changed = " and ".join(filter(None, changes))
    note = f"Since it was decided: {changed}." if changed else ""
    return Carried(one.state.model_copy(update=update), note)


def _cut_for(item: BoardItem, one: _Decided) -> str:
    """Return the corrected cut in the pixels of the picture's own frame; empty: there is none."""
    if not one.state.cut or item.frame_size is None or one.item.frame_size is None:
        return ""
    cut = CutBox.read(one.state.cut).scaled(one.item.frame_size, item.frame_size)
    return str(cut) if cut != item.cut else ""


def _flagged(item: BoardItem, carried: Carried) -> BoardItem:
    if not carried.note:
        return item
    flag: Flag = "changed since"
    update = {"flags": (*item.flags, flag), "notes": (*item.notes, carried.note)}
    return item.model_copy(update=update)

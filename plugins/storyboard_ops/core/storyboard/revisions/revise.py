"""Number the scenes, shots and panels of a board, and say what changed since the last revision.

What is in both revisions keeps its numbers, wherever it stands and however it was edited. What is
new gets numbers between its neighbours'; the number of what is gone is not given again. Locked
numbers always win. A panel that goes to another scene is a new one there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from storyboard_ops.core.storyboard.revisions.matching import (
    content_of,
    match_panels,
    match_scenes,
)
from storyboard_ops.core.storyboard.revisions.numbers import fill_numbers, order_key
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.production_sheet import ScriptScene
from storyboard_ops.domain.storyboard.board_revision import BoardRevision, OmittedPanel
from storyboard_ops.domain.storyboard.panel_card import PanelCard, panel_id, split_panel_id

#: Of the pages of a revision, as screenplays count them; then "double white" and so on.
COLOURS = ("white", "blue", "pink", "yellow", "green", "goldenrod", "buff", "salmon", "cherry")


def colour_of(version: int) -> str:
    """Return the colour of a version's pages.

    >>> colour_of(1), colour_of(2), colour_of(10), colour_of(19)
    ('white', 'blue', 'double white', 'triple white')
    """
    rounds, place = divmod(version - 1, len(COLOURS))
    times = ("", "double ", "triple ")[rounds] if rounds < 3 else f"{rounds + 1}th "
    return times + COLOURS[place]


def revise_board(
    scenes: Sequence[ScriptScene],
    last: BoardRevision | None,
    *,
    board: str,
    run_key: str,
    date: str,
) -> BoardRevision:
    """Return the revision with these scenes, numbered; the last one's version when nothing changed.

    ``date``: ISO 8601. In the first revision nothing counts as new. Raises BadInput when a locked
    number cannot be given.
    """
    before = last.scenes if last else ()
    gone = last.omitted if last else ()
    numbered = _number_scenes(scenes, before, [split_panel_id(one.panel_id) for one in gone])
    _refuse_doubles(numbered)
    if last and _is_same(numbered, before):
        return last.model_copy(update={"scenes": numbered})
    version = last.version + 1 if last else 1
    old, new = _by_id(before), _by_id(numbered)
    left = [name for name in old if name not in new]
    kept = [name for name in new if name in old]
    omitted = [one for one in gone if one.panel_id not in new]
    headings = {name: scene.scene for scene in before for name in _by_id([scene])}
    omitted += [
        OmittedPanel(
            panel_id=name,
            scene=headings[name],
            description=old[name].description,
            since=version,
        )
        for name in left
    ]
    return BoardRevision(
        board=board,
        version=version,
        date=date,
        colour=colour_of(version),
        run_key=run_key,
        scenes=numbered,
        omitted=tuple(omitted),
        new=tuple(name for name in new if name not in old) if last else (),
        changed=tuple(name for name in kept if content_of(old[name]) != content_of(new[name])),
        moved=_moved(list(old), kept),
        omitted_now=tuple(left),
    )


def number_by_position(scenes: Sequence[ScriptScene]) -> tuple[ScriptScene, ...]:
    """Return scenes with the numbers of a first revision."""
    return _number_scenes(scenes, (), ())


def _number_scenes(
    scenes: Sequence[ScriptScene],
    before: Sequence[ScriptScene],
    gone: Sequence[tuple[str, str, str]],
) -> tuple[ScriptScene, ...]:
    pairs = match_scenes(before, scenes)
    used = {scene.number for scene in before} | {scene for scene, _, _ in gone}
    numbers = fill_numbers(_fixed_scenes(scenes, before, pairs, used), [""] * len(scenes), used)
    numbered = []
    for place, (scene, number) in enumerate(zip(scenes, numbers, strict=True)):
        old = before[pairs[place]] if place in pairs else None
        left = [(shot, panel) for name, shot, panel in gone if name == number]
        if old is not None and old.number != number:  # people have locked another number
            old = None
        cards = _number_panels(scene.panels, old.panels if old else (), left)
        numbered.append(scene.model_copy(update={"number": number, "panels": cards}))
    return tuple(numbered)


def _fixed_scenes(
    scenes: Sequence[ScriptScene],
    before: Sequence[ScriptScene],
    pairs: Mapping[int, int],
    used: Iterable[str],
) -> list[str]:
    """Return the numbers that are known: locked ones, kept ones, and free ones of the script."""
    fixed = [""] * len(scenes)
    for place, scene in enumerate(scenes):
        if any(card.locked for card in scene.panels):
            fixed[place] = scene.number
    for place, there in pairs.items():
        if not fixed[place] and before[there].number not in fixed:
            fixed[place] = before[there].number
    taken = {*used, *fixed}
    for place, scene in enumerate(scenes):
        if not fixed[place] and scene.number not in taken:
            fixed[place] = scene.number
            taken.add(scene.number)
    return fixed


def _number_panels(
    cards: Sequence[PanelCard], before: Sequence[PanelCard], gone: Sequence[tuple[str, str]]
) -> tuple[PanelCard, ...]:
    """Return the panels of one scene with shot and panel numbers."""
    fixed = _fixed_panels(cards, before)
    groups = _group_into_shots(cards, [shot for shot, _ in fixed])
    used = {(card.shot, card.panel) for card in before} | set(gone)
    names = list(dict.fromkeys(groups))
    shots = dict(
        zip(
            names,
            fill_numbers(
                [name if isinstance(name, str) else "" for name in names],
                ["" if isinstance(name, str) else cards[name].shot for name in names],
                {shot for shot, _ in used},
            ),
            strict=True,
        )
    )
    numbered = list(cards)
    for name, shot in shots.items():
        places = [place for place, group in enumerate(groups) if group == name]
        panels = fill_numbers(
            [fixed[place][1] for place in places],
            [cards[place].panel for place in places],
            {panel for other, panel in used if other == shot},
        )
        for place, panel in zip(places, panels, strict=True):
            numbered[place] = cards[place].model_copy(update={"shot": shot, "panel": panel})
    return tuple(numbered)


def _fixed_panels(cards: Sequence[PanelCard], before: Sequence[PanelCard]) -> list[tuple[str, str]]:
    """Return shot and panel of each panel that keeps its numbers; of the others, empty ones."""
    pairs = match_panels(before, cards)
    locked = {(card.shot, card.panel) for card in cards if card.locked and card.shot and card.panel}
    fixed = []
    for place, card in enumerate(cards):
        own = before[pairs[place]] if place in pairs else None
        if card.locked and card.shot and card.panel:
            fixed.append((card.shot, card.panel))
        elif own is not None and (own.shot, own.panel) not in locked:
            fixed.append((own.shot, own.panel))
        else:
            fixed.append(("", ""))
    return fixed


def _group_into_shots(cards: Sequence[PanelCard], shots: Sequence[str]) -> list[str | int]:
    """Return the shot that each panel belongs to: its number, or the place where a new one begins.

    A new panel belongs to the shot of a neighbour that was given the same shot as it was, or to
    the shot that goes on around it. Otherwise it is a shot by itself.
    """
    following = _following_shots(cards, shots)
    groups: list[str | int] = []
    for place, (card, shot) in enumerate(zip(cards, shots, strict=True)):
        given, after = following[place]
        if shot:
            groups.append(shot)
        elif place and card.shot and card.shot == cards[place - 1].shot:
            groups.append(groups[-1])
        elif after and (card.shot == given if card.shot else groups[-1:] == [after]):
            groups.append(after)
        else:
            groups.append(place)
    return groups


def _following_shots(cards: Sequence[PanelCard], shots: Sequence[str]) -> list[tuple[str, str]]:
    """Return the shot of the first panel from each on that keeps its own: as given, as numbered."""
    found = [("", "")]
    for card, shot in zip(reversed(cards), reversed(shots), strict=True):
        found.append((card.shot, shot) if shot else found[-1])
    return found[:0:-1]


def _refuse_doubles(scenes: Sequence[ScriptScene]) -> None:
    for what, numbers in (
        ("scenes", [scene.number for scene in scenes]),
        ("panels", [name for scene in scenes for name in _ids_of(scene)]),
    ):
        for number, count in Counter(numbers).items():
            if count > 1:
                raise BadInput(
                    f"{count} {what} have the locked number {number}. Unlock all but one, or "
                    "change their numbers."
                )
    for card in (card for scene in scenes for card in scene.panels):
        for number in (card.shot, card.panel):
            if order_key(number) is None:
                raise BadInput(
                    f"The locked number {number} of a shot or panel is not letters, digits and "
                    "letters again, such as 010 or A010B; change it."
                )


def _is_same(scenes: Sequence[ScriptScene], before: Sequence[ScriptScene]) -> bool:
    """Return whether two lists differ in nothing but the lines of the script."""
    ours, theirs = (
        [scene.model_dump(exclude={"panels": {"__all__": {"lines"}}}) for scene in one]
        for one in (scenes, before)
    )
    return ours == theirs


def _by_id(scenes: Iterable[ScriptScene]) -> dict[str, PanelCard]:
    return {
        name: card
        for scene in scenes
        for name, card in zip(_ids_of(scene), scene.panels, strict=True)
    }


def _ids_of(scene: ScriptScene) -> list[str]:
    return [panel_id(scene.number, card.shot, card.panel) for card in scene.panels]


def _moved(old: Sequence[str], kept: Sequence[str]) -> tuple[str, ...]:
    """Return the fewest panels whose move explains the new order of those that were kept."""
    place = {name: number for number, name in enumerate(old)}
    ends: list[int] = []  # of the best ascending rows, by length
    lengths = []
    for name in kept:
        length = bisect_left(ends, place[name])
        ends[length : length + 1] = [place[name]]
        lengths.append(length)
    stays: set[str] = set()
    wanted = len(ends) - 1
    above = len(old)
    for name, length in zip(reversed(kept), reversed(lengths), strict=True):
        if length == wanted and place[name] < above:
            stays.add(name)
            above = place[name]
            wanted -= 1
    return tuple(name for name in kept if name not in stays)

"""Find the panels of the last revision in a new list of scenes: equal ones, then similar ones."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from storyboard_ops.domain.names import IDEOGRAPHS_AND_KANA, fold_name
from storyboard_ops.domain.production_sheet import ScriptScene
from storyboard_ops.domain.storyboard.panel_card import PanelCard

#: Share of common words from which a text is taken for an edited one.
SIMILAR = 0.5
#: Share of the panels of the shorter scene that are in both, from which scenes are the same.
SAME_SCENE = 0.5
#: Pairs of texts that are compared; longer lists are halved.
MOST_COMPARED = 10_000
#: What is no content of a panel: its numbers, and what is said about it.
NO_CONTENT = frozenset({"shot", "panel", "locked", "lines", "note"})

_WORDS = re.compile(rf"[{IDEOGRAPHS_AND_KANA}\u0e00-\u0eff]|\w+")


def content_of(card: PanelCard) -> str:
    """Return everything that a panel shows and lets hear; equal panels have equal content."""
    return card.model_dump_json(include=set(PanelCard.model_fields) - NO_CONTENT)


def match_scenes(old: Sequence[ScriptScene], new: Sequence[ScriptScene]) -> dict[int, int]:
    """Return the position of each new scene in the old list, where it is there.

    Scenes with the same panels match first, then those with the same number, the same heading, and
    similar text at about the same place.
    """
    matched = _Matched(len(old), len(new))
    for here, there in _share_panels(old, new):
        matched.pair(here, there)
    matched.equal([one.number or None for one in old], [one.number or None for one in new])
    matched.equal([fold_name(one.scene) for one in old], [fold_name(one.scene) for one in new])
    matched.similar([_scene_text(one) for one in old], [_scene_text(one) for one in new])
    return matched.pairs


def match_panels(old: Sequence[PanelCard], new: Sequence[PanelCard]) -> dict[int, int]:
    """Return the position of each new panel of a scene among the old ones, where it is there.

    Locked panels match by their numbers, then equal ones wherever they stand, those with the same
    neighbour first; then equal descriptions, and at last similar ones in order.
    """
    matched = _Matched(len(old), len(new))
    matched.equal([(one.shot, one.panel) for one in old], list(map(_locked_numbers, new)))
    for before, now in (
        (list(map(content_of, old)), list(map(content_of, new))),
        ([one.description for one in old], [one.description for one in new]),
    ):
        matched.equal(_with_last(before), _with_last(now))
        matched.equal(_with_last(before[::-1])[::-1], _with_last(now[::-1])[::-1])
        matched.equal(before, now)
    matched.similar([one.description for one in old], [one.description for one in new])
    return matched.pairs


def similarity(one: Counter[str], other: Counter[str]) -> float:
    """Return the share of words that two texts have in common, 0..1."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def words_of(text: str) -> Counter[str]:
    """Return the words of a text; of scripts without blanks, the letters."""
    return Counter(_WORDS.findall(text.casefold()))


@dataclass
class _Matched:
    """Pairs of positions in a new and in an old list; each position is in one pair at most."""

    old: int
    new: int
    pairs: dict[int, int] = field(default_factory=dict)

    def pair(self, here: int, there: int) -> None:
        """Match two positions, unless one of them is matched."""
        if here not in self.pairs and there not in self._taken:
            self.pairs[here] = there

    def equal(self, before: Sequence[Hashable], now: Sequence[Hashable]) -> None:
        """Match what has equal keys, in order; None equals nothing."""
        taken = self._taken
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for there, key in enumerate(before):
            if there not in taken and key is not None:
                waiting[key].append(there)
        for here, key in enumerate(now):
            if here not in self.pairs and waiting.get(key):
                self.pairs[here] = waiting[key].popleft()

    def similar(self, before: Sequence[str], now: Sequence[str]) -> None:
        """Match similar texts in order, so that their similarities add up to the most."""
        taken = self._taken
        rows = [(here, words_of(now[here])) for here in range(self.new) if here not in self.pairs]
        columns = [(j, words_of(before[j])) for j in range(self.old) if j not in taken]
        for row, column in _best_path([one for _, one in rows], [one for _, one in columns]):
            self.pairs[rows[row][0]] = columns[column][0]

    @property
    def _taken(self) -> set[int]:
        return set(self.pairs.values())


def _best_path(
    rows: Sequence[Counter[str]], columns: Sequence[Counter[str]]
) -> Iterator[tuple[int, int]]:
    """Yield ascending pairs whose similarities, from SIMILAR on, have the highest sum."""
    height, width = len(rows), len(columns)
    if height * width > MOST_COMPARED:
        row, column = height // 2, width // 2
        yield from _best_path(rows[:row], columns[:column])
        for here, there in _best_path(rows[row:], columns[column:]):
            yield row + here, column + there
        return
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for row, column in product(range(height), range(width)):
        value = similarity(rows[row], columns[column])
        paired = best[row][column] + (value if value >= SIMILAR else 0.0)
        best[row + 1][column + 1] = max(best[row][column + 1], best[row + 1][column], paired)
    row, column = height, width
    while row and column:
        if best[row][column] == best[row - 1][column]:
            row -= 1
        elif best[row][column] == best[row][column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            yield row, column


def _share_panels(old: Sequence[ScriptScene], new: Sequence[ScriptScene]) -> list[tuple[int, int]]:
    """Return pairs of new and old scenes that have panels in common, the surest first."""
    places: dict[str, list[int]] = defaultdict(list)
    for there, scene in enumerate(old):
        for description in {card.description for card in scene.panels}:
            places[description].append(there)
    common: Counter[tuple[int, int]] = Counter()
    for here, scene in enumerate(new):
        for description in {card.description for card in scene.panels}:
            common.update((here, there) for there in places[description])
    ranked = []
    for (here, there), count in common.items():
        one, other = new[here], old[there]
        same_heading = fold_name(one.scene) == fold_name(other.scene)
        same_number = bool(one.number) and one.number == other.number
        shorter = min(len(one.panels), len(other.panels))
        if same_heading or same_number or count >= SAME_SCENE * shorter:
            rank = (-count, not same_number, not same_heading, abs(here - there), here, there)
            ranked.append((rank, (here, there)))
    return [pair for _, pair in sorted(ranked)]


def _locked_numbers(card: PanelCard) -> tuple[str, str] | None:
    return (card.shot, card.panel) if card.locked else None


def _with_last(keys: Sequence[Hashable]) -> list[Hashable]:
    """Return each key with the one before it."""
    return list(zip([None, *keys], keys, strict=False))


def _scene_text(scene: ScriptScene) -> str:
    return " ".join([scene.scene, *(card.description for card in scene.panels)])

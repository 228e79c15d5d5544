"""In which order pictures are shown: every character equally often, some of them together."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar

from trainer.inputs.dataset import Picture

T = TypeVar("T", int, str)

#: Share of pictures with more than one character, where there are any.
TOGETHER = 0.125


def show_pictures(pictures: Sequence[Picture], seed: int) -> Iterator[int]:
    """Yield numbers of pictures for ever, in an order that depends on nothing but the arguments.

    A picture of one character is taken of the one that was shown least so far; of its pictures, the
    one that was shown least. A share of ``TOGETHER`` of the pictures shows several characters.
    """
    order = random.Random(seed)
    alone = {number: p for number, p in enumerate(pictures) if len(p.characters) == 1}
    together = {number: p for number, p in enumerate(pictures) if len(p.characters) > 1}
    exposures = Counter({c: 0 for picture in pictures for c in picture.characters})
    shown = Counter(dict.fromkeys(range(len(pictures)), 0))
    while True:
        mixed = together and (not alone or order.random() < TOGETHER)
        pool = together if mixed else alone
        if not mixed:
            least = _least(exposures, sorted(exposures), order)
            of_it = {n: p for n, p in alone.items() if p.characters == (least,)}
            pool = of_it or {n: p for n, p in together.items() if least in p.characters}
        number = _least(shown, sorted(pool), order)
        shown[number] += 1
        exposures.update(pictures[number].characters)
        yield number


def _least(counts: Counter[T], among: Sequence[T], order: random.Random) -> T:
    """Return what has the lowest count, by chance where several have."""
    low = min(counts[one] for one in among)
    return order.choice([one for one in among if counts[one] == low])

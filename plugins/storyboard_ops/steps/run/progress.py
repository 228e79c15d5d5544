"""Say in the log, every few seconds and in a sentence, how far a step is."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from storyboard_ops.core.text.wording import count_in_words, running_time
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.gateways.aws.call_pool import Outcome
from storyboard_ops.gateways.money.pricing import cost_of

if TYPE_CHECKING:
    from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

Item = TypeVar("Item")

#: Seconds between two sentences.
EVERY_SECONDS = 5.0
#: Reasons that a sentence names, and characters of each.
MOST_REASONS, MOST_REASON = 3, 80


class Progress:
    """Counts what is done, what is left out and why, and what it has cost. Thread-safe."""

    def __init__(
        self,
        did: str,
        total: int,
        things: str,
        spent: Callable[[], float] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin a step.

        Args:
            did: what was done to each thing, as a sentence begins: ``Examined``.
            total: how many things there are.
            things: what they are: ``frames``.
            spent: returns the cost so far in USD.
            now: returns the seconds of a clock.
        """
        self._did, self._total, self._things = did, total, things
        self._spent, self._now = spent, now
        self._began = now()
        self._due = self._began + EVERY_SECONDS
        self._done = 0
        self._left_out: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, left_out: str = "") -> None:
        """Count one more thing; ``left_out``: the reason why it is not used."""
        with self._lock:
            self._done += 1
            if left_out:
                self._left_out[shorten(left_out, MOST_REASON)] += 1
            if self._now() < self._due:
                return
            self._due = self._now() + EVERY_SECONDS
            sentence = self._sentence()
        log.info("%s", sentence)

    def add_call(self, outcome: Outcome[Any, Any]) -> None:
        """Count a call of ``call_each``."""
        self.add(outcome.failure)

    def over(self, things: Iterable[Item], reason: Callable[[Item], str]) -> Iterator[Item]:
        """Yield the things and count each; ``reason`` returns why it is left out, or nothing."""
        for thing in things:
            self.add(reason(thing))
            yield thing

    def _sentence(self) -> str:
        rate = self._done / (self._now() - self._began)
        left = running_time(max(0, self._total - self._done) / rate)
        parts = [
            f"{self._did} {self._done:,} of {self._total:,} {self._things}, {rate:.1f} a second; "
            f"about {left} left."
        ]
        if self._left_out:
            named = count_in_words(dict(self._left_out.most_common(MOST_REASONS)))
            parts.append(f"Left out {self._left_out.total():,}: {named}.")
        if self._spent:
            parts.append(f"Spent {self._spent():.2f} USD.")
        return " ".join(parts)


def spending(tools: ToolBox[Any]) -> Callable[[], float]:
    """Return a function that adds up what the task has paid for answers so far, in USD."""
    return lambda: cost_of(tools.answers.usages_for(tools.answers.purpose), tools.region)[0]

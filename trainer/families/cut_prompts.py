"""Find the prompts that a base model does not read to their end, and say so."""

from __future__ import annotations

from collections.abc import Iterable

from trainer.families.base import Family
from trainer.machine.progress import Progress

#: Characters of a prompt that the log quotes.
QUOTED = 60


def find_cut(family: Family, prompts: Iterable[str], progress: Progress) -> dict[str, int]:
    """Return how many tokens are left out of each prompt that is too long; each is logged.

    The encoders must be loaded.
    """
    counts = {prompt: family.cut_tokens(prompt) for prompt in prompts}
    cut = {prompt: count for prompt, count in counts.items() if count}
    for prompt, count in cut.items():
        progress.log(f"warning: the model does not read the last {count} tokens of {quote(prompt)}")
    return cut


def quote(prompt: str) -> str:
    """Return the beginning of a prompt."""
    return repr(prompt if len(prompt) <= QUOTED else f"{prompt[:QUOTED]}...")

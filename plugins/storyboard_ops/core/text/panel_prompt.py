"""Write the prompt of a panel within the limit of the model that draws it.

What is too long is shortened where it hurts least: the description at its end, then the list of
names. The style stays whole, because it decides how every picture looks. What is left out is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from storyboard_ops.core.text.tokens import text_tokens
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.names import IDEOGRAPHS_AND_KANA, MARKS, phrases_in
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.storyboard.panel_card import PanelCard

#: Where a description may end: after a word, and between letters of scripts without blanks.
_UNSPACED = f"[{IDEOGRAPHS_AND_KANA}\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]"
_ENDS = re.compile(rf"(?<=\S)(?=\s)|(?<={_UNSPACED})(?![{MARKS}\s])|(?<=[。、！？])(?=\S)")
_SENTENCE_ENDS = re.compile(r"[.!?…][\"'”’)]*(?=\s|$)|[。！？][」』）]*")
_HANGING = " \t\n,;:–—-、，；：「『("
#: A description ends with a whole sentence when that keeps this share of what fits.
_WHOLE_SENTENCES = 2 / 3
#: Characters of what is left out that a note quotes.
_MOST_QUOTED = 200


@dataclass(frozen=True)
class PromptLimit:
    """The longest prompt that a model accepts."""

    most: int
    unit: Literal["characters", "tokens"] = "characters"

    def count(self, text: str) -> int:
        """Return the length of a text; tokens are counted rather high."""
        return len(text) if self.unit == "characters" else text_tokens(text)

    def fits(self, text: str) -> bool:
        """Return whether the model accepts a text."""
        return self.count(text) <= self.most

    def __str__(self) -> str:
        return f"{self.most:,} {self.unit}"


@dataclass(frozen=True)
class PanelPrompt:
    """A prompt, and what was left out of it, for people; empty: nothing."""

    text: str
    note: str = ""


def panel_prompt(
    production: Production, panel: PanelCard, limit: PromptLimit | None = None
) -> PanelPrompt:
    """Return what a panel is drawn from: description, the names that it leaves out, and the style.

    ``limit`` None: whole. Raises SettingsError when the style alone is longer than the limit.
    """
    names = [production.character(character).name for character in panel.characters]
    whole = _join(panel.description, names, production.style)
    if limit is None or limit.fits(whole):
        return PanelPrompt(whole)
    if not limit.fits(production.style):
        raise SettingsError(
            f"The style of the production has {limit.count(production.style):,} {limit.unit}, and "
            f"the model that draws accepts prompts of {limit}. Shorten the style, or choose "
            "another model."
        )
    description = _longest_fitting(panel.description, names, production.style, limit)
    named = list(names)
    while not limit.fits(text := _join(description, named, production.style)):
        named.pop()
    return PanelPrompt(text, _note(limit, panel.description, description, names[len(named) :]))


def _join(description: str, names: Sequence[str], style: str) -> str:
    """Join the parts of a prompt; "all three look up" leaves out who they are."""
    named = phrases_in(description, names)
    unnamed = [name for name in names if name not in named]
    company = f"In the picture: {', '.join(unnamed)}." if unnamed else ""
    return " ".join(filter(None, (description, company, style)))


def _longest_fitting(description: str, names: Sequence[str], style: str, limit: PromptLimit) -> str:
    """Return the longest beginning of a description that fits; empty when none does."""
    cuts = (beginning for beginning in _beginnings(description) if limit.fits(beginning))
    longest = next((cut for cut in cuts if limit.fits(_join(cut, names, style))), "")
    sentences = [match.end() for match in _SENTENCE_ENDS.finditer(longest)]
    whole = longest[: sentences[-1]] if sentences else ""
    enough = len(whole) >= _WHOLE_SENTENCES * len(longest)
    return whole if enough and limit.fits(_join(whole, names, style)) else longest


def _beginnings(description: str) -> Iterator[str]:
    """Yield the beginnings of a description, the longest first."""
    for end in reversed([match.start() for match in _ENDS.finditer(description)]):
        if beginning := description[:end].rstrip(_HANGING):
            yield beginning


def _note(limit: PromptLimit, before: str, after: str, unnamed: Sequence[str]) -> str:
    left_out = shorten(before[len(after) :].strip(), _MOST_QUOTED)
    parts = [f"left out of the description: “{left_out}”"]
    if unnamed:
        parts.append(f"not named: {', '.join(unnamed)}")
    return f"The prompt is shortened to the {limit} that the model accepts; {'; '.join(parts)}."

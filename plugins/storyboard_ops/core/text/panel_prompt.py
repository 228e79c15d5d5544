"""Write the prompt of a panel within the limit of the model that draws it.

Camera, place, time and light follow the description. What is too long is shortened where it hurts
least: the description at its end, then these, then the list of names. The style stays whole,
because it decides how every picture looks. What is left out is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from storyboard_ops.core.text.tokens import text_tokens
from storyboard_ops.core.text.wording import titled
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.names import IDEOGRAPHS_AND_KANA, MARKS, phrases_in
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.storyboard.panel_card import PanelCard

#: Where a description may end: after a word, and between letters of scripts without blanks.
_UNSPACED = f"[{IDEOGRAPHS_AND_KANA}\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]"
_ENDS = re.compile(rf"(?<=\S)(?=\s)|(?<={_UNSPACED})(?![{MARKS}\s])|(?<=[。、！？])(?=\S)")
_SENTENCE_ENDS = re.compile(r"[.!?…][\"'”’)]*(?=\s|$)|[。！？][」』）]*")
#: Sizes that say themselves that they are shots: close-up, two shot, bird's-eye view.
_SHOT = re.compile(r"shot|up\b|view|\s", re.IGNORECASE)
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
    """Return what a panel is drawn from.

    That is the description, the names of characters in the picture that it leaves out, camera,
    place, time and light, and the style. ``limit`` None: whole. Raises SettingsError when the style
    alone is longer than the limit.
    """
    names = [production.character(character).name for character in panel.characters]
    settings = _settings_of(panel)
    whole = _join(panel.description, names, settings, production.style)
    if limit is None or limit.fits(whole):
        return PanelPrompt(whole)
    if not limit.fits(production.style):
        raise SettingsError(
            f"The style of the production has {limit.count(production.style):,} {limit.unit}, and "
            f"the model that draws accepts prompts of {limit}. Shorten the style, or choose "
            "another model."
        )

    def fits(description: str) -> bool:
        return limit.fits(_join(description, names, settings, production.style))

    description = _longest_fitting(panel.description, limit, fits)
    named, kept = list(names), list(settings)
    while not limit.fits(text := _join(description, named, kept, production.style)):
        (kept or named).pop()
    lost = settings[len(kept) :]
    return PanelPrompt(
        text, _note(limit, panel.description, description, lost, names[len(named) :])
    )


def _settings_of(panel: PanelCard) -> list[str]:
    """Return camera, place, time and light, as far as the description does not mention them."""
    size = panel.size if not panel.size or _SHOT.search(panel.size) else f"{panel.size} shot"
    angle = panel.angle if " " in panel.angle or not panel.angle else f"{panel.angle} angle"
    told = [size, angle, panel.place, panel.time, panel.light]
    return [one for one in dict.fromkeys(told) if one and not phrases_in(panel.description, [one])]


def _join(description: str, names: Sequence[str], settings: Sequence[str], style: str) -> str:
    """Join the parts of a prompt; "all three look up" leaves out who they are."""
    named = phrases_in(description, names)
    unnamed = [name for name in names if name not in named]
    company = f"In the picture: {', '.join(unnamed)}." if unnamed else ""
    setting = f"{titled(', '.join(settings))}." if settings else ""
    return " ".join(filter(None, (description, company, setting, style)))


def _longest_fitting(description: str, limit: PromptLimit, fits: Callable[[str], bool]) -> str:
    """Return the longest beginning of a description that fits; empty when none does."""
    cuts = (beginning for beginning in _beginnings(description) if limit.fits(beginning))
    longest = next(filter(fits, cuts), "")
    sentences = [match.end() for match in _SENTENCE_ENDS.finditer(longest)]
    whole = longest[: sentences[-1]] if sentences else ""
    enough = len(whole) >= _WHOLE_SENTENCES * len(longest)
    return whole if enough and fits(whole) else longest


def _beginnings(description: str) -> Iterator[str]:
    """Yield the beginnings of a description, the longest first."""
    for end in reversed([match.start() for match in _ENDS.finditer(description)]):
        if beginning := description[:end].rstrip(_HANGING):
            yield beginning


def _note(
    limit: PromptLimit, before: str, after: str, lost: Sequence[str], unnamed: Sequence[str]
) -> str:
    left_out = shorten(before[len(after) :].strip(), _MOST_QUOTED)
    parts = [f"left out of the description: “{left_out}”"]
    if lost:
        parts.append(f"left out: {', '.join(lost)}")
    if unnamed:
        parts.append(f"not named: {', '.join(unnamed)}")
    return f"The prompt is shortened to the {limit} that the model accepts; {'; '.join(parts)}."

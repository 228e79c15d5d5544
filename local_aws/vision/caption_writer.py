"""Captions composed from measured facts, in place of a multimodal model.

A caption names the given characters and says what `picture_facts` measured, in an order and wording
that the picture's hash chooses, in 20 to 30 words. It claims no actions, expressions or objects,
because the writer does not see them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from local_aws.vision.picture_facts import PictureFacts

LEAST_WORDS = 20
MOST_WORDS = 30
ATTEMPTS = 32

SENTENCES = (
    "{who} {seen} {place} {framing}, {light}, {setting}",
    "{light}, {who} {seen} {place} {framing}, {setting}",
    "{setting}, {who} {seen} {place}, {framing}, {light}",
    "{framing}, {who} {seen} {place}, {setting}, {light}",
    "{place} and {framing}, {who} {seen} {light}, {setting}",
    "{setting} and {light}, {who} {seen} {place}, {framing}",
)
FRAMINGS = {
    "close": ("in a tight close-up", "framed very closely", "in a close view that fills the frame"),
    "medium": ("in a medium view", "framed with a little room around", "at a moderate distance"),
    "full": ("in a wider view", "framed with much room around", "seen from some distance"),
}
SEEN_ONE = ("is seen", "appears", "is shown", "is pictured", "comes into view")
SEEN_SEVERAL = ("are seen", "appear", "are shown together", "are pictured", "share the view")


def write_caption(
    facts: PictureFacts,
    names: Sequence[str],
    avoid: Sequence[str],
    picture_hash: str,
    framing: str = "",
) -> str:
    """Return one sentence of 20 to 30 words (more only where the names alone are longer).

    `names` are the characters present; no word of `avoid` (traits, longer than three letters)
    is used; `picture_hash` picks order and wording. `framing` (full, medium, close) is taken as
    given; any other value is measured.
    """
    dice = _roll_dice(picture_hash)
    banned = {word for trait in avoid for word in re.findall(r"[a-z]{4,}|red", trait.lower())}
    pick = _Picker(dice, banned)
    framings = FRAMINGS.get(framing) or _list_framings(facts)
    sentence = _write_sentence(facts, names, framings, pick, banned)
    for _ in range(ATTEMPTS):
        if LEAST_WORDS <= _count_words(sentence) <= MOST_WORDS:
            break
        sentence = _write_sentence(facts, names, framings, pick, banned)
    starts_with_name = bool(names) and sentence.startswith(_join_names(names))
    return (sentence if starts_with_name else sentence[0].upper() + sentence[1:]) + "."


def _write_sentence(
    facts: PictureFacts,
    names: Sequence[str],
    framings: Sequence[str],
    pick: _Picker,
    banned: set[str],
) -> str:
    sentence = pick(SENTENCES).format(
        who=_join_names(names) or "the subject",
        seen=pick(SEEN_SEVERAL if len(names) > 1 else SEEN_ONE),
        place=pick(_list_places(facts)),
        framing=pick(framings),
        light=pick(_list_lights(facts)),
        setting=pick(_list_settings(facts, banned)),
    )
    for addition in pick.all(_list_additions(facts)):
        if _count_words(sentence) >= LEAST_WORDS + 2:
            break
        if _count_words(sentence) + _count_words(addition) <= MOST_WORDS:
            sentence += f", {addition}"
    return sentence


class _Picker:
    """Chooses wordings by the picture's hash, without those that have a banned word."""

    def __init__(self, dice: Iterator[int], banned: set[str]) -> None:
        self._dice = dice
        self._banned = banned

    def __call__(self, wordings: Sequence[str]) -> str:
        allowed = self.all(wordings) or ["before the background"]
        return allowed[next(self._dice) % len(allowed)]

    def all(self, wordings: Sequence[str]) -> list[str]:
        return [text for text in wordings if not self._banned & set(_split_words(text))]


def _list_places(facts: PictureFacts) -> tuple[str, ...]:
    if facts.subject_centre < 0.42:
        return "on the left", "left of the middle", "towards the left side"
    if facts.subject_centre > 0.58:
        return "on the right", "right of the middle", "towards the right side"
    return "in the middle", "at the centre", "in a centred position"


def _list_framings(facts: PictureFacts) -> tuple[str, ...]:
    if facts.subject_share > 0.6:
        return FRAMINGS["close"]
    if facts.subject_reaches_bottom:
        return "cut off by the lower edge", "cropped by the frame below", "in a medium view"
    return FRAMINGS["medium" if facts.subject_share > 0.35 else "full"]


def _list_lights(facts: PictureFacts) -> tuple[str, ...]:
    warmth = "warm" if facts.warmth > 4 else "cool" if facts.warmth < -4 else "neutral"
    if facts.brightness < 25:
        return f"in {warmth} and very dark light", f"under {warmth} light in deep shade"
    if facts.brightness < 48:
        return f"in dim, {warmth} light", f"under subdued and {warmth} light"
    if facts.brightness > 72:
        return f"in bright, {warmth} light", f"under clear and {warmth} daylight tones"
    return f"in even, {warmth} light", f"under steady and {warmth} light"


def _list_settings(facts: PictureFacts, banned: set[str]) -> tuple[str, ...]:
    named = [colour for colour in facts.surroundings if colour not in banned]
    colours = " and ".join(named[:2]) or "muted"
    texture = _name_texture(facts)
    settings = (
        f"against {texture} {colours} surroundings",
        f"before a {texture} background of {colours} tones",
        f"with {texture} {colours} tones all around",
    )
    if facts.sky_above_green:
        return ("with clear sky tones above and grass tones below", *settings)
    return settings


def _name_texture(facts: PictureFacts) -> str:
    if facts.background_detail < 0.015:
        return "plain"
    return "soft" if facts.background_detail < 0.07 else "richly detailed"


def _list_additions(facts: PictureFacts) -> tuple[str, ...]:
    contrast = "strong" if facts.contrast > 26 else "gentle" if facts.contrast < 14 else "balanced"
    faces = ("with one face turned to the viewer",) if facts.faces == 1 else ()
    if facts.faces > 1:
        faces = (f"with {facts.faces} faces turned to the viewer",)
    return (
        *faces,
        f"with {contrast} contrast between light and dark",
        "drawn clearly apart from what lies behind",
        "as one still moment of the film",
    )


def _join_names(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _split_words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def _count_words(text: str) -> int:
    return len(text.split())


def _roll_dice(picture_hash: str) -> Iterator[int]:
    state = picture_hash.encode()
    while True:
        state = hashlib.sha256(state).digest()
        yield from state

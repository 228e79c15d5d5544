"""A panel before it is drawn: what it shows, what is heard with it, and how long it stands."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from storyboard_ops.domain.base_record import Record

#: Characters of a panel's description, and of a line that is spoken in it.
MOST_DESCRIPTION, MOST_SPOKEN = 800, 2_000
#: Speeches of a panel, and characters of its sounds.
MOST_SPEECHES, MOST_SOUND = 1_000, 400
#: Characters of a short text, e.g. the size of a shot.
MOST_SHORT = 120
#: Length of one panel: ten minutes, in seconds and in frames at 60 per second.
MOST_SECONDS, MOST_FRAMES = 600, 36_000


def _is_text(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError('numbers of scenes, shots and panels are texts; write quotes, as in "010"')
    return value


ShortText = Annotated[str, Field(max_length=MOST_SHORT)]
#: A number as people write it: 010, 010A, 12B. Empty: it is not numbered yet.
NumberText = Annotated[
    str, BeforeValidator(_is_text), Field(pattern=r"^([0-9A-Z][0-9A-Z.-]{0,9})?$")
]


class SpokenLine(Record):
    """One speech, or a part of it, while the panel stands."""

    speaker: ShortText  # as the script writes it
    character: str = ""  # id of the cast; empty: somebody else
    text: str = Field(min_length=1, max_length=MOST_SPOKEN)
    parenthetical: ShortText = ""  # how it is spoken
    off: Literal["", "V.O.", "O.S."] = ""  # the speaker is heard, not seen
    dual: bool = False  # spoken at the same time as the speech before it


class PanelCard(Record):
    """What is known of a panel before it is drawn."""

    shot: NumberText = ""  # within the scene
    panel: NumberText = ""  # within the shot
    locked: bool = False  # the numbers stay, whatever changes around them
    description: str = Field(min_length=1, max_length=MOST_DESCRIPTION)  # what the picture shows
    characters: tuple[str, ...] = ()  # ids of the cast and the props in the picture
    seconds: float = Field(3.0, gt=0, le=MOST_SECONDS)
    frames: int | None = Field(None, gt=0, le=MOST_FRAMES)  # instead of seconds, where given
    size: ShortText = ""  # of the shot: wide, medium, close-up
    angle: ShortText = ""  # of the camera: eye level, low, from above
    lens: ShortText = ""
    move: ShortText = ""  # of the camera: pan left, push in
    light: ShortText = ""
    place: ShortText = ""
    time: ShortText = ""  # of the day
    dialogue: tuple[SpokenLine, ...] = Field((), max_length=MOST_SPEECHES)
    sound: str = Field("", max_length=MOST_SOUND)
    transition: ShortText = ""  # to the next panel: CUT TO, DISSOLVE TO
    lines: tuple[int, ...] = ()  # of the script, from 1, that it was made of
    note: str = Field("", max_length=400)  # for people


def panel_id(scene: str, shot: str, panel: str) -> str:
    """Return what a panel is called wherever it stands: the numbers of scene, shot and panel.

    >>> panel_id("12A", "010", "020")
    '12A-010-020'
    """
    return f"{scene}-{shot}-{panel}"


def split_panel_id(name: str) -> tuple[str, str, str]:
    """Return the numbers of scene, shot and panel; only that of the scene may have a hyphen."""
    scene, shot, panel = name.rsplit("-", 2)
    return scene, shot, panel


def panel_key(scene_number: str, card: PanelCard, place: int) -> str:
    """Return what choices call a panel: scene, shot and panel, ``12A-010-020``.

    A panel without numbers, as earlier versions drew them, is called by its place on the board.
    """
    named = bool(card.panel)
    return panel_id(scene_number, card.shot, card.panel) if named else f"panel-{place:03d}"

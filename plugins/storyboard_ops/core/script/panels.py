"""From a script to the scenes and panels of a production file, by plain rules.

    INT. LIGHTHOUSE - NIGHT

    Mira lifts the lamp. (4 s)

    BRAM (O.S.)
    Who is there?

    SOUND: thunder.

A heading opens a scene, a paragraph of action is a panel; ``(4 s)`` at its end is how long it is
shown. Who is in a panel is told by the names in it. Speech, sounds and transitions belong to the
panel before them; before the first action of a scene, speech and sounds belong to that. What is in
no panel is listed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from storyboard_ops.core.script.cast_names import named_cast
from storyboard_ops.core.script.durations import USUAL_RATE, Length, split_length
from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.scene_text import (
    WITHOUT_PANEL,
    Omissions,
    SceneText,
    ScriptText,
    read_script_text,
    why_left_out,
)
from storyboard_ops.core.script.speech import (
    SPEECH,
    heard_only,
    one_line_speech,
    spoken_lines,
    with_cues,
)
from storyboard_ops.core.script.split import split_text
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.production_sheet import Character
from storyboard_ops.domain.script_record import ScriptRecord
from storyboard_ops.domain.storyboard.panel_card import (
    MOST_DESCRIPTION,
    MOST_SHORT,
    MOST_SOUND,
    MOST_SPEECHES,
)

_SOUND = re.compile(
    r"(?:SFX|FX|SOUNDS?(?: EFFECTS?)?|AUDIO|MUSIC|ATMOS?|SON|TON|GERÄUSCHE?|MUSIK|MUSIQUE)"
    r"\s*(?:[:–—]|-\s)\s*(?P<heard>\S.*)",
    re.IGNORECASE,
)


def script_scenes(text: str, cast: Sequence[Character]) -> list[dict[str, Any]]:
    """Return the scenes of a script as a production file has them, unchecked.

    Panels before the first heading belong to a scene that is named "Scene". A scene without a
    panel is left out.
    """
    return read_scenes(text, cast, "the script")[0]


def read_scenes(
    text: str, cast: Sequence[Character], origin: str, frame_rate: float = USUAL_RATE
) -> tuple[list[dict[str, Any]], ScriptRecord]:
    """Return the scenes of a script as a production file has them, and what was read of it.

    ``origin`` names the script. ``frame_rate``: frames of a second, for lengths such as 4 s 12 f.
    Every line that is not blank is a heading, in a panel, or listed; a paragraph that is too long
    for one panel is in several. Raises BadInput for Final Draft's XML that cannot be read.
    """
    script = read_script_text(text, origin)
    omissions = Omissions()
    scenes = [plain_scene(scene, cast, omissions, frame_rate) for scene in script.scenes]
    drawn = [scene for scene in scenes if scene["panels"]]
    return drawn, script_record(script, drawn, omissions, origin)


def script_record(
    script: ScriptText, scenes: Sequence[dict[str, Any]], omissions: Omissions, origin: str
) -> ScriptRecord:
    """Return what was read of a script, given its scenes and what is in none of their panels."""
    for mark in script.marks:
        omissions.add(mark, why_left_out(mark))
    panels = [panel for scene in scenes for panel in scene["panels"]]
    used = [line for one in (*scenes, *panels) for line in one.get("lines", ())]
    return ScriptRecord(
        origin=origin,
        format=script.format,
        elements=script.counts,
        scenes=len(scenes),
        panels=len(panels),
        omitted=omissions.records(used),
    )


def plain_scene(
    scene: SceneText, cast: Sequence[Character], omissions: Omissions, frame_rate: float
) -> dict[str, Any]:
    """Return a scene with its panels; what is in none of them is added to ``omissions``."""
    panels = plain_panels(scene, scene.elements, cast, omissions, frame_rate)
    if scene.heading and not panels:
        omissions.add(scene.heading, WITHOUT_PANEL[Kind.SCENE_HEADING])
    number = {"number": scene.number} if scene.number else {}
    lines = {"lines": scene.lines} if scene.lines else {}
    return {"scene": scene.title, **number, **lines, "panels": panels}


def plain_panels(
    scene: SceneText,
    elements: Sequence[Element],
    cast: Sequence[Character],
    omissions: Omissions,
    frame_rate: float,
) -> list[dict[str, Any]]:
    """Return the panels of some elements of a scene, by the plain rules."""
    drafts = _Drafts(cast, omissions)
    for element in elements:
        drafts.add(element)
    return [panel for draft in drafts.finished() for panel in draft.panels(scene, cast, frame_rate)]


@dataclass
class _Draft:
    """A paragraph of action, and what belongs to it."""

    action: Element
    text: str
    length: Length | None = None
    also: list[Element] = field(default_factory=list)  # speech, sounds, transitions, a length
    sounds: list[str] = field(default_factory=list)

    def panels(
        self, scene: SceneText, cast: Sequence[Character], frame_rate: float
    ) -> list[dict[str, Any]]:
        """Return the panel, or those that a long paragraph is split into; the last one sounds."""
        parts = split_text(self.text, MOST_DESCRIPTION)
        lengths = split_in_parts(self.length, len(parts), frame_rate)
        heard = with_cues(self.also, scene.elements, cast)
        off = [who for who, offs in heard_only(heard, cast).items() if "O.S." in offs]
        made = []
        for part, length in zip(parts, lengths, strict=True):
            seen = [one for one in named_cast(part, cast) if one not in off]
            first = {"description": part, "characters": seen, "lines": self.action.lines}
            made.append({**first, **scene.place_and_time, **length})
        made[-1] |= self._heard(heard, cast)
        return made

    def _heard(self, speech: Sequence[Element], cast: Sequence[Character]) -> dict[str, Any]:
        lines = sorted({*self.action.lines, *(line for one in self.also for line in one.lines)})
        turns = [one.text for one in self.also if one.kind is Kind.TRANSITION]
        heard = {
            "dialogue": [
                line.model_dump(mode="json", exclude_defaults=True)
                for line in spoken_lines(speech, cast)
            ],
            "sound": shorten(" ".join(self.sounds), MOST_SOUND),
            "transition": shorten(" / ".join(turns), MOST_SHORT),
        }
        return {"lines": tuple(lines), **{name: one for name, one in heard.items() if one}}


class _Drafts:
    """Puts the elements of a scene into panels, one after another."""

    def __init__(self, cast: Sequence[Character], omissions: Omissions) -> None:
        self._omissions = omissions
        self._cast = cast
        self._made: list[_Draft] = []
        self._waiting: list[tuple[Element, str]] = []  # for the first panel: with its sound
        self._speeches = 0  # of the last panel

    def add(self, element: Element) -> None:
        if element.kind is not Kind.ACTION or one_line_speech(element, self._cast):
            self._attach(element)
        elif sound := heard_sound(element.text):
            self._attach(element, sound)
        else:
            self._draw(element)

    def finished(self) -> list[_Draft]:
        """Return the panels, and list what waits for one in vain."""
        for element, _ in self._waiting:
            is_heard = element.kind is Kind.ACTION
            reason = WITHOUT_PANEL[Kind.DIALOGUE if is_heard else element.kind]
            self._omissions.add(element, reason)
        self._waiting = []
        return self._made

    def _draw(self, element: Element) -> None:
        text, length = split_length(element.text)
        last = self._made[-1] if self._made else None
        if any(letter.isalnum() for letter in text):
            self._made.append(_Draft(element, text, length))
            self._speeches = 0
            waiting, self._waiting = self._waiting, []
            for waited, sound in waiting:
                self._attach(waited, sound)
        elif length is not None and last is not None and last.length is None:
            last.length = length
            last.also.append(element)
        else:
            self._omissions.add(element, WITHOUT_PANEL[Kind.ACTION])

    def _attach(self, element: Element, sound: str = "") -> None:
        """Add an element to the last panel, or let it wait for the first one of the scene."""
        if not self._made:
            if element.kind is Kind.TRANSITION:
                self._omissions.add(element, WITHOUT_PANEL[element.kind])
            else:
                self._waiting.append((element, sound))
            return
        self._speeches += element.kind in (Kind.DIALOGUE, Kind.LYRICS)
        if element.kind in SPEECH and self._speeches > MOST_SPEECHES:
            self._omissions.add(element, "is more than one panel can hold")
            return
        self._made[-1].also.append(element)
        if sound:
            self._made[-1].sounds.append(sound)


def heard_sound(text: str) -> str:
    """Return the sound of a paragraph such as ``SFX: thunder``; "" for other paragraphs."""
    match = _SOUND.fullmatch(text)
    return match["heard"] if match else ""


def split_in_parts(length: Length | None, parts: int, frame_rate: float) -> list[dict[str, Any]]:
    """Return a length as fields of a panel, or of each of the panels that share it."""
    if length is None:
        return [{}] * parts
    seconds = {"seconds": round(length.in_seconds(frame_rate) / parts, 3)}
    if not length.frames:
        return [seconds] * parts
    each, more = divmod(length.in_frames(frame_rate), parts)
    return [
        {"seconds": seconds["seconds"], "frames": max(1, each + (at < more))} for at in range(parts)
    ]

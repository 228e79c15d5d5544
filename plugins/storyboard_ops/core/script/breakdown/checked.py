"""From proposals to panels in which every line of the scene is, or a named omission.

Speech stays together with its cue, transitions with the panel before them. Lines that the model
left out twice become panels by the plain rules, with a note. The script decides what is spoken, how
long a panel is where it says so, and who is heard only; the model decides the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from storyboard_ops.core.script.breakdown.answer import ParsedBreakdown, Proposal
from storyboard_ops.core.script.breakdown.request import Chunk, ScenePart
from storyboard_ops.core.script.cast_names import is_word, named_cast
from storyboard_ops.core.script.durations import Length, split_length
from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.panels import heard_sound, plain_panels, split_in_parts
from storyboard_ops.core.script.scene_text import WITHOUT_PANEL, Omissions, SceneText
from storyboard_ops.core.script.speech import (
    one_line_speech,
    speeches_by_line,
    spoken_lines,
    with_cues,
)
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.production_sheet import Character
from storyboard_ops.domain.storyboard.panel_card import (
    MOST_SHORT,
    MOST_SOUND,
    MOST_SPEECHES,
    PanelCard,
)

BY_RULES = "The model gave no panel for these lines; plain rules made it."


def missing_elements(chunk: Chunk, parsed: Sequence[ParsedBreakdown]) -> list[Element]:
    """Return the elements of a chunk that no answer has put anywhere.

    Those that can only belong to one panel are not missing: the rest of a speech of which a panel
    has a part, a transition after a panel.
    """
    used = {line for one in parsed for line in one.used}
    missing = []
    for part in chunk.parts:
        speeches = speeches_by_line(part.elements)
        in_panel = False
        for element in part.elements:
            if element.line in used:
                in_panel = True
                continue
            group = speeches.get(element.line, ())
            belongs = element.kind is Kind.TRANSITION and in_panel
            if not belongs and not any(one.line in used for one in group):
                missing.append(element)
    return missing


@dataclass
class CheckedScene:
    """A scene with the panels that were made of all answers about it."""

    scene: SceneText
    panels: list[Proposal] = field(default_factory=list)
    omitted: dict[int, tuple[Element, str]] = field(default_factory=dict)


def check_scenes(
    scenes: Sequence[SceneText],
    answers: Iterable[tuple[Chunk, Sequence[ParsedBreakdown]]],
    cast: Sequence[Character],
    frame_rate: float,
) -> list[CheckedScene]:
    """Put every element of the scenes into one panel or an omission, in the order of the script."""
    checked = [CheckedScene(scene) for scene in scenes]
    for chunk, parsed in answers:
        for one in parsed:
            for proposal in one.panels:
                checked[proposal.part.position].panels.append(proposal)
            for element, reason in one.omitted:
                position = chunk.part_of(element).position
                checked[position].omitted[element.line] = (element, reason)
    for position, scene in enumerate(checked):
        scene.panels.sort(key=lambda panel: panel.elements[0].line)
        _complete(scene, position, cast, frame_rate)
    return checked


def panel_cards(
    scene: CheckedScene, cast: Sequence[Character], frame_rate: float
) -> list[PanelCard]:
    """Return the panels of a scene, numbered in steps of ten within its shots."""
    in_scene = _seen_in(scene.scene.elements, cast)
    numbers = _numbers(scene.panels)
    shares = _shares(scene.panels)
    return [
        PanelCard.model_validate(
            {
                **scene.scene.place_and_time,
                **panel.fields,
                **_lengths(panel, shares, frame_rate),
                **_heard(panel, scene.scene.elements, cast),
                "characters": _in_frame(panel, cast, in_scene),
                "shot": shot,
                "panel": number,
                "lines": sorted({line for one in panel.elements for line in one.lines}),
                "note": panel.note,
            }
        )
        for panel, (shot, number) in zip(scene.panels, numbers, strict=True)
    ]


def _complete(
    scene: CheckedScene, position: int, cast: Sequence[Character], frame_rate: float
) -> None:
    """Place what no answer has placed: with what it belongs to, or by the plain rules."""
    used = {one.line for panel in scene.panels for one in panel.elements} | scene.omitted.keys()
    speeches = speeches_by_line(scene.scene.elements)
    waiting: list[Element] = []
    for element in scene.scene.elements:
        if element.line in used:
            continue
        used.add(element.line)
        mates = {one.line for one in speeches.get(element.line, ())}
        panel = _last_before(scene.panels, element, mates)
        if made := _plain(scene, position, element, cast, frame_rate):
            _insert(scene.panels, made)
        elif panel is not None:
            panel.elements.append(element)
        else:
            waiting.append(element)
    for element in waiting:
        if scene.panels and element.kind is not Kind.TRANSITION:
            scene.panels[0].elements.append(element)
        else:
            scene.omitted[element.line] = (element, WITHOUT_PANEL[element.kind])
    for panel in scene.panels:
        panel.elements.sort(key=lambda element: element.line)


def _plain(
    scene: CheckedScene,
    position: int,
    element: Element,
    cast: Sequence[Character],
    frame_rate: float,
) -> list[Proposal]:
    if element.kind is not Kind.ACTION:
        return []
    part = ScenePart(scene.scene, position, scene.scene.elements)
    made = plain_panels(scene.scene, [element], cast, Omissions(), frame_rate)
    fields = [{name: panel[name] for name in ("description", "characters")} for panel in made]
    return [Proposal(part, [element], one, note=BY_RULES) for one in fields]


def _insert(panels: list[Proposal], made: Sequence[Proposal]) -> None:
    line = made[0].elements[0].line
    at = next((at for at, one in enumerate(panels) if one.elements[0].line > line), len(panels))
    panels[at:at] = made


def _last_before(panels: Sequence[Proposal], element: Element, mates: set[int]) -> Proposal | None:
    """Return the panel with the rest of the speech, or else the last one that begins before."""
    for panel in panels:
        if any(one.line in mates for one in panel.elements):
            return panel
    before = [panel for panel in panels if panel.elements[0].line < element.line]
    return before[-1] if before else None


def _numbers(panels: Sequence[Proposal]) -> list[tuple[str, str]]:
    """Number shots and panels in steps of ten; a shot goes on while the model counts the same."""
    numbers: list[tuple[str, str]] = []
    shot = panel = 0
    before: Proposal | None = None
    for one in panels:
        goes_on = before and one.shot and one.shot == before.shot and one.part is before.part
        shot, panel = (shot, panel + 10) if goes_on else (shot + 10, 10)
        numbers.append((f"{shot:03d}", f"{panel:03d}"))
        before = one
    return numbers


def _shares(panels: Sequence[Proposal]) -> dict[int, int]:
    """Count in how many panels each element is, by its first line."""
    counts: dict[int, int] = {}
    for panel in panels:
        for element in panel.elements:
            counts[element.line] = counts.get(element.line, 0) + 1
    return counts


def _lengths(panel: Proposal, shares: dict[int, int], frame_rate: float) -> dict[str, Any]:
    """Return the length that the script gives; a paragraph in several panels shares it."""
    given = [
        (length, shares[element.line])
        for element in panel.elements
        if element.kind is Kind.ACTION
        for _, length in [split_length(element.text)]
        if length is not None
    ]
    if not given:
        return {}
    parts = [split_in_parts(length, count, frame_rate)[0] for length, count in given]
    if len(parts) == 1:
        return parts[0]
    seconds = sum(part["seconds"] for part in parts)
    return split_in_parts(Length(seconds), 1, frame_rate)[0]


def _heard(
    panel: Proposal, in_scene: Sequence[Element], cast: Sequence[Character]
) -> dict[str, Any]:
    """Return the dialogue and the transition of the script, and its sounds where none is given."""
    spoken = spoken_lines(with_cues(panel.elements, in_scene, cast), cast)
    turns = [one.text for one in panel.elements if one.kind is Kind.TRANSITION]
    sounds = [sound for one in panel.elements if (sound := _sound(one))]
    heard: dict[str, Any] = {"dialogue": spoken[:MOST_SPEECHES]}
    if turns:
        heard["transition"] = shorten(" / ".join(turns), MOST_SHORT)
    if sounds and not panel.fields.get("sound"):
        heard["sound"] = shorten(" ".join(sounds), MOST_SOUND)
    return heard


def _sound(element: Element) -> str:
    return heard_sound(element.text) if element.kind is Kind.ACTION else ""


def _seen_in(elements: Sequence[Element], cast: Sequence[Character]) -> set[str]:
    """Return who is named in the action of these elements, or speaks and is seen."""
    spoken = spoken_lines(with_cues(elements, elements, cast), cast)
    speaking = {one.character for one in spoken if not one.off}
    return _named(elements, cast) | (speaking - {""})


def _named(elements: Sequence[Element], cast: Sequence[Character]) -> set[str]:
    action = [one for one in elements if one.kind is Kind.ACTION and not one_line_speech(one, cast)]
    return {identity for one in action for identity in named_cast(one.text, cast)}


def _in_frame(panel: Proposal, cast: Sequence[Character], in_scene: set[str]) -> list[str]:
    """Return who is in the picture: nobody who is only heard, no word taken for a name."""
    spoken = spoken_lines(with_cues(panel.elements, panel.part.scene.elements, cast), cast)
    speaking = {one.character for one in spoken if not one.off}
    off = {one.character for one in spoken if one.off == "O.S."} - speaking
    over = {one.character for one in spoken if one.off == "V.O."}
    over -= speaking | _named(panel.elements, cast)
    words = {one.id for one in cast if is_word(one.name)} - in_scene
    return [one for one in panel.fields.get("characters", ()) if one not in off | over | words]

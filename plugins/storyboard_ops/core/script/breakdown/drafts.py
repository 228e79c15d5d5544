"""Scenes as people get them: panels, omissions, and the script beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from storyboard_ops.core.script.breakdown.checked import CheckedScene, panel_cards
from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.panels import plain_scene
from storyboard_ops.core.script.scene_text import (
    LEFT_OUT,
    Omissions,
    SceneText,
    ScriptText,
    why_left_out,
)
from storyboard_ops.core.script.speech import one_line_speech, speeches_by_line, spoken_lines
from storyboard_ops.domain.production_sheet import Character
from storyboard_ops.domain.script_record import OmittedLine
from storyboard_ops.domain.storyboard.breakdown import SceneDraft, SourceUnit
from storyboard_ops.domain.storyboard.panel_card import PanelCard


def plain_drafts(
    script: ScriptText, cast: Sequence[Character], frame_rate: float
) -> list[SceneDraft]:
    """Return the scenes of a script with the panels that the plain rules make."""
    drafts = []
    for position, scene in enumerate(script.scenes):
        omissions = Omissions()
        panels = plain_scene(scene, cast, omissions, frame_rate)["panels"]
        cards = [PanelCard.model_validate(panel) for panel in panels]
        drafts.append(_draft(script, position, cards, omissions, cast))
    return drafts


def checked_drafts(
    script: ScriptText,
    checked: Sequence[CheckedScene],
    cast: Sequence[Character],
    frame_rate: float,
) -> list[SceneDraft]:
    """Return the scenes of a script with the panels that a model has made."""
    drafts = []
    for position, scene in enumerate(checked):
        omissions = Omissions(list(scene.omitted.values()))
        cards = panel_cards(scene, cast, frame_rate)
        drafts.append(_draft(script, position, cards, omissions, cast))
    return drafts


def outside_scenes(script: ScriptText) -> tuple[OmittedLine, ...]:
    """Return what is before the first scene: the title page, notes."""
    first = script.scenes[0].lines[:1] if script.scenes else ()
    omissions = Omissions()
    for mark in script.marks:
        if not script.scenes or (first and mark.line < first[0]):
            omissions.add(mark, why_left_out(mark))
    return omissions.records(())


def _draft(
    script: ScriptText,
    position: int,
    panels: Sequence[PanelCard],
    omissions: Omissions,
    cast: Sequence[Character],
) -> SceneDraft:
    scene = script.scenes[position]
    marks = _marks(script, position)
    for mark in marks:
        omissions.add(mark, why_left_out(mark))
    # A heading without a picture stays the heading of its scene here.
    omissions.listed = [one for one in omissions.listed if one[0] is not scene.heading]
    elements = sorted([*scene.elements, *marks], key=lambda element: element.line)
    used = [*scene.lines, *(line for panel in panels for line in panel.lines)]
    return SceneDraft(
        id=f"{position + 1:04d}",
        scene=scene.title,
        number=scene.number,
        lines=scene.lines,
        units=tuple(_unit(element, scene, cast) for element in elements),
        panels=tuple(panels),
        omitted=omissions.records(used),
    )


def _marks(script: ScriptText, position: int) -> list[Element]:
    """Return notes and other marks between the heading of a scene and the next one."""
    start = script.scenes[position].lines[:1] or (0,)
    after = script.scenes[position + 1].lines[:1] if position + 1 < len(script.scenes) else ()
    end = after[0] if after else float("inf")
    return [mark for mark in script.marks if start[0] <= mark.line < end]


def _unit(element: Element, scene: SceneText, cast: Sequence[Character]) -> SourceUnit:
    is_drawn = element.kind not in LEFT_OUT
    fields: dict[str, Any] = {"line": element.line, "lines": element.lines, "drawn": is_drawn}
    spoken = spoken_lines(_speech_of(element, scene, cast), cast)
    return SourceUnit(kind=str(element.kind), text=_text(element), spoken=spoken, **fields)


def _speech_of(element: Element, scene: SceneText, cast: Sequence[Character]) -> list[Element]:
    """Return a dialogue with its cue and what says how it is spoken."""
    if speech := one_line_speech(element, cast):
        return speech
    if element.kind not in (Kind.DIALOGUE, Kind.LYRICS):
        return []
    speech = speeches_by_line(scene.elements)[element.line]
    at = speech.index(element)
    cue = [one for one in speech[:1] if one.kind is Kind.CHARACTER]
    manner = [one for one in speech[max(at - 1, 0) : at] if one.kind is Kind.PARENTHETICAL]
    return [*cue, *manner, element]


def _text(element: Element) -> str:
    extensions = "".join(f" ({extension})" for extension in element.extensions)
    return f"{element.text}{extensions}{' ^' if element.dual else ''}"

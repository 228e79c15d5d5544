"""The breakdown as people have edited it: every line is in a panel still, or a named omission."""

from __future__ import annotations

from collections.abc import Mapping

from storyboard_ops.domain.script_record import OmittedLine
from storyboard_ops.domain.storyboard.breakdown import Breakdown, SceneContent, SceneDraft
from storyboard_ops.domain.storyboard.panel_card import PanelCard

#: Why lines are omitted that a person has taken from all panels without a word.
UNASSIGNED = "was left out by {}"


def edited(breakdown: Breakdown, contents: Mapping[str, tuple[SceneContent, str]]) -> Breakdown:
    """Return the breakdown with what people made of scenes; ``contents``: by id, and who did it."""
    scenes = [
        _edited_scene(scene, *contents[scene.id]) if scene.id in contents else scene
        for scene in breakdown.scenes
    ]
    return breakdown.model_copy(update={"scenes": tuple(scenes)})


def unassigned(scene: SceneDraft, content: SceneContent) -> list[int]:
    """Return the first lines of units that are in no panel and no omission of a scene."""
    used = _lines_of(content)
    return [unit.line for unit in scene.units if unit.drawn and not used.issuperset(unit.lines)]


def unknown_lines(scene: SceneDraft, content: SceneContent) -> list[int]:
    """Return the lines of panels and omissions that are not lines of the scene."""
    known = {line for unit in scene.units for line in unit.lines}
    return sorted(_lines_of(content) - known)


def _edited_scene(scene: SceneDraft, content: SceneContent, by: str) -> SceneDraft:
    """Return a scene with other panels: renumbered, without a line that is nowhere."""
    missing = unassigned(scene, content)
    used = _lines_of(content)
    left = [
        OmittedLine(
            line=unit.line,
            kind=unit.kind,
            text=unit.text[:200],
            reason=UNASSIGNED.format(by),
            lines=tuple(line for line in unit.lines if line not in used),
        )
        for unit in scene.units
        if unit.line in missing
    ]
    omitted = sorted((*content.omitted, *left), key=lambda one: one.line)
    panels = numbered(content.panels)
    return scene.with_content(SceneContent(panels=panels, omitted=tuple(omitted)))


def numbered(panels: tuple[PanelCard, ...]) -> tuple[PanelCard, ...]:
    """Number panels in steps of ten in their order; a shot goes on while its number stays.

    Panels whose numbers are locked keep them, and panels without numbers stay without.
    """
    made: list[PanelCard] = []
    shot = panel = 0
    before = ""
    for card in panels:
        shot, panel = (shot, panel + 10) if before and card.shot == before else (shot + 10, 10)
        before = card.shot
        numbers = {"shot": f"{shot:03d}", "panel": f"{panel:03d}"}
        keeps = card.locked or not card.shot
        made.append(card if keeps else card.model_copy(update=numbers))
    return tuple(made)


def _lines_of(content: SceneContent) -> set[int]:
    in_panels = {line for panel in content.panels for line in panel.lines}
    return in_panels | {line for omitted in content.omitted for line in omitted.lines}

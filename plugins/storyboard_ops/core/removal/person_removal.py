"""Remove a character from a production."""

from __future__ import annotations

from collections.abc import Iterable

from storyboard_ops.domain.production_sheet import Production, ScriptScene


def without_character(sheet: Production, character: str) -> Production | None:
    """Return the sheet without a character and the panels that show them.

    Returns None when no character would be left, or no panel of a sheet that had some.
    """
    characters = tuple(one for one in sheet.characters if one.id != character)
    scenes = scenes_without(sheet.storyboard, character)
    if not characters or (sheet.storyboard and not scenes):
        return None
    return sheet.model_copy(update={"characters": characters, "storyboard": scenes})


def scenes_without(scenes: Iterable[ScriptScene], character: str) -> tuple[ScriptScene, ...]:
    """Return scenes without the panels that show a character, and without those left empty."""
    left = []
    for scene in scenes:
        panels = tuple(panel for panel in scene.panels if character not in panel.characters)
        if panels:
            left.append(scene.model_copy(update={"panels": panels}))
    return tuple(left)

"""Remove a character from a production."""

from __future__ import annotations

from storyboard_ops.domain.production_sheet import Production


def without_character(sheet: Production, character: str) -> Production | None:
    """Return the sheet without a character and the panels that show them.

    Returns None when no character or no panel would be left: such a sheet is not valid.
    """
    characters = tuple(one for one in sheet.characters if one.id != character)
    scenes = []
    for scene in sheet.storyboard:
        panels = tuple(panel for panel in scene.panels if character not in panel.characters)
        if panels:
            scenes.append(scene.model_copy(update={"panels": panels}))
    if not characters or not scenes:
        return None
    return sheet.model_copy(update={"characters": characters, "storyboard": tuple(scenes)})

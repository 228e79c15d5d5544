"""Numbers for the panels of earlier versions, which had none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from storyboard_ops.core.storyboard.revisions.revise import number_by_position
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.production_sheet import MOST_HEADING, ScriptScene
from storyboard_ops.domain.storyboard.panel_card import MOST_DESCRIPTION, PanelCard


def with_numbers(panels: Iterable[Panel]) -> list[Panel]:
    """Return panels in order, each with the numbers of its scene, its shot and itself.

    Without them, consecutive panels of one source under the same heading are a scene, and the
    numbers are those of a first revision.
    """
    in_order = sorted(panels, key=lambda panel: (panel.source, panel.number))
    if all(map(is_numbered, in_order)):
        return sorted(in_order, key=lambda panel: panel.number)
    groups = groupby(in_order, key=lambda panel: panel.source)
    return [panel for _, group in groups for panel in _number(list(group))]


def is_numbered(panel: Panel) -> bool:
    """Return whether a panel was drawn by a version that gives numbers."""
    return bool(panel.scene_number and panel.shot and panel.panel)


def _number(in_order: Sequence[Panel]) -> list[Panel]:
    scenes = [
        ScriptScene(scene=shorten(heading, MOST_HEADING), panels=tuple(map(_card, group)))
        for heading, group in groupby(in_order, key=lambda panel: panel.scene)
    ]
    numbers = [
        {"scene_number": scene.number, "shot": card.shot, "panel": card.panel}
        for scene in number_by_position(scenes)
        for card in scene.panels
    ]
    return [
        panel.model_copy(update=update) for panel, update in zip(in_order, numbers, strict=True)
    ]


def _card(panel: Panel) -> PanelCard:
    return PanelCard(description=shorten(panel.description, MOST_DESCRIPTION))

"""Choose the candidate that each panel shows, where no film is there to measure likeness with."""

from __future__ import annotations

import logging
from typing import Any

from storyboard_ops.core.storyboard.chosen_candidates import choose_candidates
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.report.run_figures import PanelFigures, count_panels
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.choosing.carry import fresh_panels
from storyboard_ops.steps.storyboard.drawn.chosen_panels import characters_of, write_chosen
from storyboard_ops.steps.storyboard.see_panels import see_cast

log = logging.getLogger(__name__)


def choose_pictures(tools: ToolBox[Any], drawn: ManifestRef) -> PanelFigures:
    """Choose by the right characters, the number of figures and sharpness; mark what is wrong.

    Panels that an earlier board had already stay as they are. That is written to CHOSEN. Raises
    BatchFailed when too many pictures cannot be examined.
    """
    panels = tools.manifests.read(drawn, Panel, "panels").records
    fresh = fresh_panels(tools, panels)
    with tools.booking("cast"):
        seen = see_cast(tools, [panel for panel in fresh if not panel.failure])
    best = choose_candidates(fresh, seen.panels, (), characters_of(tools.production))
    by_place = {panel.number: panel for panel in best}
    chosen = [by_place.get(panel.number, panel) for panel in panels]
    write_chosen(tools, drawn, chosen, tools.settings.detection_model_id)
    figures = count_panels(chosen)
    log.info("%d of %d panels drawn. %s", figures.drawn, figures.planned, figures.remark)
    return figures

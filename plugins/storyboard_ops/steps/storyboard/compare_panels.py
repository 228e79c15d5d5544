"""Measure what else the panels were drawn with, beside the run's own source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from storyboard_ops.core.storyboard.compared_sources import SourceFigures, compare_sources
from storyboard_ops.core.storyboard.consistency import SeenPanel
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.settings.pictures import FigureSection
from storyboard_ops.domain.training.panel_sources import AnySource
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.drawing_task import COMPARED
from storyboard_ops.steps.storyboard.film_gallery import FilmGallery
from storyboard_ops.steps.storyboard.see_panels import see_panels
from storyboard_ops.steps.training.job_plan import price_sources


def find_compared(tools: ToolBox[Any], shown: ManifestRef) -> tuple[Panel, ...]:
    """Return the panels that the job of the shown ones has drawn to compare with; else none."""
    found = tools.manifests.latest(tools.run_root / COMPARED)
    if found is None or found[1].input_digest != tools.manifests.header(shown).input_digest:
        return ()
    return tuple(tools.manifests.read(found[0], Panel, "panels").records)


def compare_panels(
    tools: ToolBox[FigureSection],
    film: FilmGallery,
    own: Mapping[AnySource, Sequence[SeenPanel]],
    compared: Sequence[Panel],
    pictures: int,
) -> tuple[SourceFigures, ...]:
    """Return the figures by source, ``own`` first; none when nothing was drawn to compare.

    ``pictures``: number of training pictures, which a source's price depends on.
    """
    others: dict[AnySource, list[Panel]] = {}
    for panel in compared:
        others.setdefault(panel.source, []).append(panel)
    if not others:
        return ()
    seen = dict(own)
    for source, panels in others.items():
        seen[source] = see_panels(tools, [one for one in panels if not one.failure]).panels
    count = max(map(len, others.values()))
    return compare_sources(seen, film.gallery, price_sources(tools, seen, pictures, count))

"""Measure how much the figures in the drawn panels look like the approved characters.

Where panels have candidates, all of them are measured, and the best of each panel is shown.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from storyboard_ops.core.dataset.split import split_by_shot
from storyboard_ops.core.storyboard.chosen_candidates import (
    choose_candidates,
    first_only,
    shown_only,
)
from storyboard_ops.core.storyboard.compared_sources import is_training_worth
from storyboard_ops.core.storyboard.consistency import ConsistencyFigures, measure
from storyboard_ops.core.storyboard.measured_storyboard import MeasuredStoryboard, summarize
from storyboard_ops.core.storyboard.method_check import check_method
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.image_records import ImageRecord, Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.settings.pictures import FigureSection
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.compare_panels import compare_panels, find_compared
from storyboard_ops.steps.storyboard.drawn.chosen_panels import characters_of, write_chosen
from storyboard_ops.steps.storyboard.film_gallery import FilmGallery, embed_gallery
from storyboard_ops.steps.storyboard.see_panels import see_candidates, see_painted_out

log = logging.getLogger(__name__)

RESULT = "storyboard/consistency.json"


def measure_consistency(
    tools: ToolBox[FigureSection], panels: ManifestRef, dataset: TrainingSet
) -> MeasuredStoryboard:
    """Measure panels against the held-out pictures of a dataset; written to RESULT.

    Of candidates the best of each panel is chosen; what shows the wrong characters is marked. That
    is written to CHOSEN. A character without
    held-out pictures has no figures: with training pictures as references, copying would be
    rewarded. Raises BatchFailed when too many panels cannot be measured.
    """
    drawn = tools.manifests.read(panels, Panel, "panels").records
    rows = tools.manifests.stream(dataset.images, ImageRecord, "images")
    with tools.booking("consistency"):
        pictures = [image for image in rows if image.kept]
        chosen, measured = _measure(tools, drawn, find_compared(tools, panels), pictures)
    models = (tools.settings.embedding_model_id, tools.settings.detection_model_id)
    write_chosen(tools, panels, chosen, *models)
    tools.write_record(RESULT, measured)
    log.info("%s", " ".join(filter(None, (measured.summary, measured.worth))))
    return measured


def _measure(
    tools: ToolBox[FigureSection],
    drawn: Sequence[Panel],
    compared: Sequence[Panel],
    pictures: Sequence[ImageRecord],
) -> tuple[list[Panel], MeasuredStoryboard]:
    """Return the panels with their chosen candidates, and the figures."""
    split = split_by_shot(pictures)
    held_out, trained = (
        [picture for picture in pictures if picture.image_id in ids]
        for ids in (set(split.evaluation), set(split.training))
    )
    film = embed_gallery(tools, held_out, trained)
    panels = [panel for panel in drawn if not panel.failure]
    seen = see_candidates(tools, panels)
    every = measure(seen.panels, film.gallery)
    chosen = choose_candidates(drawn, seen.panels, every.sightings, characters_of(tools.production))
    figures = measure(shown_only(chosen, seen.panels), film.gallery)
    own = {panel.source: first_only(panels, seen.panels) for panel in drawn[:1]}
    reasons = _reasons(panels, film)
    named = {tools.production.display_name(name): reason for name, reason in reasons.items()}
    all_of = every if any(panel.candidates for panel in panels) else None
    return chosen, MeasuredStoryboard(
        figures=figures,
        candidates=all_of,
        sources=(sources := compare_panels(tools, film, own, compared, len(trained))),
        worth=is_training_worth(sources),
        check=check_method(film.gallery, see_painted_out(tools, film, pictures)),
        nearest=_nearest_pictures(figures, film),
        not_measured=seen.failures,
        without_likeness=reasons,
        embedding_model=tools.settings.embedding_model_id,
        detection_model=tools.settings.detection_model_id,
        summary=summarize(figures.likeness, named, all_of.likeness if all_of else None),
    )


def _reasons(panels: Sequence[Panel], film: FilmGallery) -> dict[str, str]:
    """Say why characters of the script have no likeness."""
    cast = sorted({character for panel in panels for character in panel.characters})
    reasons = {}
    for character in cast:
        if character not in film.held_out:
            reasons[character] = "no picture that shows it alone was held out of training"
        elif character not in film.gallery.leads:
            reasons[character] = "no training picture shows it alone"
        elif film.gallery.leads[character] <= 0:
            reasons[character] = "its own pictures look no more like it than like others"
    return reasons


def _nearest_pictures(figures: ConsistencyFigures, film: FilmGallery) -> dict[str, dict[str, str]]:
    """Name the training picture that each figure is most like, by panel and character."""
    nearest: dict[str, dict[str, str]] = {}
    for one in figures.sightings:
        if one.nearest_training is not None:
            image_id = film.copyable[one.character][one.nearest_training]
            nearest.setdefault(one.panel, {})[one.character] = image_id
    return nearest

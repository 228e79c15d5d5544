"""Lay out the panel board of a run: thumbnails, reference pictures, and what earlier runs showed.

storyboard/panel_board.json  what the page shows beside the panels, see ``PanelBoard``
storyboard/thumbs/{sha}.jpg  a thumbnail of every picture, so that a board of 900 panels scrolls
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from storyboard_ops.core.detection.reference_pictures import reference_pictures
from storyboard_ops.core.pictures.codec import MODEL_SIDE, decode_rgb, encode_jpeg, fit_within
from storyboard_ops.core.preflight.request_tokens import detection_tokens
from storyboard_ops.core.report.even_choice import evenly
from storyboard_ops.core.storyboard.choosing.figures import figures_of_choice
from storyboard_ops.core.storyboard.measured_storyboard import MeasuredStoryboard
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.image_records import ImageRecord, Panel
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import NONE_OF_THEM
from storyboard_ops.domain.settings.pictures import FinderSection
from storyboard_ops.domain.storyboard.panel_board import (
    EarlierPicture,
    PanelBoard,
    ReferencePicture,
)
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.steps.detection.detectors import DETECTION_PROMPT
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.choosing.board import BOARD, THUMBS
from storyboard_ops.steps.storyboard.choosing.carry import earlier_tools
from storyboard_ops.steps.storyboard.drawn.shown_panels import shown_panels
from storyboard_ops.steps.storyboard.measure_consistency import RESULT
from storyboard_ops.steps.storyboard.reference_choice import why_no_references

log = logging.getLogger(__name__)

THUMB_SIDE, THUMB_QUALITY = 320, 75
#: Approved pictures of each character that a redraw can be shown, spread over the films.
MOST_APPROVED = 60
#: Earlier pictures that a board remembers.
MOST_EARLIER = 2_000
REVIEWED = "review/images.jsonl"
DETECTION_MODEL = FinderSection.model_fields["detection_model_id"].get_default()
#: Reference pictures are stored by their digests.
_DIGEST = re.compile(r"[0-9a-f]{64}(?=\.png$)")


def lay_out_panels(tools: ToolBox[Any]) -> PanelBoard | None:
    """Write the panel board of a run; None when it shows no panels."""
    ref = shown_panels(tools)
    if ref is None:
        return None
    panels = tools.manifests.read(ref, Panel, "panels").records
    earlier = earlier_tools(tools)
    before = earlier.read_record(BOARD, PanelBoard) if earlier else None
    references = _references(tools, before)
    pictures = {one.sha256: one.uri for panel in panels for one in panel.choosable}
    _make_thumbnails(tools, pictures | {one.id: one.uri for one in references})
    board = PanelBoard(
        panels=ref,
        laid_out_at=iso(tools.clock()),
        references=references,
        no_references=_why_no_references(tools),
        detection_tokens=_count_detection_tokens(tools),
        earlier=_earlier_pictures(earlier, before, panels) if earlier else (),
    )
    if earlier:
        _carry_figures(tools, earlier, panels)
    tools.write_record(BOARD, board)
    return board


def _references(tools: ToolBox[Any], before: PanelBoard | None) -> tuple[ReferencePicture, ...]:
    """Return the production's pictures, then the approved ones: this run's, or an earlier's."""
    listed = [(one.id, uri) for one in tools.production.characters for uri in one.references]
    own = [
        ReferencePicture(id=found[0], uri=uri, character=character, approved=False)
        for character, uri in listed
        if (found := _DIGEST.search(uri))
    ]
    inherited = [one for one in before.references if one.approved] if before else []
    return (*own, *(_approved(tools) or inherited))


def _approved(tools: ToolBox[Any]) -> list[ReferencePicture]:
    found = tools.manifests.latest(tools.run_root / REVIEWED)
    if found is None:
        return []
    by_character: dict[str, list[ImageRecord]] = {}
    for one in tools.manifests.stream(found[0], ImageRecord, "images"):
        if one.kept:
            by_character.setdefault(one.character, []).append(one)
    return [
        ReferencePicture(id=one.image_id, uri=one.uri, character=one.character, approved=True)
        for own in by_character.values()
        for one in evenly(tuple(own), MOST_APPROVED)
    ]


def _make_thumbnails(tools: ToolBox[Any], pictures: Mapping[str, str]) -> None:
    """Make the thumbnails that are missing; the page shows the picture where there is none."""
    folder = tools.run_root / THUMBS
    there = {head.uri.name for head in tools.objects.list(folder)}
    missing = [one for one in pictures.items() if f"{one[0]}.jpg" not in there]

    def make(one: tuple[str, str]) -> str:
        pixels = fit_within(decode_rgb(tools.objects.get(S3Uri.parse(one[1]))), THUMB_SIDE)
        body = encode_jpeg(pixels, THUMB_QUALITY)
        return str(tools.objects.put(folder / f"{one[0]}.jpg", body, "image/jpeg"))

    call_each(missing, make)


def _why_no_references(tools: ToolBox[Any]) -> str:
    model = tools.read_record("model/model.json", TrainedModel)
    if model is None:
        return "The run has no record of its model."
    try:
        return why_no_references(model)
    except SettingsError as error:
        return str(error)


def _count_detection_tokens(tools: ToolBox[Any]) -> int:
    """Count them as the preflight of the run that draws panels again does."""
    settings = tools.settings
    limits = tools.converse_limits(getattr(settings, "detection_model_id", DETECTION_MODEL))
    shown = {**tools.references, NONE_OF_THEM: tools.strangers}
    pictures = reference_pictures(shown, limits, tools.production.props)
    sizes = [(MODEL_SIDE, MODEL_SIDE), (settings.panel_width, settings.panel_height)]
    return detection_tokens(include_text(DETECTION_PROMPT), pictures, sizes, limits)


def _earlier_pictures(
    earlier: ToolBox[Any], before: PanelBoard | None, panels: Sequence[Panel]
) -> tuple[EarlierPicture, ...]:
    """Return what the panels showed in earlier runs, where it was another picture."""
    ref = before.panels if before else shown_panels(earlier)
    showed = earlier.manifests.read(ref, Panel, "panels").records if ref else ()
    now = {panel.key: panel.sha256 for panel in panels}
    changed = [
        EarlierPicture(
            panel_id=one.key,
            run_key=earlier.run_key,
            uri=one.uri,
            sha256=one.sha256,
            seed=one.seed,
            chosen_by=one.choice.by if one.choice else "",
        )
        for one in showed
        if one.uri and now.get(one.key) != one.sha256
    ]
    return (*changed, *_kept_earlier(before, now))[:MOST_EARLIER]


def _kept_earlier(before: PanelBoard | None, now: Mapping[str, str]) -> Iterable[EarlierPicture]:
    return (one for one in before.earlier if one.panel_id in now) if before else ()


def _carry_figures(tools: ToolBox[Any], earlier: ToolBox[Any], panels: Sequence[Panel]) -> None:
    """Let the consistency figures be those of the pictures that are shown now."""
    measured = earlier.read_record(RESULT, MeasuredStoryboard)
    if measured is not None:
        names = tools.production.names
        tools.write_record(RESULT, figures_of_choice(measured, panels, names))

"""Carry the panels of an earlier run's board into a run: as people chose them, or drawn again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from storyboard_ops.core.storyboard.cast_marks import mark_cast
from storyboard_ops.core.storyboard.choosing.apply import (
    apply_choice,
    first_seed,
    repeats_picture,
)
from storyboard_ops.core.storyboard.choosing.state import fold, until_published
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import ObjectMissing, SettingsError
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.model import BoardSection
from storyboard_ops.domain.storyboard.panel_board import ChoiceEntry
from storyboard_ops.domain.storyboard.redraw import Redraw
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.aws.call_pool import WIDE_POOL_SIZE, call_each
from storyboard_ops.gateways.review.review_log import ReviewLog
from storyboard_ops.steps.run.earlier_runs import find_run, tools_of_run
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.storyboard.drawn.chosen_panels import characters_of
from storyboard_ops.steps.storyboard.drawn.shown_panels import shown_panels
from storyboard_ops.steps.storyboard.reference_choice import why_no_references
from storyboard_ops.steps.storyboard.slots import Slot

log = logging.getLogger(__name__)

FOLDER = "/storyboard/"


@dataclass(frozen=True)
class CarriedBoard:
    """What a run takes from an earlier one, and what it draws again."""

    run_key: str  # of the earlier run
    digest: str  # of its panels, and of what people chose
    panels: Mapping[str, Panel]  # by key, as chosen; their pictures are in the earlier run
    redraws: Mapping[str, Redraw]  # by key, each with its seed


def choice_log(tools: ToolBox[Any]) -> ReviewLog[ChoiceEntry]:
    """Return the log of a run's panel board."""
    return ReviewLog(tools.objects, tools.run_root / "storyboard/choices", ChoiceEntry)


def earlier_tools(tools: ToolBox[Any]) -> ToolBox[Any] | None:
    """Return the tool box of the run whose board this one publishes again; None: of none.

    Raises SettingsError for the run itself, BadInput when there is no such run.
    """
    if not has_section(tools, BoardSection) or not tools.settings.from_run:
        return None
    key = find_run(tools.workspace, tools.objects, tools.settings.from_run)
    if key == tools.run_key:
        raise SettingsError("Parameter 'from_run' names this run itself. Name an earlier one.")
    return tools_of_run(tools.workspace, tools.clients, key)


def carried_board(tools: ToolBox[Any]) -> CarriedBoard | None:
    """Return what this run carries on; None: it draws its whole script.

    Raises SettingsError when the earlier run has no panels, or a redraw names none of them or a
    picture that is not in the workspace.
    """
    earlier = earlier_tools(tools)
    if earlier is None:
        return None
    ref = shown_panels(earlier)
    if ref is None:
        raise SettingsError(
            f"Parameter 'from_run': {earlier.run_key} has drawn no storyboard. Name a run that has."
        )
    drawn = earlier.manifests.read(ref, Panel, "panels").records
    entries = until_published(choice_log(earlier).entries(), tools.run_key)
    wanted = fold(entries).panels
    model = earlier.read_record("model/model.json", TrainedModel)
    names = characters_of(earlier.production)
    chosen_now = (apply_choice(panel, wanted.get(panel.key)) for panel in drawn)
    panels = {panel.key: mark_cast(panel, names) for panel in chosen_now}
    redraws = {
        one.panel_id: _checked(tools, panels, model, one) for one in tools.settings.redraw
    }  # fmt: skip
    if len(redraws) < len(tools.settings.redraw):
        raise SettingsError("Parameter 'redraw' names a panel more than once. Name each once.")
    chosen = [[key, panel.sha256, panel.chosen_because] for key, panel in panels.items()]
    digest = digest_of(ref.sha256, chosen, *redraws.values())
    return CarriedBoard(earlier.run_key, digest, panels, redraws)


def carried_script(tools: ToolBox[Any], production: Production) -> Production | None:
    """Return the production with the script of the earlier run's board; None: there is none.

    Raises SettingsError for a script beside it, and as ``carried_board`` does.
    """
    earlier = earlier_tools(tools)
    if earlier is None:
        return None
    if tools.settings.script or tools.settings.panels:
        raise SettingsError(
            "Parameters 'script' and 'panels' cannot be set with 'from_run', whose script is used."
        )
    carried_board(tools)
    return production.model_copy(update={"storyboard": earlier.production.storyboard})


def slots_to_draw(tools: ToolBox[Any], slots: list[Slot]) -> list[Slot]:
    """Return the slots of the board that this run draws: all, or those to draw again.

    Panels are found by their place: those of earlier versions have no numbers, and the script is
    the same.
    """
    carried = carried_board(tools)
    if carried is None:
        return slots
    again = {carried.panels[key].number: redraw for key, redraw in carried.redraws.items()}
    return [replace(one, redraw=again[one.number]) for one in slots if one.number in again]


def complete_board(tools: ToolBox[Any], drawn: Sequence[Panel]) -> list[Panel]:
    """Return all panels of the board: those that were drawn, and copies of those that were kept.

    Pictures are copied within S3, byte for byte. A panel that could not be drawn again keeps its
    earlier picture, with a note.
    """
    carried = carried_board(tools)
    if carried is None:
        return list(drawn)
    new = {panel.number: panel for panel in drawn}
    earlier = carried.panels.values()
    kept = [
        _noted(panel, new.get(panel.number))
        for panel in earlier
        if panel.number not in new or new[panel.number].failure
    ]
    copies = call_each(kept, lambda panel: _copy(tools, carried, panel), threads=WIDE_POOL_SIZE)
    copied = {
        one.item.number: one.value or one.item.model_copy(update=_lost(one.failure))
        for one in copies
    }
    log.info(
        "%s drawn again, %s kept as %s has them.",
        pluralize(len(carried.panels) - len(kept), "panel"),
        pluralize(len(kept), "panel"),
        carried.run_key,
    )
    return [copied.get(panel.number) or new[panel.number] for panel in earlier]


def fresh_panels(tools: ToolBox[Any], panels: Sequence[Panel]) -> list[Panel]:
    """Return the panels that were drawn for this run; the others are as people have chosen."""
    carried = carried_board(tools)
    if carried is None:
        return list(panels)
    wanted = list(carried.redraws.values())
    return [panel for panel in panels if panel.redraw in wanted]


def _checked(
    tools: ToolBox[Any], panels: Mapping[str, Panel], model: TrainedModel | None, redraw: Redraw
) -> Redraw:
    """Return a redraw with its seed; raises SettingsError when it cannot be done."""
    panel = panels.get(redraw.panel_id)
    if panel is None:
        some = ", ".join(list(panels)[:3])
        raise SettingsError(
            f"Parameter 'redraw': the board has no panel {redraw.panel_id!r}. It has "
            f"{pluralize(len(panels), 'panel')}, such as {some}."
        )
    if repeats_picture(panel, redraw.seed, redraw.note, redraw.reference):
        raise SettingsError(
            f"Parameter 'redraw': seed {redraw.seed} would draw a picture that panel "
            f"{redraw.panel_id} has already. Add a note, or choose another seed."
        )
    if redraw.reference:
        _check_reference(tools, model, redraw.reference)
    return redraw.model_copy(update={"seed": first_seed(panel, redraw)})


def _check_reference(tools: ToolBox[Any], model: TrainedModel | None, reference: str) -> None:
    if model is not None and (reason := why_no_references(model)):
        raise SettingsError(f"Parameter 'redraw' names a reference picture, but {reason}")
    root = tools.workspace.root
    if not reference.startswith(f"{root}/") or "/../" in reference:
        raise SettingsError(f"Parameter 'redraw': {reference} is not a picture in {root}.")
    if tools.objects.head(S3Uri.parse(reference)) is None:
        raise SettingsError(f"Parameter 'redraw': the picture {reference} does not exist any more.")


def _noted(panel: Panel, tried: Panel | None) -> Panel:
    if tried is None:
        return panel
    log.warning("Panel %d was not drawn again: %s", panel.number, tried.failure)
    note = f"Drawing it again failed, so it shows the earlier picture: {tried.failure}"
    return panel.model_copy(update={"notes": (*panel.notes, note)})


def _copy(tools: ToolBox[Any], carried: CarriedBoard, panel: Panel) -> Panel:
    """Copy the pictures of a panel into this run, and return the panel with them."""
    if not panel.uri:
        return panel
    places = {uri: _target(tools, uri) for uri in _pictures(panel)}
    for source, target in places.items():
        uri = S3Uri.parse(source)
        if tools.objects.head(uri) is None:
            raise ObjectMissing(f"{source} was deleted, so this panel has no picture any more.")
        tools.objects.copy(uri, target)
    candidates = [
        one.model_copy(
            update={"uri": str(places[one.uri]), "drawn_by": one.drawn_by or carried.run_key}
        )
        for one in panel.candidates
    ]
    return panel.model_copy(
        update={
            "uri": str(places[panel.uri]),
            "candidates": tuple(candidates),
            "drawn_by": panel.drawn_by or carried.run_key,
        }
    )


def _pictures(panel: Panel) -> Iterable[str]:
    return dict.fromkeys([panel.uri, *(one.uri for one in panel.candidates)])


def _target(tools: ToolBox[Any], uri: str) -> S3Uri:
    return tools.run_root / f"storyboard/{uri.rpartition(FOLDER)[2]}"


def _lost(failure: str) -> dict[str, Any]:
    return {"failure": failure, "uri": "", "sha256": "", "candidates": ()}

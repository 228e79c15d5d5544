"""Compare a new model with the last promoted one, and promote it only when it is not worse.

A model trained on material that has been removed since is not compared: a new one is refused, and
a promoted one is replaced by any other.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TypeVar

from storyboard_ops.core.dataset.split import split_by_shot
from storyboard_ops.core.storyboard.consistency import ConsistencyFigures, compare, measure
from storyboard_ops.core.storyboard.method_check import check_method
from storyboard_ops.core.storyboard.revisions.earlier_panels import is_numbered, with_numbers
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.image_records import ImageRecord, Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import parse_production
from storyboard_ops.domain.settings.model import RetrainingSettings
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.domain.training.retraining_records import JudgedModel
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.money.claims import claim
from storyboard_ops.steps.run.tombstones import find_removal
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.board.revise_board import adopt_board
from storyboard_ops.steps.storyboard.film_gallery import FilmGallery, embed_gallery
from storyboard_ops.steps.storyboard.see_panels import see_painted_out, see_panels
from storyboard_ops.steps.training.model_line import append_model, read_model_line

log = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)

VERDICT = "model/verdict.json"
#: Fields of the production and of the settings that determine a panel, besides the model.
SCRIPT = ("storyboard", "style")
DRAWING = ("seed", "cfg_scale", "panel_width", "panel_height")


def copy_current_script(tools: ToolBox) -> None:
    """Copy the script, numbers, style, seed and size of the current model's storyboard.

    Only then can the panels of two models be compared. Without a current model, or when its run
    was removed, the production keeps its own script.
    """
    current = read_model_line(tools, tools.production.slug).line.current
    if current is None:
        return
    root = tools.workspace.run(current.run_key)
    try:
        sheet = tools.objects.json(root / "production.json")
        settings = tools.objects.json(root / "settings.json")
    except ObjectMissing as error:
        log.warning(
            "The script of the current model was removed; this run draws its own: %s", error
        )
        return
    script = {name: sheet[name] for name in SCRIPT}
    origin = f"{tools.settings.production} with the script of {current.run_key}"
    production = parse_production(tools.production.model_dump(mode="json") | script, origin)
    drawing = {name: settings[name] for name in DRAWING}
    tools.write_record("production.json", production)
    adopt_board(tools, root, production)
    tools.write_record("settings.json", tools.settings.model_copy(update=drawing))


def judge_model(
    tools: ToolBox[RetrainingSettings],
    model: TrainedModel,
    dataset: TrainingSet,
    panels: ManifestRef,
) -> JudgedModel:
    """Judge a new model and append the verdict to the model line of the production.

    A second call returns the verdict of the first. Raises Contended when another run judged a
    model in the meantime.
    """
    read = read_model_line(tools, tools.production.slug)
    judged = read.line.judged_by(tools.run_key)
    if judged is None:
        new = JudgedModel(
            run_key=tools.run_key,
            model=model,
            dataset=dataset,
            panels=panels,
            verdict="promoted",
            reason="It is the first model of this production.",
            judged_at=iso(tools.clock()),
        )
        judged = _decide(tools, new, read.line.current)
        append_model(tools, read, judged)
    if judged.unwanted:
        # The teardown deletes what a run has claimed and lists it on the receipt.
        claim(tools, "custom model", judged.unwanted)
    tools.write_record(VERDICT, judged)
    log.info("The new model is %s. %s", judged.verdict, judged.reason)
    return judged


def _decide(
    tools: ToolBox[RetrainingSettings], new: JudgedModel, last: JudgedModel | None
) -> JudgedModel:
    """Judge by removals first: a removal deletes what a comparison reads."""
    if removal := find_removal(tools.objects, tools.workspace, new.model):
        reason = f"It was trained on {removal.what}, {removal.explanation}."
        return _conclude(tools, new, new, reason)
    if last is None:
        return new
    if removal := find_removal(tools.objects, tools.workspace, last.model):
        reason = (
            f"It replaces the model of {last.run_key} without a comparison: that model was "
            f"trained on {removal.what}, {removal.explanation}, and its panels were deleted."
        )
        return _conclude(tools, new, last, reason)
    return _compare(tools, new, last)


def _conclude(
    tools: ToolBox[RetrainingSettings],
    new: JudgedModel,
    loser: JudgedModel,
    reason: str,
    **figures: float | None,
) -> JudgedModel:
    """Return the verdict on the new model: refused when it is the loser, else promoted."""
    verdict = {"verdict": "refused" if loser is new else "promoted", "reason": reason}
    unwanted = _model_to_delete(tools, loser)
    return new.model_copy(update={**verdict, "unwanted": unwanted, **figures})


def _compare(
    tools: ToolBox[RetrainingSettings], new: JudgedModel, last: JudgedModel
) -> JudgedModel:
    """Judge by the likeness of both models' panels, measured here with the same references."""
    ours, theirs = _common_panels(_read_panels(tools, new), _read_panels(tools, last))
    if not ours:
        reason = (
            f"It cannot be compared with the model of {last.run_key}: no panel has the same "
            f"prompt, seed and size in both. {_advise(tools)}"
        )
        return _conclude(tools, new, new, reason)
    with tools.booking("comparison"):
        pictures = _read_kept(tools, new.dataset)
        film = _embed_gallery(tools, pictures, last.dataset)
        figures, before = (
            measure(see_panels(tools, panels).panels, film.gallery) for panels in (ours, theirs)
        )
        check = check_method(film.gallery, see_painted_out(tools, film, pictures))
    if check.faults:
        reason = (
            f"It cannot be compared with the model of {last.run_key}: {'; '.join(check.faults)}. "
            f"{_advise(tools)}"
        )
        return _conclude(tools, new, new, reason)
    return _conclude_from(tools, new, last, figures, before)


def _conclude_from(
    tools: ToolBox[RetrainingSettings],
    new: JudgedModel,
    last: JudgedModel,
    figures: ConsistencyFigures,
    before: ConsistencyFigures,
) -> JudgedModel:
    """Promote when the whole interval of the difference is above the loss that is allowed."""
    difference, worse_by = compare(figures, before), tools.settings.worse_by
    if difference is None or difference.low is None or difference.high is None:
        reason = (
            f"It cannot be compared with the model of {last.run_key}: fewer than two panels show "
            f"characters with held-out pictures. {_advise(tools)}"
        )
        return _conclude(tools, new, new, reason)
    loser = last if difference.low >= -worse_by else new
    reason = (
        f"Its likeness differs by {difference.mean:+.3f} ({difference.low:+.3f} to "
        f"{difference.high:+.3f}) from that of the model of {last.run_key}, on "
        f"{difference.panels} panels; the interval must be above {-worse_by:+g} (worse_by)."
    )
    return _conclude(
        tools,
        new,
        loser,
        reason,
        consistency=_mean_likeness(figures),
        last_consistency=_mean_likeness(before),
        difference=difference.mean,
        difference_low=difference.low,
        difference_high=difference.high,
    )


def _mean_likeness(figures: ConsistencyFigures) -> float | None:
    return figures.likeness.mean if figures.likeness else None


def _advise(tools: ToolBox) -> str:
    line = tools.workspace.model_line(tools.production.slug)
    return f"To start a new model line, delete {line}."


def _read_panels(tools: ToolBox, judged: JudgedModel) -> list[Panel]:
    drawn = _read_records(tools, judged.panels, Panel, "panels")
    return [panel for panel in drawn if not panel.failure]


def _common_panels(new: Sequence[Panel], last: Sequence[Panel]) -> tuple[list[Panel], list[Panel]]:
    """Return the panels, new and last, that both models drew from the same request.

    Earlier versions gave seeds by position, so their panels are compared whatever the seed.
    """
    by_seed = all(map(is_numbered, last))
    new, last = with_numbers(new), with_numbers(last)

    def request(panel: Panel) -> tuple[object, ...]:
        seed = panel.seed if by_seed else None
        return panel.panel_id, panel.prompt, seed, panel.width, panel.height

    common = {request(panel) for panel in new} & {request(panel) for panel in last}
    return (
        [panel for panel in new if request(panel) in common],
        [panel for panel in last if request(panel) in common],
    )


def _embed_gallery(
    tools: ToolBox[RetrainingSettings], pictures: Sequence[ImageRecord], last: TrainingSet
) -> FilmGallery:
    """Embed the new dataset; held out are the pictures on which neither model was trained."""
    trained = {*split_by_shot(pictures).training, *split_by_shot(_read_kept(tools, last)).training}
    return embed_gallery(
        tools,
        [picture for picture in pictures if picture.image_id not in trained],
        [picture for picture in pictures if picture.image_id in trained],
    )


def _read_kept(tools: ToolBox, dataset: TrainingSet) -> list[ImageRecord]:
    images = _read_records(tools, dataset.images, ImageRecord, "images")
    return [image for image in images if image.kept]


def _read_records(tools: ToolBox, ref: ManifestRef, record_type: type[R], kind: str) -> Sequence[R]:
    """Read the records of a manifest; none when the run that wrote it was removed."""
    if tools.objects.head(S3Uri.parse(ref.uri)) is None:
        return ()
    return tools.manifests.read(ref, record_type, kind).records


def _model_to_delete(tools: ToolBox[RetrainingSettings], other: JudgedModel) -> str:
    """Return the name of the model to delete; "" when it is kept or already deleted.

    Files in the workspace are kept: they are part of the run that trained them.
    """
    if tools.settings.keep_other_model or other.model.trainer != "bedrock":
        return ""
    found = BedrockControl(tools.clients("bedrock")).find_model(other.model.model_arn)
    return found.name if found else ""

"""Compare a new model with the last promoted one, and promote it only when it is not worse.

Neither is compared when it was trained on what has been removed since: such a model is not
promoted, and gives way to any other.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import TypeVar

from storyboard_ops.core.dataset.split import split_by_shot
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.image_records import ImageRecord, Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import parse_production
from storyboard_ops.domain.sampling.film_spans import Tombstone
from storyboard_ops.domain.settings.model import RetrainingSettings
from storyboard_ops.domain.training.model_facts import CustomizedModel
from storyboard_ops.domain.training.retraining_records import JudgedModel
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.money.claims import claim
from storyboard_ops.steps.run.tombstones import removal_naming
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.measure_consistency import figures_of, references
from storyboard_ops.steps.training.model_line import append_model, read_model_line

log = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)

VERDICT = "model/verdict.json"
#: What decides how a panel looks, besides the model: fields of the production, of the settings.
SCRIPT = ("storyboard", "style")
DRAWING = ("seed", "cfg_scale", "panel_width", "panel_height")


def draw_as_before(tools: ToolBox) -> None:
    """Let this run draw what the current model has drawn: its script, style, seed and size.

    Panels of two models can be compared only then. Where there is no current model, or its run
    was removed, the production's own script stays.
    """
    current = read_model_line(tools, tools.production.slug).line.current
    if current is None:
        return
    root = tools.workspace.run(current.run_key)
    try:
        sheet = json.loads(tools.objects.get(root / "production.json"))
        settings = json.loads(tools.objects.get(root / "settings.json"))
    except ObjectMissing as error:
        log.warning("The current model's script is gone: %s", error)
        return
    script = {name: sheet[name] for name in SCRIPT}
    origin = f"{tools.settings.production} with the script of {current.run_key}"
    production = parse_production(tools.production.model_dump(mode="json") | script, origin)
    drawing = {name: settings[name] for name in DRAWING}
    tools.write_record("production.json", production)
    tools.write_record("settings.json", tools.settings.model_copy(update=drawing))


def judge_model(
    tools: ToolBox[RetrainingSettings],
    model: CustomizedModel,
    dataset: TrainingSet,
    panels: ManifestRef,
) -> JudgedModel:
    """Pass the verdict on a new model and write it into the production's line of models.

    A second call finds the verdict of the first. Raises Contended when another run has judged
    a model in the meantime.
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
        judged = _verdict(tools, new, read.line.current)
        append_model(tools, read, judged)
    if judged.unwanted:
        # The teardown deletes what a run has claimed, and shows it on the receipt.
        claim(tools, "custom model", judged.unwanted)
    tools.write_record(VERDICT, judged)
    log.info("The new model is %s. %s", judged.verdict, judged.reason)
    return judged


def _verdict(
    tools: ToolBox[RetrainingSettings], new: JudgedModel, last: JudgedModel | None
) -> JudgedModel:
    """By what was removed first: a removal takes away what a comparison would read."""
    if removal := removal_naming(tools.objects, tools.workspace, new.model):
        return _refused_for_removal(tools, new, removal)
    if last is None:
        return new
    if removal := removal_naming(tools.objects, tools.workspace, last.model):
        return _promoted_for_removal(tools, new, last, removal)
    return _compared(tools, new, last)


def _refused_for_removal(
    tools: ToolBox[RetrainingSettings], new: JudgedModel, removal: Tombstone
) -> JudgedModel:
    return new.model_copy(
        update={
            "verdict": "refused",
            "reason": f"It was trained on {removal.what}, {removal.explanation}.",
            "unwanted": _unwanted(tools, new),
        }
    )


def _promoted_for_removal(
    tools: ToolBox[RetrainingSettings], new: JudgedModel, last: JudgedModel, removal: Tombstone
) -> JudgedModel:
    reason = (
        f"It replaces the model of {last.run_key} without a comparison: that one was trained on "
        f"{removal.what}, {removal.explanation}, and its panels went with it."
    )
    return new.model_copy(update={"reason": reason, "unwanted": _unwanted(tools, last)})


def _compared(
    tools: ToolBox[RetrainingSettings], new: JudgedModel, last: JudgedModel
) -> JudgedModel:
    """The verdict by the consistency figure, both measured here with the same references."""
    settings = tools.settings
    pair = _drawn_by_both(_panels(tools, new), _panels(tools, last))
    pictures = _unseen_by_both(tools, new.dataset, last.dataset)
    figure, before = (figures_of(tools, panels, pictures).cross for panels in pair)
    tools.book("comparison", tools.answers.usages)
    if figure is None or before is None:
        promoted, reason = False, _incomparable(tools, last)
    else:
        promoted = figure >= before - settings.worse_by
        reason = (
            f"Its consistency is {figure:.4f}, that of the model of {last.run_key} is "
            f"{before:.4f}, on {len(pair[0])} panels and {len(pictures)} pictures; a loss of "
            f"{settings.worse_by:g} is allowed."
        )
    loser = last if promoted else new
    return new.model_copy(
        update={
            "verdict": "promoted" if promoted else "refused",
            "reason": reason,
            "consistency": figure,
            "last_consistency": before,
            "unwanted": _unwanted(tools, loser),
        }
    )


def _incomparable(tools: ToolBox, last: JudgedModel) -> str:
    return (
        f"It cannot be compared with the model of {last.run_key}: they have no panel of the same "
        "prompt, seed and size. To begin a new line of models, delete "
        f"{tools.workspace.model_line(tools.production.slug)}."
    )


def _panels(tools: ToolBox, judged: JudgedModel) -> list[Panel]:
    drawn = _read(tools, judged.panels, Panel, "panels")
    return [panel for panel in drawn if not panel.failure]


def _drawn_by_both(new: Sequence[Panel], last: Sequence[Panel]) -> tuple[list[Panel], list[Panel]]:
    """The panels that both models have drawn from the same request."""

    def request(panel: Panel) -> tuple[object, ...]:
        return panel.number, panel.prompt, panel.seed, panel.width, panel.height

    common = {request(panel) for panel in new} & {request(panel) for panel in last}
    return (
        [panel for panel in new if request(panel) in common],
        [panel for panel in last if request(panel) in common],
    )


def _unseen_by_both(tools: ToolBox, new: TrainingSet, last: TrainingSet) -> list[ImageRecord]:
    """References for the comparison: for every character, pictures that no model has trained on.

    A character without such pictures is compared with what the new dataset offers.
    """
    kept = _kept(tools, new)
    trained = {*split_by_shot(kept).training, *split_by_shot(_kept(tools, last)).training}
    unseen = [image for image in kept if image.image_id not in trained]
    covered = {image.character for image in unseen}
    return unseen + [image for image in references(kept) if image.character not in covered]


def _kept(tools: ToolBox, dataset: TrainingSet) -> list[ImageRecord]:
    images = _read(tools, dataset.images, ImageRecord, "images")
    return [image for image in images if image.kept]


def _read(tools: ToolBox, ref: ManifestRef, record_type: type[R], kind: str) -> Sequence[R]:
    """The records of a manifest; none where the run that wrote it was removed since."""
    if tools.objects.head(S3Uri.parse(ref.uri)) is None:
        return ()
    return tools.manifests.read(ref, record_type, kind).records


def _unwanted(tools: ToolBox[RetrainingSettings], other: JudgedModel) -> str:
    """Name of the model that is not promoted; empty when it is kept or gone already."""
    if tools.settings.keep_other_model:
        return ""
    found = BedrockControl(tools.clients("bedrock")).find_model(other.model.model_arn)
    return found.name if found else ""

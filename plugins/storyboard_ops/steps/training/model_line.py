"""Read and append a production's line of models; it is written only if unchanged since."""

from __future__ import annotations

from dataclasses import dataclass

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.error_tree import Contended, ObjectMissing
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.training.model_facts import TrainedBy, TrainedModel
from storyboard_ops.domain.training.retraining_records import JudgedModel, ModelLine
from storyboard_ops.steps.run.earlier_runs import find_run
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.model_files import read_model


@dataclass(frozen=True)
class ReadLine:
    """A line of models with the ETag that it was read at."""

    line: ModelLine
    etag: str  # empty: there is no object yet


def read_model_line(tools: ToolBox, production: str) -> ReadLine:
    """Read the models of a production (its slug); an empty line when none was judged."""
    uri = tools.workspace.model_line(production)
    head = tools.objects.head(uri)
    if head is None:
        return ReadLine(ModelLine(production=production), "")
    # After a write in between, this ETag is outdated and append_model is refused.
    return ReadLine(tools.objects.record(uri, ModelLine), head.etag)


def append_model(tools: ToolBox, read: ReadLine, judged: JudgedModel) -> None:
    """Append a model to the line; raises Contended when it has changed since it was read."""
    line = read.line.with_judged(judged)
    uri = tools.workspace.model_line(line.production)
    body = canonical_json(line).encode()
    if not tools.objects.replace(uri, body, "application/json", read.etag):
        raise Contended(
            f"{uri} was changed while this run judged its model; clear promote_model to compare "
            "with what is there now."
        )


def chosen_model(tools: ToolBox[DrawingSettings], production: str) -> TrainedModel:
    """Return the model that a drawing of a production (its slug) names.

    Raises ObjectMissing when there is none; whether Bedrock has a model of an ARN is not checked.
    """
    if tools.settings.from_run:
        return _model_of_run(tools, tools.settings.from_run)
    wanted = tools.settings.model
    if wanted == "current":
        return current_model(tools, production).model
    if wanted.startswith("s3://"):
        trainer: TrainedBy = "own_gpu" if tools.settings.trainer == "own_gpu" else "sagemaker"
        return read_model(tools, S3Uri.parse(wanted), trainer=trainer)
    return TrainedModel(
        job_arn="",
        job_name="",
        model_arn=wanted,
        base_model_id=tools.settings.base_model_id,
        images_seen=0,
    )


def _model_of_run(tools: ToolBox[DrawingSettings], name: str) -> TrainedModel:
    key = find_run(tools.workspace, tools.objects, name)
    place = tools.workspace.run(key) / "model/model.json"
    if tools.objects.head(place) is None:
        raise ObjectMissing(f"The run {key} has no model ({place}); name a run that has drawn.")
    return tools.objects.record(place, TrainedModel)


def current_model(tools: ToolBox, production: str) -> JudgedModel:
    """Return the promoted model of a production; raises ObjectMissing when there is none."""
    current = read_model_line(tools, production).line.current
    if current is None:
        raise ObjectMissing(
            f"No model has been promoted for {production} yet: "
            f"{tools.workspace.model_line(production)} names none. Let nightly_retraining run, "
            "or give the ARN of a customized model."
        )
    return current

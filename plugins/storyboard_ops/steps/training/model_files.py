"""Read what the training program says about a model that it has trained."""

from __future__ import annotations

from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.training.model_facts import TrainedBy, TrainedModel
from storyboard_ops.domain.training.program_results import TrainingFacts
from storyboard_ops.steps.run.tool_box import ToolBox

#: The file in a model's folder that describes it.
FACTS = "training.json"
#: The ending of the files that draw.
WEIGHTS = ".safetensors"


def is_shown(uri: S3Uri) -> bool:
    """Return whether a file of a model is what the report shows, and not what draws."""
    return uri.name == FACTS or "/samples/" in uri.key


def has_weights(tools: ToolBox, folder: S3Uri) -> bool:
    """Return whether a folder still has the weights of its model."""
    return any(one.uri.name.endswith(WEIGHTS) for one in tools.objects.list(folder.folder))


def read_model(
    tools: ToolBox,
    folder: S3Uri,
    job_arn: str = "",
    job_name: str = "",
    trainer: TrainedBy = "sagemaker",
) -> TrainedModel:
    """Return the model in a folder; raises ObjectMissing when there is none."""
    facts = tools.objects.record(folder / FACTS, TrainingFacts)
    return TrainedModel(
        trainer=trainer,
        job_arn=job_arn,
        job_name=job_name,
        model_arn=str(folder),
        base_model_id=facts.base.id,
        images_seen=facts.images_seen,
        chosen_step=facts.chosen_step,
        likeness=facts.likeness,
    )

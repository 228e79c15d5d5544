"""The tasks that only ``nightly_retraining`` has."""

from __future__ import annotations

from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from storyboard_ops.airflow_ops.approved_asset import APPROVED_DATASET
from storyboard_ops.airflow_ops.step_task import step_task
from storyboard_ops.airflow_ops.task_bridge import first_tools, tool_box, watch_run
from storyboard_ops.airflow_ops.tasks.kinds import MATERIAL
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.settings.model import RetrainingSettings
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.domain.training.retraining_records import News
from storyboard_ops.steps.run.tool_box import ToolBox


@step_task(open_tools=first_tools, inlets=[APPROVED_DATASET])
def look_for_news(tools: ToolBox[RetrainingSettings]) -> News:
    """Count the pictures approved since the last model; skip the run when there are too few."""
    from storyboard_ops.steps.retraining.collect_approved import look_for_news, skip_reason

    news = look_for_news(tools)
    skip_because(skip_reason(tools, news.new, "new"))
    return news


@step_task(task_id="preflight", open_tools=first_tools)
def preflight_retraining(tools: ToolBox) -> dict[str, Any]:
    """Check everything that can be checked before money is spent, and read the last script."""
    from storyboard_ops.steps.preflight.check_preflight import check_preflight
    from storyboard_ops.steps.retraining.promote_model import copy_current_script

    report = check_preflight(tools)
    copy_current_script(tool_box())  # with the settings that preflight has just written
    watch_run(report)
    return {"estimate_usd": report.estimate_usd, "checks": len(report.checks)}


@step_task(execution_timeout=MATERIAL)
def merge_approved(tools: ToolBox[RetrainingSettings], news: News) -> TrainingSet:
    """Merge all approved pictures into one dataset; skip when too few new ones are distinct."""
    from storyboard_ops.steps.dataset.approved_datasets import record_training
    from storyboard_ops.steps.dataset.embedder import PictureEmbedder
    from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
    from storyboard_ops.steps.retraining.collect_approved import merge_approved, skip_reason

    merged = merge_approved(tools, news, PictureEmbedder(tools))
    new = tools.manifests.header(merged).summary["new"]
    skip_because(skip_reason(tools, new, "new, distinct"))
    dataset = publish_dataset(tools, merged)
    record_training(tools, dataset)
    return dataset


@step_task(execution_timeout=MATERIAL)
def promote_model(
    tools: ToolBox[RetrainingSettings],
    model: TrainedModel,
    dataset: TrainingSet,
    panels: ManifestRef,
) -> dict[str, Any]:
    """Compare with the last model by likeness; promote the new one unless it is worse."""
    from storyboard_ops.steps.retraining.promote_model import judge_model

    judged = judge_model(tools, model, dataset, panels)
    fields = {"verdict", "reason", "consistency", "last_consistency", "difference"}
    return judged.model_dump(mode="json", include=fields)


def skip_because(reason: str) -> None:
    """Skip the task when there is a reason, and store it in the XCom ``skipped_because``."""
    if reason:
        get_current_context()["ti"].xcom_push("skipped_because", reason)
        raise AirflowSkipException(reason)

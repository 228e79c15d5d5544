"""The tasks that only nightly retraining has; the others are those of the main DAG."""

from __future__ import annotations

from typing import Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from storyboard_ops.airflow_ops.approved_asset import APPROVED_DATASET
from storyboard_ops.airflow_ops.task_bridge import run_tools, tool_box
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.training.model_facts import CustomizedModel
from storyboard_ops.domain.training.retraining_records import News

Fields = dict[str, Any]


@task(inlets=[APPROVED_DATASET])
def look_for_news() -> Fields:
    """Count what was approved since the last model; skip the run when it is too little."""
    from storyboard_ops.steps.retraining.collect_approved import look_for_news, why_not_to_train

    tools = run_tools()
    news = look_for_news(tools)
    _skip(why_not_to_train(tools, news.new, "new"))
    return news.model_dump(mode="json")


@task(task_id="preflight")
def preflight_retraining() -> Fields:
    """Check everything that can be known before money is spent, and take over the last script."""
    from storyboard_ops.steps.preflight.check_preflight import check_preflight
    from storyboard_ops.steps.retraining.promote_model import draw_as_before

    report = check_preflight(run_tools())
    draw_as_before(tool_box())
    return {"estimate_usd": report.estimate_usd, "checks": len(report.checks)}


@task
def merge_approved(news: Fields) -> Fields:
    """One dataset of all approved pictures; skip when the new ones are copies of known ones."""
    from storyboard_ops.steps.dataset.approved_datasets import enter_training
    from storyboard_ops.steps.dataset.embedder import PictureEmbedder
    from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
    from storyboard_ops.steps.retraining.collect_approved import merge_approved, why_not_to_train

    tools = tool_box()
    merged = merge_approved(tools, News.model_validate(news), PictureEmbedder(tools))
    new = tools.manifests.header(merged).summary["new"]
    _skip(why_not_to_train(tools, new, "new, distinct"))
    dataset = publish_dataset(tools, merged)
    enter_training(tools, dataset)
    return dataset.model_dump(mode="json")


@task
def promote_model(model: Fields, dataset: Fields, panels: Fields) -> Fields:
    """Compare with the last model by the consistency figure; promote what is not worse."""
    from storyboard_ops.steps.retraining.promote_model import judge_model

    judged = judge_model(
        tool_box(),
        CustomizedModel.model_validate(model),
        TrainingSet.model_validate(dataset),
        ManifestRef.model_validate(panels),
    )
    fields = {"verdict", "reason", "consistency", "last_consistency"}
    return judged.model_dump(mode="json", include=fields)


def _skip(reason: str) -> None:
    """Skip the task for a reason, which is kept as its XCom ``skipped_because``."""
    if reason:
        get_current_context()["ti"].xcom_push("skipped_because", reason)
        raise AirflowSkipException(reason)

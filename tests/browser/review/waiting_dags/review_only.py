"""The review of `train_character_model` and nothing around it: candidates in, decisions applied.

The test that triggers it has written the candidates, and the settings that preflight would have
settled on, into the run's folder before.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import chain, dag, task

from storyboard_ops.airflow_ops.approval.sensor import HumanApprovalSensor
from storyboard_ops.airflow_ops.dag_params import run_params
from storyboard_ops.airflow_ops.task_bridge import tool_box
from storyboard_ops.airflow_ops.tasks.pipeline import open_review


@task
def assemble_dataset() -> dict[str, Any]:
    tools = tool_box()
    found = tools.manifests.latest(tools.run_root / "dataset/candidates.jsonl")
    assert found is not None
    return found[0].model_dump(mode="json")


@task
def apply_review(images: Any, loops: Any) -> dict[str, Any]:
    from storyboard_ops.domain.manifest_codec import ManifestRef
    from storyboard_ops.steps.review.apply_review import apply_review

    refs = [ManifestRef.model_validate(given) for given in (images, loops)]
    return apply_review(tool_box(), *refs).model_dump(mode="json")


@dag(dag_id="train_character_model", schedule=None, params=run_params())
def review_only():
    candidates = assemble_dataset()
    loops = open_review(candidates)
    chain(
        HumanApprovalSensor(task_id="wait_for_approval", loops=loops),
        apply_review(candidates, loops),
    )


review_only()

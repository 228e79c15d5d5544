"""The tasks of the main DAG, in the order in which they run."""

from __future__ import annotations

from typing import Any

from storyboard_ops.airflow_ops.approved_asset import APPROVED_DATASET, describe_event
from storyboard_ops.airflow_ops.detection.pool import POOL
from storyboard_ops.airflow_ops.heavy_tasks import heavy_executor
from storyboard_ops.airflow_ops.step_task import step_task
from storyboard_ops.airflow_ops.task_bridge import (
    first_failure,
    first_tools,
    label_film,
    label_shard,
    panels_address,
    run_times,
    watch_run,
)
from storyboard_ops.airflow_ops.tasks.kinds import MATERIAL
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.sampling.shards import Shard
from storyboard_ops.domain.settings.pictures import FigureSection
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.steps.run.tool_box import ToolBox

#: The executor of tasks that decode films, or send, cut, compare or draw many pictures.
HEAVY = heavy_executor()


@step_task(open_tools=first_tools)
def preflight(tools: ToolBox) -> dict[str, Any]:
    """Check everything that can be checked before money is spent."""
    from storyboard_ops.steps.preflight.check_preflight import check_preflight
    from storyboard_ops.steps.report.write_refusal import reporting_refusal

    with reporting_refusal(tools):
        report = check_preflight(tools)
    watch_run(report)
    return {"estimate_usd": report.estimate_usd, "checks": len(report.checks)}


@step_task(execution_timeout=MATERIAL)
def plan_shards(tools: ToolBox[RunSettings]) -> list[Shard]:
    """Split the videos into ranges that are sampled in parallel."""
    from storyboard_ops.steps.sampling.plan_shards import plan_shards

    return plan_shards(tools)


@step_task(map_index_template="{{ label }}", executor=HEAVY, execution_timeout=MATERIAL)
def sample_frames(tools: ToolBox[RunSettings], shard: Shard) -> ManifestRef:
    """Sample the frames at the interval, and drop those that show nothing."""
    from storyboard_ops.steps.sampling.sample_frames import sample_frames

    label_shard(shard)
    return sample_frames(tools, shard)


# In a pool: the limit of calls per second is the account's, for all runs and workers.
@step_task(map_index_template="{{ label }}", pool=POOL, executor=HEAVY, execution_timeout=MATERIAL)
def detect_characters(
    tools: ToolBox[RunSettings], frames: ManifestRef, shard: Shard, detectors: dict[str, Any]
) -> ManifestRef:
    """Find the characters in the kept frames, once the detectors are ready."""
    from storyboard_ops.steps.detection.detect_characters import detect_characters

    label_shard(shard)
    return detect_characters(tools, frames)


@step_task
def list_films(
    tools: ToolBox[RunSettings], detections: list[ManifestRef]
) -> list[list[ManifestRef]]:
    """Put the shards of each film together, and stop where too many films are lost."""
    from storyboard_ops.steps.dataset.crop_characters import list_films

    return list_films(tools, detections)


@step_task(map_index_template="{{ label }}", executor=HEAVY, execution_timeout=MATERIAL)
def crop_characters(tools: ToolBox[RunSettings], film: list[ManifestRef]) -> ManifestRef:
    """Cut a padded picture of every character found in a film."""
    from storyboard_ops.steps.dataset.crop_characters import crop_film, video_of

    video = video_of(tools, film)
    label_film(video.uri if video else "")
    return crop_film(tools, film)


@step_task(executor=HEAVY, execution_timeout=MATERIAL)
def drop_near_duplicates(tools: ToolBox[RunSettings], crops: list[ManifestRef]) -> ManifestRef:
    """Gather the pictures of all films, and keep the best of those that look alike."""
    from storyboard_ops.steps.dataset.crop_characters import gather_crops
    from storyboard_ops.steps.dataset.drop_near_duplicates import drop_near_duplicates
    from storyboard_ops.steps.dataset.embedder import PictureEmbedder

    return drop_near_duplicates(tools, gather_crops(tools, crops), PictureEmbedder(tools))


@step_task(executor=HEAVY, execution_timeout=MATERIAL)
def write_captions(tools: ToolBox[RunSettings], images: ManifestRef) -> ManifestRef:
    """Describe every picture, with the names of its characters."""
    from storyboard_ops.steps.dataset.write_captions import write_captions

    return write_captions(tools, images)


@step_task(executor=HEAVY, execution_timeout=MATERIAL)
def assemble_dataset(tools: ToolBox[RunSettings], images: ManifestRef) -> ManifestRef:
    """Choose a balanced candidate dataset that the trainer accepts."""
    from storyboard_ops.steps.dataset.assemble_dataset import assemble_dataset

    return assemble_dataset(tools, images)


@step_task
def open_review(tools: ToolBox[RunSettings], images: ManifestRef) -> ManifestRef:
    """Open the review of the candidates by people."""
    from storyboard_ops.steps.review.open_review import open_review

    return open_review(tools, images)


@step_task(outlets=[APPROVED_DATASET], execution_timeout=MATERIAL)
def apply_review(
    tools: ToolBox[RunSettings], images: ManifestRef, loops: ManifestRef
) -> TrainingSet:
    """Apply what people decided, publish the approved dataset, and announce it."""
    from storyboard_ops.steps.dataset.approved_datasets import announce_dataset
    from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
    from storyboard_ops.steps.review.apply_review import apply_review

    dataset = publish_dataset(tools, apply_review(tools, images, loops))
    describe_event(announce_dataset(tools, dataset))
    return dataset


@step_task(executor=HEAVY, execution_timeout=MATERIAL)
def measure_consistency(
    tools: ToolBox[FigureSection], panels: ManifestRef, dataset: TrainingSet
) -> dict[str, Any]:
    """Measure how similar the panels are to the approved characters."""
    from storyboard_ops.steps.storyboard.measure_consistency import measure_consistency

    measured = measure_consistency(tools, panels, dataset)
    fields: Any = {"summary": True, "figures": {"likeness", "lead", "copied"}}
    return measured.model_dump(mode="json", include=fields)


@step_task(executor=HEAVY, execution_timeout=MATERIAL)
def write_report(tools: ToolBox) -> dict[str, Any]:
    """Lay out the panel board, and write the page, the storyboard PDF and the timeline."""
    from storyboard_ops.steps.report.collect_manifests import collect_manifests
    from storyboard_ops.steps.report.write_report import write_report
    from storyboard_ops.steps.storyboard.choosing.layout import lay_out_panels

    lay_out_panels(tools)
    return write_report(
        tools, collect_manifests(tools, **run_times(), panels_page=panels_address())
    )


@step_task
def release_throughput(tools: ToolBox) -> dict[str, Any]:
    """Delete everything that bills, write the receipt, and show it in the report."""
    from storyboard_ops.steps.release.release_resources import release_everything
    from storyboard_ops.steps.report.collect_manifests import collect_manifests
    from storyboard_ops.steps.report.write_report import write_report
    from storyboard_ops.steps.run.under_way import end_run

    receipt = release_everything(tools)
    end_run(tools)
    facts = {**run_times(), "failure": first_failure(), "panels_page": panels_address()}
    write_report(tools, collect_manifests(tools, **facts))
    return {"cost_usd": receipt.cost_usd, "resources": len(receipt.resources)}


@step_task
def confirm_released(tools: ToolBox) -> dict[str, Any]:
    """Check with the services that nothing of this run bills; only then does the run succeed."""
    from storyboard_ops.steps.release.release_resources import confirm_released

    return {"cost_usd": confirm_released(tools).cost_usd}

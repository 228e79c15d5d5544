"""The tasks of the pipeline: each a thin wrapper that hands a step its tool box.

Steps are imported inside the tasks: a DAG file is parsed every few seconds, and OpenCV, NumPy and
the decoder have no business there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.sdk import task

from storyboard_ops.airflow_ops.approved_asset import APPROVED_DATASET, tell_approved
from storyboard_ops.airflow_ops.task_bridge import (
    first_failure,
    label,
    run_times,
    run_tools,
    tool_box,
)
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.training.model_facts import Capacity

Fields = dict[str, Any]


def _ref(fields: Fields) -> ManifestRef:
    return ManifestRef.model_validate(fields)


@task
def preflight() -> Fields:
    """Check everything that can be known before money is spent."""
    from storyboard_ops.steps.preflight.check_preflight import check_preflight

    report = check_preflight(run_tools())
    return {"estimate_usd": report.estimate_usd, "checks": len(report.checks)}


@task
def plan_shards() -> list[Fields]:
    """Cut the videos into ranges that are sampled in parallel."""
    from storyboard_ops.steps.sampling.plan_shards import plan_shards

    return [shard.model_dump(mode="json") for shard in plan_shards(tool_box())]


@task(map_index_template="{{ label }}")
def sample_frames(shard: Fields) -> Fields:
    """Take the frames on screen at the interval, and drop what shows nothing."""
    from storyboard_ops.domain.sampling.shards import Shard
    from storyboard_ops.steps.sampling.sample_frames import sample_frames

    parsed = Shard.model_validate(shard)
    label(parsed.label)
    return sample_frames(tool_box(), parsed).model_dump(mode="json")


# One at a time: the calls per second belong to the account, and one process reaches them.
@task(map_index_template="{{ label }}", max_active_tis_per_dag=1)
def detect_characters(frames: Fields, detectors: Fields) -> Fields:
    """Find the characters in the kept frames, once the detectors are ready."""
    from storyboard_ops.steps.detection.detect_characters import detect_characters

    label(frames["uri"].rpartition("/")[2].removesuffix(".jsonl"))
    return detect_characters(tool_box(), _ref(frames)).model_dump(mode="json")


@task
def crop_characters(detections: Fields | Iterable[Fields]) -> Fields:
    """Cut a padded picture of every character found."""
    from storyboard_ops.steps.dataset.crop_characters import crop_characters

    # Of a mapped task group with a single instance, Airflow hands over the bare value.
    listed = [detections] if isinstance(detections, dict) else detections
    return crop_characters(tool_box(), [_ref(one) for one in listed]).model_dump(mode="json")


@task
def drop_near_duplicates(crops: Fields) -> Fields:
    """Of pictures that look alike, keep the best."""
    from storyboard_ops.steps.dataset.drop_near_duplicates import drop_near_duplicates
    from storyboard_ops.steps.dataset.embedder import PictureEmbedder

    tools = tool_box()
    return drop_near_duplicates(tools, _ref(crops), PictureEmbedder(tools)).model_dump(mode="json")


@task
def write_captions(images: Fields) -> Fields:
    """Have every picture described, by name."""
    from storyboard_ops.steps.dataset.write_captions import write_captions

    return write_captions(tool_box(), _ref(images)).model_dump(mode="json")


@task
def assemble_dataset(images: Fields) -> Fields:
    """Choose a balanced candidate dataset that the trainer accepts."""
    from storyboard_ops.steps.dataset.assemble_dataset import assemble_dataset

    return assemble_dataset(tool_box(), _ref(images)).model_dump(mode="json")


@task
def open_review(images: Fields) -> Fields:
    """Put the candidates before people, in batches."""
    from storyboard_ops.steps.review.open_review import open_review

    return open_review(tool_box(), _ref(images)).model_dump(mode="json")


@task(outlets=[APPROVED_DATASET])
def apply_review(images: Fields, loops: Fields) -> Fields:
    """Take over what people decided, write the approved dataset, and let it be known."""
    from storyboard_ops.steps.dataset.approved_datasets import announce_dataset
    from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
    from storyboard_ops.steps.review.apply_review import apply_review

    tools = tool_box()
    reviewed = apply_review(tools, _ref(images), _ref(loops))
    dataset = publish_dataset(tools, reviewed)
    tell_approved(announce_dataset(tools, dataset))
    return dataset.model_dump(mode="json")


@task
def draw_storyboard(capacity: Fields) -> Fields:
    """Draw the panels of the script with the customized model."""
    from storyboard_ops.steps.storyboard.draw_storyboard import draw_storyboard

    return draw_storyboard(tool_box(), Capacity.model_validate(capacity)).model_dump(mode="json")


@task
def measure_consistency(panels: Fields, dataset: Fields) -> Fields:
    """Measure how much the panels look like the approved characters."""
    from storyboard_ops.steps.storyboard.measure_consistency import measure_consistency

    parsed = TrainingSet.model_validate(dataset)
    return measure_consistency(tool_box(), _ref(panels), parsed).model_dump(mode="json")


@task
def write_report() -> Fields:
    """Write the page, the storyboard PDF and the timeline."""
    from storyboard_ops.steps.report.collect_manifests import collect_manifests
    from storyboard_ops.steps.report.write_report import write_report

    tools = tool_box()
    return write_report(tools, collect_manifests(tools, **run_times()))


@task
def release_throughput() -> Fields:
    """Delete everything that bills, write the receipt, and show it in the report."""
    from storyboard_ops.steps.release.release_resources import release_everything
    from storyboard_ops.steps.report.collect_manifests import collect_manifests
    from storyboard_ops.steps.report.write_report import write_report

    tools = tool_box()
    receipt = release_everything(tools)
    write_report(tools, collect_manifests(tools, **run_times(), failure=first_failure()))
    return {"cost_usd": receipt.cost_usd, "resources": len(receipt.resources)}


@task
def confirm_released() -> Fields:
    """Ask the services once more that nothing of this run bills; only then is the run green."""
    from storyboard_ops.steps.release.release_resources import confirm_released

    return confirm_released(tool_box()).model_dump(mode="json", include={"cost_usd"})

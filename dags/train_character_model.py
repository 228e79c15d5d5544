"""
### Film in, storyboard out

From a studio's films this DAG samples frames, finds the characters, crops them, drops
near-duplicates, captions the rest, waits for people to approve the pictures and the panels of the
script, fine-tunes an image model, draws storyboards with it, and releases everything that bills.

Trigger it with the S3 URI of a film. The trigger form explains every parameter. The run fails
before anything is paid when one of them cannot work.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task_group

from storyboard_ops.airflow_ops.approval.breakdown_sensor import BreakdownApprovalSensor
from storyboard_ops.airflow_ops.approval.cost_operator import CostApprovalOperator
from storyboard_ops.airflow_ops.approval.sensor import HumanApprovalSensor
from storyboard_ops.airflow_ops.dag_params import run_params
from storyboard_ops.airflow_ops.detection.operators import PrepareDetectorsOperator, stop_detectors
from storyboard_ops.airflow_ops.task_bridge import TASK_DEFAULTS
from storyboard_ops.airflow_ops.tasks.pipeline import (
    apply_review,
    assemble_dataset,
    crop_characters,
    detect_characters,
    drop_near_duplicates,
    list_films,
    measure_consistency,
    open_review,
    plan_shards,
    preflight,
    sample_frames,
    write_captions,
    write_report,
)
from storyboard_ops.airflow_ops.tasks.release_chain import release_after
from storyboard_ops.airflow_ops.tasks.script import break_down_script
from storyboard_ops.airflow_ops.training.operators import (
    CustomizeModelOperator,
    DrawStoryboardOperator,
    ProvisionThroughputOperator,
)


@task_group(group_id="shard")
def sample_and_detect(shard: Any, detectors: Any) -> Any:
    return detect_characters(sample_frames(shard), shard, detectors)


@dag(
    doc_md=__doc__,
    schedule=None,
    params=run_params(defaults={"production": ""}),  # films of one's own have their own
    default_args=TASK_DEFAULTS,
    tags=["storyboard"],
)
def train_character_model() -> None:
    checked = preflight()
    shards = plan_shards()
    # One at a time: two runs of a production would both create what is missing.
    prepared = PrepareDetectorsOperator(task_id="prepare_detectors", max_active_tis_per_dag=1)
    detections = sample_and_detect.partial(detectors=prepared.output).expand(shard=shards)
    stopped = stop_detectors().as_teardown(setups=[checked, prepared])
    checked >> [shards, prepared]
    detections >> stopped

    crops = crop_characters.expand(film=list_films(detections))
    distinct = drop_near_duplicates(crops)
    captioned = write_captions(distinct)
    candidates = assemble_dataset(captioned)

    loops = open_review(candidates)
    approval = HumanApprovalSensor(task_id="wait_for_approval", loops=loops)
    dataset = apply_review(candidates, loops)
    broken_down = break_down_script()
    panels = BreakdownApprovalSensor(task_id="wait_for_breakdown", breakdown=broken_down)
    consent = CostApprovalOperator(task_id="approve_cost")
    training = CustomizeModelOperator(task_id="customize_model", dataset=dataset)
    approval >> dataset >> broken_down >> panels >> consent >> training

    capacity = ProvisionThroughputOperator(task_id="provision_throughput", model=training.output)
    drawing = DrawStoryboardOperator(
        task_id="draw_storyboard", model=training.output, capacity=capacity.output
    )
    consistency = measure_consistency(drawing.output, dataset)
    report = write_report()
    consistency >> report
    release_after(report, checked)


train_character_model()

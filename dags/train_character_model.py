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

from airflow.sdk import TriggerRule, dag, task_group

from storyboard_ops.airflow_ops.approval.breakdown_sensor import BreakdownApprovalSensor
from storyboard_ops.airflow_ops.approval.cost_operator import CostApprovalOperator
from storyboard_ops.airflow_ops.approval.sensor import HumanApprovalSensor
from storyboard_ops.airflow_ops.dag_params import run_params
from storyboard_ops.airflow_ops.detection.operators import PrepareDetectorsOperator, stop_detectors
from storyboard_ops.airflow_ops.task_bridge import TASK_DEFAULTS
from storyboard_ops.airflow_ops.tasks.kinds import WITH_THREE_WAITS, stage
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


@task_group(group_id="shard", group_display_name="Each range of each film")
def sample_and_detect(shard: Any, detectors: Any) -> Any:
    """Sample the frames of one range of a film, and find the characters in them."""
    return detect_characters(sample_frames(shard), shard, detectors)


@dag(
    description="Films in, storyboard out: find characters, people approve, train, draw.",
    doc_md=__doc__,
    schedule=None,
    params=run_params(defaults={"production": ""}),  # films of one's own have their own
    default_args=TASK_DEFAULTS,
    dagrun_timeout=WITH_THREE_WAITS,
    tags=["storyboard", "film", "training", "drawing"],
)
def train_character_model() -> None:
    checked = preflight()

    with stage("find_characters"):
        shards = plan_shards()
        # One at a time: two runs of a production would both create what is missing.
        prepared = PrepareDetectorsOperator(task_id="prepare_detectors", max_active_tis_per_dag=1)
        detections = sample_and_detect.partial(detectors=prepared.output).expand(shard=shards)
        stopped = stop_detectors().as_teardown(setups=[checked, prepared])
        checked >> [shards, prepared]
        detections >> stopped

    with stage("dataset"):
        crops = crop_characters.expand(film=list_films(detections))
        distinct = drop_near_duplicates(crops)
        captioned = write_captions(distinct)
        candidates = assemble_dataset(captioned)

    with stage("people"):
        loops = open_review(candidates)
        approval = HumanApprovalSensor(task_id="wait_for_approval", loops=loops)
        dataset = apply_review(candidates, loops)

    with stage("script"):
        broken_down = break_down_script()
        panels = BreakdownApprovalSensor(task_id="wait_for_breakdown", breakdown=broken_down)

    with stage("train"):
        consent = CostApprovalOperator(task_id="approve_cost")
        training = CustomizeModelOperator(task_id="customize_model", dataset=dataset)
        approval >> dataset >> broken_down >> panels >> consent >> training

    with stage("storyboard"):
        model = training.output
        capacity = ProvisionThroughputOperator(task_id="provision_throughput", model=model)
        drawing = DrawStoryboardOperator(
            task_id="draw_storyboard", model=model, capacity=capacity.output
        )
        consistency = measure_consistency(drawing.output, dataset)

    with stage("wrap_up"):
        # A run that draws nothing has a report, too.
        report = write_report.override(trigger_rule=TriggerRule.NONE_FAILED)()
        consistency >> report
        release_after(report, checked)


train_character_model()

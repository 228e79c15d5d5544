"""
### Film in, storyboard out

A studio hands over its films; this DAG samples frames, finds the characters, crops them, drops
near-duplicates, captions what is left, asks people to approve, fine-tunes an image model, draws
storyboards with it, and leaves nothing billing behind.

Trigger it with the S3 URI of a film. Every parameter explains itself in the trigger form; the run
refuses to start, before anything is paid, when one of them cannot work.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import TriggerRule, chain, dag, task_group

from storyboard_ops.airflow_ops.approval_sensor import HumanApprovalSensor
from storyboard_ops.airflow_ops.dag_params import run_params
from storyboard_ops.airflow_ops.model_operators import (
    CustomizeModelOperator,
    ProvisionThroughputOperator,
)
from storyboard_ops.airflow_ops.pipeline_tasks import (
    apply_review,
    assemble_dataset,
    confirm_released,
    crop_characters,
    detect_characters,
    draw_storyboard,
    drop_near_duplicates,
    measure_consistency,
    open_review,
    plan_shards,
    preflight,
    release_throughput,
    sample_frames,
    write_captions,
    write_report,
)
from storyboard_ops.airflow_ops.task_bridge import RETRY_POLICY


@task_group
def film(shard):
    return detect_characters(sample_frames(shard))


@dag(
    doc_md=__doc__,
    schedule=None,
    params=run_params(),
    default_args={
        "retries": 2,
        "retry_delay": timedelta(seconds=10),
        "retry_exponential_backoff": True,
        "retry_policy": RETRY_POLICY,
    },
    tags=["storyboard"],
)
def train_character_model():
    checked = preflight()
    shards = plan_shards()
    found = film.expand(shard=shards)
    crops = crop_characters(found)
    distinct = drop_near_duplicates(crops)
    captioned = write_captions(distinct)
    candidates = assemble_dataset(captioned)
    loops = open_review(candidates)
    approval = HumanApprovalSensor(task_id="wait_for_approval", loops=loops)
    dataset = apply_review(candidates, loops)
    model = CustomizeModelOperator(task_id="customize_model", dataset=dataset)
    capacity = ProvisionThroughputOperator(task_id="provision_throughput", model=model.output)
    panels = draw_storyboard(capacity.output)
    figure = measure_consistency(panels, dataset)
    report = write_report.override(trigger_rule=TriggerRule.NONE_FAILED)()
    # Both are set-ups of the release: clearing a task in between provisions and releases again,
    # and the release also runs when provisioning itself has failed half-way.
    released = release_throughput().as_teardown(setups=[checked, capacity])
    # An ordinary task at the end: Airflow judges a run by its last tasks, and a teardown that
    # succeeds would make a failed run look green.
    confirmed = confirm_released()

    chain(
        *(checked, shards, found, crops, distinct, captioned, candidates),
        *(loops, approval, dataset, model, capacity, panels, figure, report, released),
        confirmed,
    )
    report >> confirmed


train_character_model()

"""A DAG with the shape of the real one and nothing in it: for tests of the launcher.

`seed` chooses what happens: 13 fails in `crop_characters`; 99 waits in `wait_for_approval` until
someone ends it.
"""

from __future__ import annotations

import time

from airflow.sdk import Param, dag, get_current_context, task, task_group

FAILING_SEED = 13
WAITING_SEED = 99


def seed() -> int:
    return get_current_context()["params"]["seed"]


@task
def plan_shards() -> list[int]:
    return [0, 1, 2]


@task
def count_frames(shard: int) -> int:
    return shard


@task_group
def film(shard):
    count_frames(shard)


@task
def crop_characters() -> None:
    if seed() == FAILING_SEED:
        raise ValueError("The crop of mira is 12 px wide. Raise max_enlargement.")


@task
def wait_for_approval() -> None:
    if seed() == WAITING_SEED:
        time.sleep(600)


@task
def write_report() -> None:
    import boto3

    from storyboard_ops.domain.object_keys import Workspace, run_key

    context = get_current_context()
    dag_run = context["dag_run"]
    root = Workspace.at(context["params"]["workspace"]).run(run_key(dag_run.dag_id, dag_run.run_id))
    for name in ("report.html", "receipt.json", "dataset/train.jsonl", "crops/raw.png"):
        boto3.client("s3").put_object(Bucket=root.bucket, Key=f"{root.key}/{name}", Body=b"{}")


@dag(
    dag_id="train_character_model",
    schedule=None,
    params={
        "videos": Param([], type="array"),
        "production": "",
        "workspace": "",
        "poll_seconds": 1,
        "seed": Param(7, type="integer", minimum=0),
    },
)
def toy_pipeline():
    planned = film.expand(shard=plan_shards())
    planned >> crop_characters() >> wait_for_approval() >> write_report()


toy_pipeline()

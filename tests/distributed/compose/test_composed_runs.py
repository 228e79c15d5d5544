"""The compose file, run unchanged, and a run through the death of each of its containers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from launcher.state.layout import PROJECT_ROOT
from tests.distributed.compose.composed import Composed, composed, missing, services
from tests.distributed.model_runs import ENDED, until

pytestmark = pytest.mark.compose

DAG_ID = "train_character_model"
FILM = PROJECT_ROOT / "include/sample_film/paper-lantern.mp4"
#: A run is long enough to be disturbed eight times.
SLOW = ("--customization-seconds", "20", "--throughput-seconds", "10", "--answer-delay-ms", "250")
RUN_SECONDS = 2400


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Any:
    if reason := missing():
        pytest.skip(reason)
    with composed(tmp_path_factory.mktemp("compose"), *SLOW) as running:
        yield running


def trigger(stack: Composed, run_id: str, workspace: str) -> None:
    until(lambda: stack.client.get_last_parsed(DAG_ID) is not None, "the DAG is parsed", 600)
    film = stack.studio.upload(FILM)
    stack.client.unpause(DAG_ID)
    conf = {
        "workspace": f"s3://{stack.studio.bucket}/{workspace}",
        "production": "paper-lantern",
        "videos": [film],
        "sample_interval_s": 3,
        "review_desk": "without_people",
        "keep_model": False,
    }
    stack.client.trigger(DAG_ID, run_id, conf)


def dataset_of(stack: Composed, workspace: str) -> dict[str, str]:
    """Digest of every object of the dataset by its key within the run, without its README."""
    s3 = stack.studio.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=stack.studio.bucket, Prefix=f"{workspace}/runs/"
    )
    found = {}
    for listed in (one for page in pages for one in page.get("Contents", ())):
        inside = listed["Key"].partition("/dataset/")[2]
        if inside:
            body = s3.get_object(Bucket=stack.studio.bucket, Key=listed["Key"])["Body"].read()
            found[inside] = hashlib.sha256(body).hexdigest()
    return found


def test_every_container_dies_once_in_the_middle_of_a_run(stack, capsys):
    """It completes; nothing is lost or bought twice; the dataset is that of a run in peace."""
    trigger(stack, "disturbed", "disturbed")
    until(lambda: started(stack, "disturbed", "shard.sample_frames"), "work has begun", 600)
    recovered = {}
    for service in services():
        assert stack.client.get_run_state(DAG_ID, "disturbed") not in ENDED
        stack.kill(service)
        recovered[service] = stack.wait_until_healthy(service)
    assert end_of(stack, "disturbed") == "success"
    assert bought(stack) == {"trainings": 1, "capacities": 1}
    trigger(stack, "peaceful", "peaceful")
    assert end_of(stack, "peaceful") == "success"
    assert bought(stack) == {"trainings": 2, "capacities": 2}
    disturbed, peaceful = (dataset_of(stack, name) for name in ("disturbed", "peaceful"))
    assert disturbed.keys() == peaceful.keys()
    differing = sorted(name for name in disturbed if disturbed[name] != peaceful[name])
    with capsys.disabled():
        print(f"\nseconds until a killed service was healthy again: {recovered}")  # noqa: T201
        print(f"{len(disturbed)} objects of the dataset; differing: {differing}")  # noqa: T201
    assert {Path(name).name for name in differing} <= {"README.md", "card.json", "lineage.csv"}


def test_both_workers_work_and_the_image_is_slim(stack):
    logs = stack.logs("worker")
    assert {f"worker-{number}" for number in (1, 2)} == {
        line.removeprefix("\x1b[2K").split()[0]
        for line in logs.splitlines()
        if "execute_workload" in line
    }
    assert stack.size_above_base() < 750e6


def started(stack: Composed, run_id: str, task_id: str) -> bool:
    states = stack.client.list_task_states(DAG_ID, run_id)
    return any(task.task_id == task_id and task.start for task in states)


def end_of(stack: Composed, run_id: str) -> str:
    until(
        lambda: stack.client.get_run_state(DAG_ID, run_id) in ENDED, f"{run_id} ends", RUN_SECONDS
    )
    return stack.client.get_run_state(DAG_ID, run_id)


def bought(stack: Composed) -> dict[str, int]:
    """How many trainings and capacities the account has paid for."""
    jobs = stack.studio.client("bedrock").list_model_customization_jobs()
    lines = stack.studio.endpoint.admin("GET", "bill")["lines"]
    return {
        "trainings": len(jobs["modelCustomizationJobSummaries"]),
        "capacities": sum(line["unit"] == "model_unit_hour" for line in lines),
    }

"""A real Airflow whose heavy tasks run on the ECS that the local endpoint plays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from launcher.aws.clouds import LocalCloud
from launcher.aws.local_account import STUDIO_BUCKET, STUDIO_WORKSPACE, prepare_account
from launcher.embedded import stack
from launcher.embedded.client import TaskState
from launcher.processes.interrupts import Interrupts
from launcher.state.layout import PROJECT_ROOT, Project
from local_aws.services.ecs.task_start import TASKS_FOLDER
from storyboard_ops.domain.money.paid_usage import Receipt
from storyboard_ops.domain.object_keys import run_key
from tests.distributed.model_runs import ENDED, studio_of, until
from tests.studio.studio_fixture import Studio

DAG_ID = "train_character_model"
TROUBLED = "troubled"
HEAVY_DAGS = Path(__file__).parent / "heavy_dags"
FILM = PROJECT_ROOT / "include/sample_film/paper-lantern.mp4"
RUN_SECONDS = 1500


def heavy_project(root: Path) -> Project:
    """A project with the product's DAGs and the one that is disturbed."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT_ROOT / "dags", root / "dags", ignore=ignored)
    shutil.copytree(HEAVY_DAGS, root / "dags", ignore=ignored, dirs_exist_ok=True)
    for name in ("plugins", "local_aws", "include", "launcher"):
        (root / name).symlink_to(PROJECT_ROOT / name)
    return Project(root)


@dataclass(frozen=True)
class HeavyAirflow:
    """The running Airflow, and the studio whose account it works on."""

    stack: stack.Stack
    studio: Studio

    def run_demo(self, run_id: str) -> str:
        """Run the demo without people; return the state in which it ends."""
        conf = {
            "workspace": STUDIO_WORKSPACE,
            "production": "paper-lantern",
            "videos": [self.studio.upload(FILM)],
            "sample_interval_s": 3,
            "review_desk": "without_people",
            "keep_model": False,
            "poll_seconds": 1,
        }
        self.trigger(DAG_ID, run_id, conf)
        return self.end_of(DAG_ID, run_id)

    def trigger(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> None:
        """Start a run."""
        self.stack.wait_for_dag(dag_id)
        self.stack.client.unpause(dag_id)
        self.stack.client.trigger(dag_id, run_id, conf)

    def end_of(self, dag_id: str, run_id: str) -> str:
        """Wait for the end of a run; return its state."""
        client = self.stack.client
        until(lambda: client.get_run_state(dag_id, run_id) in ENDED, f"{run_id} ends", RUN_SECONDS)
        return client.get_run_state(dag_id, run_id)

    def task(self, run_id: str) -> TaskState:
        """The only task of the disturbed DAG."""
        (task,) = self.stack.client.list_task_states(TROUBLED, run_id)
        return task

    def log(self, dag_id: str, run_id: str, task: TaskState, try_number: int = 1) -> str:
        """The log of a try, as Airflow's page shows it."""
        tried = replace(task, try_number=try_number)
        events = self.stack.client.get_log_events(dag_id, run_id, tried)
        return "\n".join(f"{event.get('event')} {event.get('sources', '')}" for event in events)

    def events(self, run_id: str) -> list[str]:
        """What the Events tab of the disturbed DAG's run says about its containers."""
        answer = self.stack.client._call("GET", "/eventLogs", params={"run_id": run_id})
        return [one["extra"] for one in answer.json()["event_logs"] if one["event"] == "ECS"]

    def executors(self, run_id: str) -> dict[str, str | None]:
        """The executor of each task of a demo by its id; None: the default."""
        path = f"/dags/{DAG_ID}/dagRuns/{run_id}/taskInstances"
        rows = self.stack.client._call("GET", path, params={"limit": 500}).json()
        return {row["task_id"]: row["executor"] for row in rows["task_instances"]}

    def ended_containers(self) -> int:
        """How many ECS tasks have ended."""
        ecs = self.studio.client("ecs")
        return len(ecs.list_tasks(cluster="storyboard", desiredStatus="STOPPED")["taskArns"])

    def container_hours(self, run_id: str) -> tuple[dict[str, float], dict[str, float]]:
        """The vCPU-hours of a demo's containers by their ids: on its meter, and on the bill.

        The receipt has the sum of the first.
        """
        root = self.studio.workspace.run(run_key(DAG_ID, run_id))
        tools = self.studio.tools(run_key(DAG_ID, run_id), workspace=STUDIO_WORKSPACE)
        booked = {}
        for head in tools.objects.list(root / "spending/container-"):
            amounts = {one["unit"]: one["amount"] for one in tools.objects.json(head.uri)}
            booked[head.uri.name.removeprefix("container-")[:-5]] = amounts["vcpu_hour"]
        receipt = tools.read_record("receipt.json", Receipt)
        assert receipt is not None
        usages = {one.unit: one.amount for one in receipt.usages}
        assert round(usages["vcpu_hour"] - sum(booked.values()), 6) == 0
        billed = {
            line["resource"].rpartition("/")[2]: line["quantity"]
            for line in self.studio.endpoint.admin("GET", "bill")["lines"]
            if line["unit"] == "vcpu_hour"
        }
        return booked, {name: billed[name] for name in booked}

    def inject(self, code: str, message: str, times: int) -> None:
        """Let the next ECS tasks fail."""
        fault = {"kind": "fail", "service": "ecs", "operation": "RunTask", "code": code}
        rules = [{**fault, "message": message, "times": times}]
        self.studio.endpoint.admin("PUT", "faults", {"faults": rules})

    def kill_container(self) -> None:
        """SIGKILL for the command of the only running ECS task, as the kernel does it."""
        folder = str(self.stack.state.endpoint_data / TASKS_FOLDER)
        for process in psutil.process_iter(["cmdline"]):
            if folder in " ".join(process.info["cmdline"] or ()):
                for command in process.children():
                    command.kill()

    def results(self, run_id: str, folder: str) -> dict[str, bytes]:
        """Every object in a folder of a demo's results, by its key within the folder."""
        s3, prefix = self.studio.client("s3"), f"runs/{run_key(DAG_ID, run_id)}/{folder}/"
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=STUDIO_BUCKET, Prefix=prefix)
        keys = [listed["Key"] for page in pages for listed in page.get("Contents", ())]
        return {
            key.removeprefix(prefix): s3.get_object(Bucket=STUDIO_BUCKET, Key=key)["Body"].read()
            for key in keys
        }


@contextmanager
def heavy_airflow(project: Project, name: str) -> Iterator[HeavyAirflow]:
    """An Airflow on a state of its own; where its heavy tasks run, HEAVY says."""
    state, cloud = project.state(name), LocalCloud()
    with stack.running(project, state, cloud, Interrupts()) as running:
        prepare_account(cloud.ready_endpoint(), project)
        yield HeavyAirflow(running, studio_of(state, STUDIO_BUCKET))

"""Uploads start runs, with a real Airflow, its triggerer and the real endpoint."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from launcher.aws.blueprint import Names
from launcher.aws.clients import local_client
from launcher.aws.clouds import LocalCloud
from launcher.aws.local_account import STUDIO_BUCKET
from launcher.aws.setup import set_up
from launcher.embedded import stack
from launcher.processes.interrupts import Interrupts
from launcher.product import REJECTED_QUEUE, UPLOADS_QUEUE
from launcher.state.layout import PROJECT_ROOT, Project
from tests.films.tiny_film import tiny_film

pytestmark = [pytest.mark.slow, pytest.mark.long]

BUCKET = STUDIO_BUCKET  # include/deployment.yaml lets uploads into it start runs
INGEST, TRAIN = "ingest_video", "train_character_model"
PATIENCE = 180.0
FOLDER = "incoming/paper-lantern"


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """The project with two of its DAGs; the watcher looks every two seconds."""
    root: Path = tmp_path_factory.mktemp("project")
    (root / "dags").mkdir()
    for dag in (INGEST, TRAIN):
        text = (PROJECT_ROOT / "dags" / f"{dag}.py").read_text()
        hurried = text.replace("UploadsTrigger(UPLOADS_QUEUE)", "UploadsTrigger(UPLOADS_QUEUE, 2)")
        assert (hurried != text) == (dag == INGEST)
        (root / "dags" / f"{dag}.py").write_text(hurried)
    for name in ("local_aws", "include", "plugins"):
        (root / name).symlink_to(PROJECT_ROOT / name)
    return Project(root)


class Site:
    """A running Airflow with an account that is set up for uploads."""

    def __init__(self, running: stack.Stack, cloud: LocalCloud, project: Project) -> None:
        self._running = running
        self._endpoint = cloud.ready_endpoint()
        self.s3, self.sqs = self.aws("s3"), self.aws("sqs")
        account = self.aws("sts").get_caller_identity()["Account"]
        names = Names(account, self._endpoint.region, BUCKET)
        for _ in set_up(project.policies, self.aws, names):
            pass
        self.sqs.purge_queue(QueueUrl=self.url(UPLOADS_QUEUE))  # of the test event of S3
        # Unfinished work is retried after seconds here, not after minutes.
        attributes = {"VisibilityTimeout": "5"}
        self.sqs.set_queue_attributes(QueueUrl=self.url(UPLOADS_QUEUE), Attributes=attributes)
        ready = project.state("test").endpoint_ready.read_text()
        self._token = json.loads(ready)["admin_token"]

    def aws(self, service: str) -> Any:
        return local_client(service, endpoint=self._endpoint)

    def url(self, queue: str) -> str:
        return str(self.sqs.get_queue_url(QueueName=queue)["QueueUrl"])

    def upload(self, name: str, body: bytes) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/{name}", Body=body)

    def faults(self, *faults: dict[str, Any]) -> None:
        requests.put(
            f"{self._endpoint.url}/_localaws/faults",
            json={"faults": faults},
            headers={"x-localaws-token": self._token},
            timeout=10,
        ).raise_for_status()

    def waiting(self) -> int:
        """Messages in the uploads queue, hidden ones included."""
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(
            QueueUrl=self.url(UPLOADS_QUEUE), AttributeNames=counts
        )
        return sum(map(int, answer["Attributes"].values()))

    def rejected(self) -> list[str]:
        """Reasons on the messages of the dead-letter queue, taken off it."""
        found = self.sqs.receive_message(
            QueueUrl=self.url(REJECTED_QUEUE),
            MaxNumberOfMessages=10,
            MessageAttributeNames=["reason"],
        )
        messages = found.get("Messages", [])
        return [message["MessageAttributes"]["reason"]["StringValue"] for message in messages]

    def runs(self, dag_id: str) -> list[str]:
        """Runs that are not finished; those of a paused DAG stay queued."""
        return self._running.client.list_active_runs(dag_id)

    def fail(self, dag_id: str, run_id: str) -> None:
        self._running.client.fail_run(dag_id, run_id)

    def until(self, what: str, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not reached():
            self._running.check()
            assert time.monotonic() < deadline, f"{what} in {PATIENCE:.0f} s: not so"
            time.sleep(0.5)


@pytest.fixture(scope="module")
def site(project: Project) -> Iterator[Site]:
    cloud = LocalCloud()
    with stack.running(project, project.state("test"), cloud, Interrupts()) as running:
        site = Site(running, cloud, project)
        running.wait_for_dag(INGEST)
        running.wait_for_dag(TRAIN)
        running.client.unpause(INGEST)
        yield site


@pytest.mark.long
def test_one_run_for_each_version_of_a_film_whatever_happens(site: Site, tmp_path: Path) -> None:
    film = tiny_film(tmp_path / "film.mp4", seconds=2).read_bytes()

    # The runs exist, and the consumer is killed before it deletes the messages.
    site.faults({"kind": "error", "service": "sqs", "operation": "DeleteMessage", "times": 99,
                 "code": "AccessDenied"})  # fmt: skip
    site.upload("a.mp4", film)
    site.upload("a.mp4", film)  # announced twice
    site.upload("b.mp4", film)
    site.until("both films have runs", lambda: len(site.runs(TRAIN)) == 2)
    site.fail(INGEST, site.runs(INGEST)[0])
    assert site.waiting() == 3

    site.faults()
    site.upload("a.mp4", film + b"\0" * 8)  # another version
    site.upload("notes.txt", b"call the agent")
    site.until("the queue is empty", lambda: site.waiting() == 0)
    runs = [run.partition("-")[0] for run in site.runs(TRAIN)]
    assert sorted(runs) == ["upload__a", "upload__a", "upload__b"]
    (reason,) = site.rejected()
    assert f"s3://{BUCKET}/{FOLDER}/notes.txt: the name of a film must end in" in reason

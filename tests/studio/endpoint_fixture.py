"""A local AWS endpoint as a process of its own, for tests of the endpoint and of its users."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from botocore.config import Config

PROJECT_ROOT = Path(__file__).parents[2]
FAST = ("--customization-seconds", "0.2", "--throughput-seconds", "0.2")
"""Arguments of an endpoint whose jobs end quickly."""

MEMORY_FOLDER = Path("/dev/shm")
MEMORY_BYTES = 2 << 30
"""Free space that `quick_folder` requires there, so that tests cannot fill the memory."""

START_SECONDS = 30.0
STOP_SECONDS = 60


@dataclass
class RunningEndpoint:
    """An endpoint that answers. `ready` is its ready file."""

    process: subprocess.Popen[str]
    data_dir: Path
    ready: dict[str, Any]

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(self.ready["url"])

    @property
    def environment(self) -> dict[str, str]:
        """What a program has to find in its environment to use this endpoint."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.ready["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.ready["secret_access_key"],
            "AWS_DEFAULT_REGION": self.ready["region"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, **settings: Any) -> Any:
        """A boto3 client; retries are off unless `settings` (of botocore's Config) say else."""
        chosen = {"retries": {"total_max_attempts": 1}, "signature_version": None, **settings}
        if service == "s3" and chosen["signature_version"] is None:
            chosen["signature_version"] = "s3v4"
        if chosen["signature_version"] is None:
            del chosen["signature_version"]
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=self.ready["region"],
            aws_access_key_id=self.ready["access_key_id"],
            aws_secret_access_key=self.ready["secret_access_key"],
            config=Config(**chosen),
        )

    def in_region(self, region: str) -> "RunningEndpoint":
        """The same endpoint for clients of another region."""
        return RunningEndpoint(self.process, self.data_dir, {**self.ready, "region": region})

    def admin(self, method: str, page: str, document: Any = None) -> Any:
        """The JSON answer of an admin path: `admin("GET", "bill")`."""
        request = urllib.request.Request(
            f"{self.url}/_localaws/{page}",
            method=method,
            headers={"x-localaws-token": self.ready["admin_token"]},
            data=None if document is None else json.dumps(document).encode(),
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def purchases(self) -> list[dict[str, Any]]:
        """Lines of the bill that a call adds or raises: no requests to S3, no storage by the month.

        Of what bills by the hour only the resource is left: other tests may leave some running.
        """
        lines = self.admin("GET", "bill")["lines"]
        bought = [line for line in lines if line["service"] != "s3" and line["unit"] != "month"]
        return [_without_time(line) if "hour" in line["unit"] else line for line in bought]

    def move_clock(self, hours: float) -> None:
        """Let states and bills see this much later; for an endpoint that nobody shares."""
        clock = self.admin("GET", "clock")
        clock["ahead_seconds"] += 3600 * hours
        self.admin("PUT", "clock", clock)

    @contextmanager
    def stopped_clock(self) -> Iterator[None]:
        """Stop the clock while the block runs: states that pass quickly stay until then."""
        clock = self.admin("GET", "clock")
        self.admin("PUT", "clock", {**clock, "stopped": True})
        try:
            yield
        finally:
            self.admin("PUT", "clock", clock)

    def kill(self) -> None:
        """End the process as `kill -9` does."""
        self.process.kill()
        self.process.communicate()  # closes the pipe, too


def start_endpoint(data_dir: Path, arguments: Sequence[str] = ()) -> RunningEndpoint:
    """Start an endpoint over `data_dir` on a free port and wait until it answers."""
    ready_file = data_dir.with_name(data_dir.name + "-ready.json")
    ready_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "local_aws", "--port", "0", "--data", str(data_dir)]
    process = subprocess.Popen(
        [*command, "--ready-file", str(ready_file), *arguments],
        cwd=PROJECT_ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + START_SECONDS
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"the endpoint did not start: exit code {process.poll()}")
        time.sleep(0.02)
    return RunningEndpoint(process, data_dir, json.loads(ready_file.read_text()))


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A temporary folder, in memory where the machine has room for it.

    The endpoint writes a file for every object, which costs it half as much time there.
    """
    usable = os.access(MEMORY_FOLDER, os.W_OK)
    roomy = usable and shutil.disk_usage(MEMORY_FOLDER).free >= MEMORY_BYTES
    with TemporaryDirectory(dir=MEMORY_FOLDER if roomy else None) as folder:
        yield Path(folder)


@contextmanager
def running_endpoint(data_dir: Path, arguments: Sequence[str] = ()) -> Iterator[RunningEndpoint]:
    """An endpoint that is stopped when the block ends."""
    endpoint = start_endpoint(data_dir, arguments)
    try:
        yield endpoint
    finally:
        if endpoint.process.poll() is None:
            endpoint.process.terminate()
        try:
            endpoint.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            endpoint.kill()
            raise
        if endpoint.process.stdout is not None:
            endpoint.process.stdout.close()


def _without_time(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in {"quantity", "usd"}}

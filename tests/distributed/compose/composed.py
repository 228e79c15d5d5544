"""The project's own containers, started by its compose file on whichever Docker is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import requests
import yaml

from launcher.containers.dotenv import write_env
from launcher.containers.users import read_users
from launcher.embedded.client import AirflowClient
from launcher.processes.ports import ApiPorts
from launcher.state.layout import PROJECT_ROOT
from tests.distributed.model_runs import until
from tests.studio.endpoint_fixture import RunningEndpoint
from tests.studio.studio_fixture import Studio

NAME = "storyboard-compose-test"
IMAGE = "storyboard-pipeline"
API = ApiPorts(8080, 8080)
READY = "/opt/local_aws/ready.json"
START_SECONDS = 900
#: What a worker logs with each task that it takes.
_EXECUTED = "Task execute_workload["
#: Images of the compose file and the Dockerfile: their variable, and a tag that may stand in.
STAND_INS = {
    "PYTHON_IMAGE": "python:3.11-slim",
    "POSTGRES_IMAGE": "postgres:16",
    "REDIS_IMAGE": "redis:7",
}


def missing() -> str:
    """What keeps the containers from being started, as a reason to skip; empty: nothing."""
    if shutil.which("docker") is None:
        return "no docker on this machine"
    if subprocess.run(
        ("docker", "compose", "version"), capture_output=True, check=False
    ).returncode:
        return "docker has no compose plugin"
    if subprocess.run(("docker", "info"), capture_output=True, check=False).returncode:
        return f"no Docker daemon answers at {os.environ.get('DOCKER_HOST', 'its default socket')}"
    return find_images()[1]


@cache
def find_images() -> tuple[dict[str, str], str]:
    """Return the variables that name images, and why there is no such image; empty: all are there.

    Images that are here are taken; only what is missing is pulled.
    """
    chosen: dict[str, str] = {}
    for variable, pinned in _pinned().items():
        if _is_here(pinned):
            continue
        if _is_here(STAND_INS[variable]):
            chosen[variable] = STAND_INS[variable]
        elif _docker("pull", "--quiet", pinned, check=False).returncode:
            return chosen, f"neither {pinned} nor {STAND_INS[variable]} is here or can be pulled"
    return chosen, ""


def _pinned() -> dict[str, str]:
    files = [(PROJECT_ROOT / name).read_text() for name in ("docker-compose.yaml", "Dockerfile")]
    found = re.findall(
        r"(PYTHON_IMAGE|POSTGRES_IMAGE|REDIS_IMAGE)(?::-|=)([^\s}]+)", "".join(files)
    )
    return dict(found)


def _is_here(image: str) -> bool:
    return _docker("image", "inspect", image, check=False).returncode == 0


def _docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(("docker", *arguments), capture_output=True, text=True, check=check)


class PatientClient(AirflowClient):
    """A client that asks again while the API server restarts or the machine is too busy.

    A run that is triggered may so be triggered again, which Airflow refuses with 409.
    """

    def log_in(self) -> None:
        """Get a token, as soon as there is a server that gives one."""
        until(self._is_logged_in, "the API server takes the login", START_SECONDS)

    def _is_logged_in(self) -> bool:
        with suppress(requests.HTTPError):
            super().log_in()
            return True
        return False

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        answers: list[requests.Response] = []

        def is_answered() -> bool:
            answers.append(super(PatientClient, self)._request(method, path, **options))
            return answers[-1].status_code < requests.codes.server_error  # the database is away

        until(is_answered, f"{method} {path} is answered", START_SECONDS)
        return answers[-1]


@dataclass(frozen=True)
class Composed:
    """The running containers."""

    env_file: Path
    client: AirflowClient
    studio: Studio

    def containers(self) -> list[str]:
        """Names of the containers that stay up, such as ``worker-2``, in the order of the file."""
        listed = _compose(self.env_file, "ps", "--format", "{{.Service}} {{.Name}}").splitlines()
        order = services()
        found = sorted((order.index(service), name) for service, name in map(str.split, listed))
        return [name.removeprefix(f"{NAME}-") for _, name in found]

    def crash(self, container: str) -> float:
        """Crash a container by SIGKILL; return the seconds until it is back and healthy.

        Its restart policy brings it back, which it does not after `docker kill`. So the signal
        comes from a container that sees the processes of the daemon's machine.
        """
        before = self._started(container)
        began = time.monotonic()
        _docker(
            *("run", "--rm", "--network", "none", "--pid", "host", "--user", "root"),
            *("--entrypoint", "sh", IMAGE, "-c", f"kill -KILL {self._inspect(container, 'Pid')}"),
        )

        def is_back() -> bool:
            started, health = self._started(container), self._inspect(container, "Health.Status")
            return started != before and health == "healthy"

        until(is_back, f"{container} is healthy", START_SECONDS)
        return time.monotonic() - began

    def _started(self, container: str) -> str:
        return self._inspect(container, "StartedAt")

    def _inspect(self, container: str, field: str) -> str:
        shown = ("inspect", "--format", f"{{{{.State.{field}}}}}", f"{NAME}-{container}")
        return _docker(*shown).stdout.strip()

    def working_workers(self) -> set[str]:
        """Names of the workers that have executed tasks."""
        logs = _compose(self.env_file, "logs", "--no-color", "worker").splitlines()
        return {line.split()[0].rpartition("\x1b[2K")[2] for line in logs if _EXECUTED in line}

    def size_above_base(self) -> int:
        """Bytes of the image's layers above its Python image."""
        images = (
            IMAGE,
            find_images()[0].get("PYTHON_IMAGE", _pinned()["PYTHON_IMAGE"]),
        )
        ours, base = (
            int(_docker("image", "inspect", "--format", "{{.Size}}", one).stdout) for one in images
        )
        return ours - base


@contextmanager
def composed(folder: Path, *options: str, workers: int = 2) -> Iterator[Composed]:
    """Everything that the compose file starts, healthy; removed with its volumes afterwards.

    ``options``: of the local endpoint.
    """
    shutil.copy(PROJECT_ROOT / ".env.example", folder)
    env_file = write_env(folder)
    with env_file.open("a") as file:
        file.write(f"ENDPOINT_OPTIONS={' '.join(options)}\n")
        file.writelines(f"{name}={image}\n" for name, image in find_images()[0].items())
    try:
        up = ("up", "--build", "--detach", "--wait", "--wait-timeout", str(START_SECONDS))
        _compose(env_file, *up, "--scale", f"worker={workers}", most_seconds=2 * START_SECONDS)
        yield _opened(env_file)
    finally:
        _compose(env_file, "down", "--volumes", "--timeout", "5", check=False)


def _opened(env_file: Path) -> Composed:
    values = dict(
        line.split("=", 1)
        for line in env_file.read_text().splitlines()
        if "=" in line and line[0] != "#"
    )
    [user] = read_users(values["STORYBOARD_USERS"])
    client = PatientClient(API, user.name, user.password)
    client.log_in()
    ready = json.loads(_compose(env_file, "exec", "-T", "endpoint", "cat", READY))
    endpoint = RunningEndpoint(None, Path("/opt/local_aws/data"), ready)  # type: ignore[arg-type]
    return Composed(env_file, client, Studio(endpoint, "storyboard-studio"))


def _compose(env_file: Path, *arguments: str, check: bool = True, most_seconds: int = 300) -> str:
    command: Sequence[str] = (
        *("docker", "compose", "--project-name", NAME, "--project-directory", str(PROJECT_ROOT)),
        *("--env-file", str(env_file), *arguments),
    )
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=most_seconds, check=False
    )
    if check and done.returncode:
        raise AssertionError(f"{' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def services() -> list[str]:
    """The services that stay up, in the order of the file."""
    document: dict[str, Any] = yaml.safe_load((PROJECT_ROOT / "docker-compose.yaml").read_text())
    return [name for name, service in document["services"].items() if "healthcheck" in service]

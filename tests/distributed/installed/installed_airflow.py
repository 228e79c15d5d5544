"""An Airflow of a studio's own: a fresh environment in which the wheel is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from launcher.embedded.client import AirflowClient
from launcher.embedded.settings import FIXED_SETTINGS
from launcher.processes.environment import base_environment, without_aws
from launcher.processes.ports import ApiPorts, find_free_ports
from launcher.state.layout import PROJECT_ROOT

UV = Path(sys.executable).parent / "uv"
#: As docs/install.md says: the bundle of the wheel after Airflow's own folder of DAGs.
BUNDLES = [
    {
        "name": "dags-folder",
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {},
    },
    {
        "name": "storyboard",
        "classpath": "storyboard_ops.airflow_ops.installed_dags.InstalledDagBundle",
        "kwargs": {},
    },
]
PASSWORD = "a password of this test"
STOP_SECONDS = 30


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout without a network; returns its path."""
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    subprocess.run(command, cwd=PROJECT_ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


class NoIndex(Exception):
    """No package index answers, so nothing can be installed."""


@dataclass(frozen=True)
class InstalledAirflow:
    """An environment with the wheel and nothing of the checkout."""

    root: Path

    @classmethod
    def with_oldest(cls, root: Path, wheel: Path) -> InstalledAirflow:
        """Install the oldest version of each dependency that pyproject.toml allows.

        What those need in turn comes in its newest version: nobody's lock from that day is at hand.
        """
        made = cls._created(root)
        lock = root / "oldest.txt"
        oldest = ("--resolution", "lowest-direct", "--python-version", "3.11")
        made._uv("pip", "compile", *oldest, str(PROJECT_ROOT / "pyproject.toml"), "-o", str(lock))
        made._uv("pip", "sync", str(lock))
        made._uv("pip", "install", "--no-deps", str(wheel))
        return made

    @classmethod
    def with_newest(cls, root: Path, wheel: Path) -> InstalledAirflow:
        """Install the newest version of everything, as `pip install` of the wheel does."""
        made = cls._created(root)
        made._uv("pip", "install", str(wheel))
        return made

    @classmethod
    def _created(cls, root: Path) -> InstalledAirflow:
        made = cls(root)
        made._uv("venv", str(root / "venv"), "--python", sys.executable)
        return made

    def _uv(self, *arguments: str) -> None:
        environment = {**os.environ, "VIRTUAL_ENV": str(self.root / "venv")}
        done = subprocess.run(
            (str(UV), "--quiet", *arguments),
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
        )
        if "error sending request" in done.stderr or "Failed to fetch" in done.stderr:
            raise NoIndex(done.stderr.strip().splitlines()[-1])
        assert done.returncode == 0, done.stderr

    def version(self, package: str) -> str:
        """Return the installed version of a package."""
        return self._python(f"import importlib.metadata as m; print(m.version({package!r}))")

    def _python(self, code: str) -> str:
        command = (str(self.root / "venv/bin/python"), "-c", code)
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    @contextmanager
    def running(self, environment: Mapping[str, str]) -> Iterator[AirflowClient]:
        """Run `airflow standalone` in the environment; yields a client that is not logged in."""
        port, workers, triggers = find_free_ports(3)
        ports = ApiPorts(port, port)
        airflow_home = self.root / "airflow"
        airflow_home.mkdir(mode=0o700)
        passwords = airflow_home / "passwords.json"
        passwords.write_text(json.dumps({"admin": PASSWORD}))
        settings = {
            **without_aws(base_environment()),
            **{setting.variable: setting.value for setting in FIXED_SETTINGS},
            "PATH": f"{self.root / 'venv/bin'}:{os.environ['PATH']}",
            "AIRFLOW_HOME": str(airflow_home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{ports.url}/execution/",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__BASE_URL": ports.url,
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(workers),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(triggers),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(BUNDLES),
            **environment,
        }
        settings.pop("PYTHONPATH", None)
        command = (str(self.root / "venv/bin/airflow"), "standalone")
        with (self.root / "standalone.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=self.root, env=settings, stdout=log, stderr=log)
            try:
                yield AirflowClient(ports, "admin", PASSWORD)
            finally:
                _end(psutil.Process(process.pid))
                process.wait()

    def remove(self) -> None:
        """Delete the environment: 1 GB."""
        shutil.rmtree(self.root)


def _end(process: psutil.Process) -> None:
    """End a process with all that it has started; some of that has a session of its own."""
    started = [process, *process.children(recursive=True)]
    process.terminate()
    _, alive = psutil.wait_procs(started, timeout=STOP_SECONDS)
    for one in alive:
        one.kill()

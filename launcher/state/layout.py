"""Paths on this machine: the folders of the project, and one folder of state per use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
#: The state that `make run`, `make up` and the commands without Airflow share.
STUDIO = "studio"
#: The bundled production, whose film is the sample film.
SAMPLE_PRODUCTION = "paper-lantern"


@dataclass(frozen=True)
class Project:
    """The folders below one project root; all paths are absolute."""

    root: Path = PROJECT_ROOT

    @property
    def dags(self) -> Path:
        return self.root / "dags"

    @property
    def plugins(self) -> Path:
        return self.root / "plugins"

    @property
    def policies(self) -> Path:
        return self.root / "include" / "iam"

    @property
    def template(self) -> Path:
        """The CloudFormation template."""
        return self.root / "include" / "cloudformation" / "storyboard.yaml"

    @property
    def productions(self) -> Path:
        return self.root / "include" / "productions"

    @property
    def sample_film(self) -> Path:
        """The film that `make demo` runs on, and that `make up` offers."""
        return self.root / "include" / "sample_film" / f"{SAMPLE_PRODUCTION}.mp4"

    @property
    def small_model(self) -> Path:
        """The weights of the model that a laptop can train."""
        return self.root / "include" / "models" / "small-flow"

    @property
    def trainer_python(self) -> Path:
        """The interpreter with torch, which `make trainer-setup` installs."""
        return self.root / ".venv-trainer" / "bin" / "python"

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def cache(self) -> Path:
        return self.root / ".cache"

    @property
    def states(self) -> Path:
        """The folder of all states."""
        return self.root / ".airflow"

    def state(self, name: str) -> StateFolder:
        """The state of one use of the launcher: `demo` (replaced each time) or `STUDIO` (kept)."""
        return StateFolder(self.states / name)


@dataclass(frozen=True)
class StateFolder:
    """Everything one stack writes: Airflow's home, the endpoint's data, logs, secrets, the lock."""

    path: Path

    @property
    def airflow_home(self) -> Path:
        return self.path / "airflow"

    @property
    def endpoint_data(self) -> Path:
        return self.path / "local_aws"

    @property
    def endpoint_ready(self) -> Path:
        return self.path / "local_aws.json"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets.json"

    @property
    def lock(self) -> Path:
        """Beside the folder, so that replacing the folder keeps the lock."""
        return self.path.with_name(f"{self.path.name}.lock")

    @property
    def shell(self) -> Path:
        """A shell script with the variables of this Airflow and endpoint, written by `up`."""
        return self.path / "environment.sh"

    @property
    def running(self) -> Path:
        """Describes the stack in the background; written by `serve` once it can be used."""
        return self.path / "running.json"

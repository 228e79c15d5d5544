"""The small model of this project, which a laptop trains where the local endpoint plays SageMaker.

`make trainer-setup` installs what its jobs import into an environment of its own. Without it, the
endpoint has nothing that a job could run in, so the runs of this machine get no open weights.
"""

from __future__ import annotations

import json
import os
from typing import Any

from launcher.errors import UsageError
from launcher.product import GPU_VARIABLE
from launcher.state.layout import Project, StateFolder

SMALL_MODEL = "small-flow"
#: Trainers that need the training program on this machine.
ON_THIS_MACHINE = ("sagemaker", "own_gpu")


def is_installed(project: Project) -> bool:
    """Return whether the training program can run on this machine."""
    return project.trainer_python.exists()


def require_installed(project: Project, trainer: str) -> None:
    """Raise UsageError when a trainer needs the training program and it is not installed."""
    if trainer in ON_THIS_MACHINE and not is_installed(project):
        raise UsageError(
            f"The trainer {trainer} runs the training program on this machine, and it is not "
            "installed. Install it with `make trainer-setup` (about 1 GB)."
        )


def endpoint_arguments(project: Project) -> tuple[str, ...]:
    """Return the arguments with which the endpoint plays SageMaker's jobs."""
    if not is_installed(project):
        return ()
    return ("--training-python", str(project.trainer_python))


def configure_machine(project: Project, state: StateFolder) -> None:
    """Let the stack's tasks train on this machine, unless the environment names another one."""
    if is_installed(project) and GPU_VARIABLE not in os.environ:
        section = {
            "where": "process",
            "python": str(project.trainer_python),
            "work_folder": str(state.path / "own_gpu"),
        }
        os.environ[GPU_VARIABLE] = json.dumps(section)


def run_defaults(project: Project) -> dict[str, Any]:
    """Return the parameters that let a run train the small model."""
    return {"open_model": SMALL_MODEL} if is_installed(project) else {}


def upload_weights(s3: Any, project: Project, bucket: str) -> None:
    """Put the weights of the small model where runs look for them."""
    if not is_installed(project):
        return
    for path in sorted(project.small_model.iterdir()):
        s3.upload_file(str(path), bucket, f"models/{SMALL_MODEL}/{path.name}")

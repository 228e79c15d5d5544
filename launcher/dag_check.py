"""`python -m launcher.dag_check`: import every DAG file as Airflow does, and say what is wrong.

Needs no running Airflow and no database. Exit code 1 when a file cannot be imported, or
there is no DAG at all.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from launcher.airflow_settings import embedded_settings, sqlite_url
from launcher.environment import airflow_environment, base_environment
from launcher.layout import Project, StateFolder
from launcher.ports import ApiPorts
from launcher.secret_store import Secrets


def check(project: Project, home: Path) -> list[str]:
    """One line per fault of the project's DAG files; `home` is a folder for Airflow to write to."""
    state = StateFolder(home)
    settings = embedded_settings(project, state, Secrets(), ApiPorts(0, 0), sqlite_url(home))
    # Airflow reads its settings when it is imported, so they come first.
    os.environ.update(airflow_environment(base_environment(), state, settings))
    from airflow.dag_processing.dagbag import BundleDagBag

    bag = BundleDagBag(project.dags, bundle_path=project.dags, bundle_name="dags-folder")
    faults = [f"{file}: {error.strip()}" for file, error in bag.import_errors.items()]
    if not bag.dags and not faults:
        faults.append(f"{project.dags} holds no DAG.")
    return faults


def main() -> int:
    """Print every fault; the exit code."""
    console = Console()
    project = Project()
    with tempfile.TemporaryDirectory(prefix="dag-check-") as home:
        faults = check(project, Path(home))
    for fault in faults:
        console.print(fault, style="red", markup=False, highlight=False, soft_wrap=True)
    if not faults:
        console.print(f"Every DAG file in {project.dags} can be imported.", soft_wrap=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

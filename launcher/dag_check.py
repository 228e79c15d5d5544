"""`python -m launcher.dag_check`: import every DAG file as Airflow does, and print the errors.

Needs no running Airflow and no database. Exit code 1 if a file cannot be imported, or there is no
DAG at all.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from launcher.embedded.settings import airflow_environment, embedded_settings, sqlite_url
from launcher.processes.environment import base_environment
from launcher.processes.ports import ApiPorts
from launcher.state.layout import Project, StateFolder
from launcher.state.secret_store import Secrets
from launcher.terminal import print_text


def find_errors(project: Project, home: Path) -> list[str]:
    """Return a line per error in the project's DAG files; Airflow writes into the folder `home`."""
    state = StateFolder(home)
    settings = embedded_settings(project, state, Secrets(), ApiPorts(0, 0), sqlite_url(home))
    # Airflow reads its settings when it is imported.
    os.environ.update(airflow_environment(base_environment(), state, settings))
    from airflow.dag_processing.dagbag import BundleDagBag

    bag = BundleDagBag(project.dags, bundle_path=project.dags, bundle_name="dags-folder")
    errors = [f"{file}: {error.strip()}" for file, error in bag.import_errors.items()]
    if not bag.dags and not errors:
        errors.append(f"{project.dags} holds no DAG.")
    return errors


def main() -> int:
    """Print every error and return the exit code."""
    console = Console()
    project = Project()
    with tempfile.TemporaryDirectory(prefix="dag-check-") as home:
        errors = find_errors(project, Path(home))
    for error in errors:
        print_text(console, error, style="red")
    if not errors:
        print_text(console, f"Every DAG file in {project.dags} can be imported.")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

"""A DAG bundle with the DAGs of the installed wheel; see docs/install.md."""

from __future__ import annotations

from typing import Any

from airflow.dag_processing.bundles.local import LocalDagBundle

from storyboard_ops.gateways.include_files import INSTALLED


class InstalledDagBundle(LocalDagBundle):
    """The DAGs of the wheel, wherever Python has installed it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(path=str(INSTALLED / "dags"), **kwargs)

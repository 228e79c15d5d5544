"""The routes that give the results of a run to programs, such as a notebook.

docs/notebooks/README.md specifies them. Who may see runs of the DAG may read what they have made,
by links that end; no AWS credentials are needed.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response

from storyboard_ops.airflow_ops.approval.access import Reads
from storyboard_ops.airflow_ops.approval.routes.answers import LINK_SECONDS, Digest
from storyboard_ops.airflow_ops.approval.runs import tools_of_run
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.report.run_results import FILES
from storyboard_ops.domain.settings.model import recorded_settings
from storyboard_ops.steps.report.read_results import find_file, find_picture, read_results
from storyboard_ops.steps.run.tool_box import ToolBox


def add_result_routes(app: FastAPI, run: str) -> None:
    """Add the routes beneath ``run``, the path of a run."""
    app.get(f"{run}/results", dependencies=[Reads])(list_results)
    app.get(f"{run}/results/pictures/{{sha256}}", dependencies=[Reads])(give_picture)
    app.get(f"{run}/results/files/{{name:path}}", dependencies=[Reads])(give_file)


def list_results(dag_id: str, run_id: str) -> dict[str, Any]:
    """Return the panels in words, and the names of the files; no S3 URIs."""
    found = read_results(tools_of_run(dag_id, run_id, recorded_settings))
    fields = found.model_dump(mode="json", exclude={"panels": {"__all__": {"uri"}}})
    return {**fields, "files": FILES}


def give_picture(dag_id: str, run_id: str, sha256: Digest) -> Response:
    """Redirect to the picture of a panel."""
    tools = tools_of_run(dag_id, run_id, recorded_settings)
    return _redirect(tools, find_picture(tools, sha256))


def give_file(dag_id: str, run_id: str, name: str) -> Response:
    """Redirect to one of the files that a run gives out."""
    tools = tools_of_run(dag_id, run_id, recorded_settings)
    return _redirect(tools, find_file(tools, name))


def _redirect(tools: ToolBox[Any], place: S3Uri) -> Response:
    link = tools.objects.link(place, LINK_SECONDS)
    return RedirectResponse(link, status_code=307, headers={"Cache-Control": "no-store"})

"""The plugin: found by Airflow, light in every process, made once when it is first asked for."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import Any

from storyboard_ops.airflow_ops import storyboard_plugin
from storyboard_ops.airflow_ops.approval import paths as approval_paths
from tests.airflow_ops.conftest import PROJECT

#: The plugin executed as Airflow does it, and what that adds to what Airflow has loaded anyway.
CODE = """
import sys
from airflow.plugins_manager import AirflowPlugin
before = set(sys.modules)
import runpy
runpy.run_path("plugins/storyboard_ops/airflow_ops/storyboard_plugin.py")
added = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(added & {"fastapi", "starlette", "pydantic", "boto3", "cv2", "storyboard_ops"}))
"""


def test_executing_the_plugin_imports_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=PROJECT, env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_pages_are_in_the_navigation_and_tabs_of_every_run():
    views = storyboard_plugin.StoryboardPlugin.external_views
    run = "/storyboard/runs/{DAG_ID}/{RUN_ID}"
    assert [(view["destination"], view["href"]) for view in views] == [
        ("nav", "/storyboard/runs"),
        ("dag_run", f"{run}/review"),
        ("dag_run", f"{run}/breakdown/view"),
        ("dag_run", f"{run}/report"),
        ("dag_run", f"{run}/panels/view"),
        ("task_instance", f"{run}/panels/view"),
    ]
    assert len({view["url_route"] for view in views}) == len(views)


def test_plugin_wait_and_app_speak_of_the_same_address():
    assert storyboard_plugin.PREFIX == approval_paths.PREFIX
    page = approval_paths.review_page("https://studio.example/airflow/", "dag", "run+1")
    assert page == "/airflow/storyboard/runs/dag/run%2B1/review"
    board = approval_paths.panels_page("https://studio.example/airflow/", "dag", "run+1")
    assert board == "/airflow/storyboard/runs/dag/run%2B1/panels/view"


async def test_the_app_is_made_once_however_many_ask_at_first(monkeypatch):
    made: list[Any] = []
    answered: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        answered.append(scope["path"])

    def make() -> Any:
        made.append(app)
        return app

    monkeypatch.setattr(storyboard_plugin, "_create_app", make)
    lazy: Any = storyboard_plugin.LazyApp()
    await asyncio.gather(*(lazy({"path": number}, None, None) for number in range(5)))
    assert len(made) == 1
    assert sorted(answered) == [0, 1, 2, 3, 4]

"""The only file that Airflow discovers as a plugin; see plugins/.airflowignore.

Every Airflow process imports it, tasks too, so it imports nothing but Airflow's base class. The app
of the approval page is created when the web server receives the first request for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from importlib import import_module
from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

#: A copy of storyboard_ops.airflow_ops.approval.paths.PREFIX, because this file imports nothing.
PREFIX = "/storyboard"
APP_MODULE = "storyboard_ops.airflow_ops.approval.routes.app"
POOL_MODULE = "storyboard_ops.airflow_ops.detection.pool"
NOTES_MODULE = "storyboard_ops.airflow_ops.run_notes"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class LazyApp:
    """An ASGI app that is imported at its first request, in a thread."""

    def __init__(self) -> None:
        self._app: Any = None
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            async with self._lock:
                self._app = self._app or await asyncio.to_thread(_create_app)
        await self._app(scope, receive, send)


def _create_app() -> Any:
    return import_module(APP_MODULE).create_app()


class PipelineListener:
    """Creates the pool of the detecting tasks, and keeps the notes of runs."""

    @hookimpl
    def on_starting(self, component: Any) -> None:
        import_module(POOL_MODULE).create_missing_pool(component)

    @hookimpl
    def on_dag_run_failed(self, dag_run: Any, msg: str) -> None:
        import_module(NOTES_MODULE).note_failure(dag_run)

    @hookimpl
    def on_dag_run_success(self, dag_run: Any, msg: str) -> None:
        import_module(NOTES_MODULE).forget_failure(dag_run)


class StoryboardPlugin(AirflowPlugin):
    """The approval page, the report and the note of a run: tabs, navigation, HTTP API, listener."""

    name = "storyboard"
    listeners = [PipelineListener()]
    fastapi_apps = [
        {"app": LazyApp(), "url_prefix": PREFIX, "name": "Storyboard approval page"},
    ]
    external_views = [
        {
            "name": "Approvals",
            "href": f"{PREFIX}/runs",
            "destination": "nav",
            "url_route": "storyboard-approvals",
            "nav_top_level": True,
        },
        {
            "name": "Approve pictures",
            "href": PREFIX + "/runs/{DAG_ID}/{RUN_ID}/review",
            "destination": "dag_run",
            "url_route": "storyboard-review",
        },
        {
            "name": "Approve panels of the script",
            "href": PREFIX + "/runs/{DAG_ID}/{RUN_ID}/breakdown/view",
            "destination": "dag_run",
            "url_route": "storyboard-breakdown",
        },
        {
            "name": "Report",
            "href": PREFIX + "/runs/{DAG_ID}/{RUN_ID}/report",
            "destination": "dag_run",
            "url_route": "storyboard-report",
        },
        {
            "name": "Panels",
            "href": PREFIX + "/runs/{DAG_ID}/{RUN_ID}/panels/view",
            "destination": "dag_run",
            "url_route": "storyboard-panels",
        },
        {
            "name": "Panels",
            "href": PREFIX + "/runs/{DAG_ID}/{RUN_ID}/panels/view",
            "destination": "task_instance",
            "url_route": "storyboard-panels-of-task",
        },
    ]

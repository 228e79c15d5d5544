"""Answers of the Airflow REST API, as recorded."""

from __future__ import annotations

from typing import Any

import responses

API = "http://127.0.0.1:8/api/v2"

RUN = f"{API}/dags/film/dagRuns/r1"

ENDED = "2026-03-02T12:00:05Z"


def row(task_id: str, state: str, map_index: int = -1) -> dict[str, Any]:
    return {
        "task_id": task_id,
        "map_index": map_index,
        "state": state,
        "try_number": 2,
        "start_date": "2026-03-02T12:00:00Z",
        "end_date": ENDED,
        "rendered_map_index": "film.mp4 0:00-0:10" if map_index >= 0 else None,
    }


def answer_tasks(*rows: dict[str, Any]) -> None:
    page = {"task_instances": list(rows), "total_entries": len(rows)}
    responses.get(f"{RUN}/taskInstances", json=page)

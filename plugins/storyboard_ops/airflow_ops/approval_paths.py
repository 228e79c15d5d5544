"""Addresses of the approval page, in one place for the plugin, its app and the wait."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

PREFIX = "/storyboard"


def review_page(base_url: str, dag_id: str, run_id: str) -> str:
    """Path of a run's approval page below Airflow's own address, which may have a path itself."""
    below = urlsplit(base_url).path.rstrip("/")
    return f"{below}{PREFIX}/runs/{quote(dag_id, safe='')}/{quote(run_id, safe='')}/review"

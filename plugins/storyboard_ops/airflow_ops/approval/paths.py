"""Paths and texts that the sensor, the plugin and its app share; light to import."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

PREFIX = "/storyboard"
#: The option of the sensor's required action; the page chooses it when a review is finished.
FINISHED = "The review is finished"


def review_page(base_url: str, dag_id: str, run_id: str) -> str:
    """Return the path of a run's approval page; ``base_url`` of Airflow may have a path itself."""
    return f"{_run_folder(base_url, dag_id, run_id)}/review"


def breakdown_page(base_url: str, dag_id: str, run_id: str) -> str:
    """Return the path of a run's breakdown page."""
    return f"{_run_folder(base_url, dag_id, run_id)}/breakdown/view"


def short_review_page(run_id: str) -> str:
    """Return a path that fits a terminal and leads to ``review_page`` of the run of this id."""
    return f"{PREFIX}/review/{quote(run_id, safe='')}"


def short_run_page(run_id: str) -> str:
    """Return a path that fits a terminal and leads to ``run_page`` of the run of this id."""
    return f"{PREFIX}/run/{quote(run_id, safe='')}"


def run_page(base_url: str, dag_id: str, run_id: str) -> str:
    """Return the path of a run in the Airflow UI."""
    below = urlsplit(base_url).path.rstrip("/")
    return f"{below}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"


def address(base_url: str, path: str) -> str:
    """Return the address of a page that was made with the same ``base_url``; else its path."""
    server = urlsplit(base_url)
    return f"{server.scheme}://{server.netloc}{path}" if server.netloc else path


def report_page(base_url: str, dag_id: str, run_id: str) -> str:
    """Return the path that leads to the report of a run."""
    return f"{_run_folder(base_url, dag_id, run_id)}/report"


def panels_page(base_url: str, dag_id: str, run_id: str) -> str:
    """Return the path of a run's panel board."""
    return f"{_run_folder(base_url, dag_id, run_id)}/panels/view"


def _run_folder(base_url: str, dag_id: str, run_id: str) -> str:
    below = urlsplit(base_url).path.rstrip("/")
    return f"{below}{PREFIX}/runs/{quote(dag_id, safe='')}/{quote(run_id, safe='')}"

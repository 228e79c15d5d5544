"""Health checks of the containers, without an import of Airflow: each runs every few seconds."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

API = "http://127.0.0.1:8080/api/v2/monitor/health"
SCHEDULER = "http://127.0.0.1:8974/health"
WAIT_SECONDS = 10
#: The name under which the worker of this container answers; each start writes another.
WORKER_NAME = Path("/tmp/celery-worker")


def is_healthy(service: str, ready_file: Path) -> bool:
    """Return whether a service does its work; raises KeyError for one that is not known."""
    checks: dict[str, Callable[[], bool]] = {
        "endpoint": partial(_endpoint_answers, ready_file),
        "api-server": lambda: _part_is_healthy(API, "metadatabase"),
        "scheduler": partial(_answers_well, SCHEDULER),
        "dag_processor": lambda: _part_is_healthy(API, "dag_processor"),
        "triggerer": lambda: _part_is_healthy(API, "triggerer"),
        "worker": _worker_answers,
    }
    try:
        return checks[service]()
    except (URLError, OSError, ValueError):
        return False


def _part_is_healthy(url: str, part: str) -> bool:
    return bool(_get(url)[part]["status"] == "healthy")


def _answers_well(url: str) -> bool:
    """Whether the answer is 200; the scheduler's has no body."""
    with urlopen(url, timeout=WAIT_SECONDS) as answer:
        return bool(answer.status == 200)


def _endpoint_answers(ready_file: Path) -> bool:
    return bool(_get(f"{json.loads(ready_file.read_text())['url']}/_localaws/health"))


def _get(url: str) -> Any:
    with urlopen(url, timeout=WAIT_SECONDS) as answer:
        return json.load(answer)


def _worker_answers() -> bool:
    """Ask the worker of this container over the broker."""
    from celery import Celery

    app = Celery(broker=os.environ["AIRFLOW__CELERY__BROKER_URL"])
    name = f"{WORKER_NAME.read_text()}@{socket.gethostname()}"
    return bool(app.control.ping(destination=[name], timeout=WAIT_SECONDS / 2))

"""Writes into the log of a task from outside the task, as its own process would."""

from __future__ import annotations

import structlog
from airflow.sdk.log import init_log_file, logging_processors, upload_to_remote


def write_line(log_path: str, message: str) -> None:
    """Append an error to a task's log, and send the log to where remote logging keeps it.

    ``log_path`` is relative to the folder of logs.
    """
    with init_log_file(log_path).open("ab") as file:
        logger = structlog.wrap_logger(
            structlog.BytesLogger(file),
            processors=logging_processors(json_output=True),
            logger_name="storyboard.ecs",
        ).bind()
        logger.error(message)
        file.flush()
        upload_to_remote(logger)

"""End a task with a sentence in its log and on its run, without a traceback.

Airflow logs the traceback of every exception but SystemExit. That of a refusal shows nobody
anything: its message says what is wrong, and what to do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

from airflow.sdk.exceptions import AirflowTaskTimeout

from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.error_tree import StoryboardError

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

#: Key of the XCom that says why a task failed; the run's note is made of it.
REASON = "why_it_failed"
#: Most characters of it.
MOST_REASON = 2_000

#: Errors of ``domain.error_tree`` that a retry would meet or pay for again, with the reason.
FINAL = {
    "BadInput": "The input must be corrected first.",
    "GateClosed": "A gate before a purchase is closed.",
    "ManifestCorrupt": "The task that wrote the manifest must run again.",
    "NotFinished": "The awaited work has not ended: clear the task to wait again.",
    "JobFailed": "A retry is a new purchase: clear the task to agree to it.",
    "BatchFailed": "A retry is a new purchase: clear the task to agree to it.",
    "StillBilling": "The release must run again.",
    "ReceiptMissing": "The release must run again.",
    "RemovalIncomplete": "The removal must be repeated when no run is writing.",
    "Contended": "Another writer was faster: clear the task to work with what is there now.",
    "DeletionRefused": "The role needs the right to delete, or an object is locked.",
}


class TaskRefused(SystemExit):
    """Ends the process of a task whose error is logged and final; Airflow marks it as failed."""

    def __init__(self, reason: str) -> None:
        super().__init__(1)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


def refuse(error: StoryboardError) -> NoReturn:
    """Log the message of a final error and end the task; raise any other error again."""
    if not FINAL.keys() & {kind.__name__ for kind in type(error).__mro__}:
        raise error
    log.error("%s", error)
    raise TaskRefused(str(error)) from None


def without_traceback(run: Callable[P, R]) -> Callable[P, R]:
    """Let the function of a task end without a traceback when its error is final."""

    @wraps(run)
    def run_or_refuse(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return run(*args, **kwargs)
        except StoryboardError as error:
            refuse(error)

    return run_or_refuse


def keep_reason(context: Any) -> None:
    """Keep why the task failed, for the note of its run; an ``on_failure_callback``."""
    error = context.get("exception")
    if error is not None:
        reason = shorten(_explain(error, context), MOST_REASON)
        context["ti"].xcom_push(key=REASON, value=reason)


def _explain(error: BaseException, context: Any) -> str:
    if isinstance(error, AirflowTaskTimeout):
        return (
            f"It was ended after {context['task'].execution_timeout} (hours, minutes, seconds), "
            "the limit of its execution_timeout. Its log shows how far it was: clear it to go on."
        )
    return str(error) or type(error).__name__

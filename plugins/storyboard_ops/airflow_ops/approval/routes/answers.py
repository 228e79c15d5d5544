"""What the routes of several boards answer alike: a board's document, decisions, runs that wait."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import quote

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import Path
from pydantic import BaseModel

from storyboard_ops.airflow_ops.approval.access import issue_token, may_view, reviewer_name
from storyboard_ops.airflow_ops.approval.runs import has_ended, waiting_runs
from storyboard_ops.core.review.log_state import LogState
from storyboard_ops.domain.error_tree import ReviewRefused, StoryboardError

log = logging.getLogger(__name__)

#: Lifetime of a link to S3; the app's own links are checked at every request.
LINK_SECONDS = 60

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
Fields = dict[str, Any]


def document_fields(
    document: Fields, dag_id: str, run_id: str, user: BaseUser, decides: bool
) -> Fields:
    """Return a board's document with its run and its reader, and a new token for who decides."""
    return {
        **document,
        "run": {**document["run"], "dag_id": dag_id, "run_id": run_id},
        "you": {"name": reviewer_name(user), "may_decide": decides},
        "token": issue_token(user, dag_id, run_id) if decides else "",
    }


def state_fields(state: LogState[Any], items: Mapping[str, BaseModel]) -> Fields:
    """Return the version of a log, whether it is closed, and the decisions about these items."""
    closed = state.closed.model_dump(mode="json") if state.closed else None
    return decision_fields(state.version, closed, items)


def decision_fields(version: int, closed: Fields | None, items: Mapping[str, BaseModel]) -> Fields:
    """Return what a board reads of its log; ``closed``: by whom and when, None while it is open."""
    return {
        "version": version,
        "closed": closed,
        "decisions": {key: item.model_dump(mode="json") for key, item in items.items()},
    }


def list_waiting(
    wait: str, view: str, user: BaseUser, summarize: Callable[[str, str], Fields]
) -> list[Fields]:
    """List the runs in which this sensor waits, of DAGs whose runs the user may see.

    ``view`` is the page of a run's board. A run that cannot be summarized is logged and left out.
    """
    listed = []
    for dag_id, run_id in waiting_runs(wait):
        if not may_view(dag_id, user):
            continue
        place = f"runs/{quote(dag_id, safe='')}/{quote(run_id, safe='')}"
        run = {"dag_id": dag_id, "run_id": run_id, "page": f"{place}/{view}"}
        try:
            listed.append({**run, **summarize(dag_id, run_id)})
        except StoryboardError as error:  # the other runs must still be listed
            log.warning("The page %s of %s cannot be listed: %s", view, run_id, error)
    return listed


def refuse_while_running(dag_id: str, run_id: str, what: str) -> None:
    """Raise ReviewRefused unless the run has ended: only then ``what`` can be reopened."""
    if not has_ended(dag_id, run_id):
        raise ReviewRefused(
            "running", f"The run has not ended; a {what} can be reopened after its run."
        )

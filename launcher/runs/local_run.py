"""A run on the local AWS endpoint, from the request to `out/`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.aws.clients import local_client
from launcher.aws.clouds import SCRIPTED_REVIEWER
from launcher.aws.endpoint import Endpoint
from launcher.aws.job_progress import JobProgress
from launcher.aws.local_account import STUDIO_WORKSPACE, prepare_account
from launcher.aws.small_model import run_defaults
from launcher.context import Context
from launcher.embedded.stack import Stack
from launcher.errors import UsageError
from launcher.product import did_you_mean, run_key
from launcher.runs.dag_run import DagRun, follow
from launcher.runs.inputs import Request
from launcher.runs.outcome import finish_run, start_run
from launcher.runs.page_reviewer import PageReviewer
from launcher.runs.progress import open_progress
from launcher.runs.reviewer import ScriptedReviewer
from launcher.runs.uploads import upload_request
from launcher.state.layout import Project

REVIEW_VARIABLE = "REVIEW"
#: Its values; the first is the default.
REVIEWERS = ("scripted", "human")

#: The local endpoint answers at once, so polling intervals that suit AWS would only cost time.
LOCAL_DEFAULTS: Mapping[str, Any] = {"workspace": STUDIO_WORKSPACE, "poll_seconds": 2}


def local_defaults(project: Project) -> dict[str, Any]:
    """The parameters of a local run that the user does not set.

    People review on the approval page of the Airflow UI; the script at the desk that preflight
    chooses. Open weights are those of the small model, where this machine can train it.

    Raises:
        UsageError: the variable REVIEW names neither.
    """
    _check_review()
    review = {"review_desk": "page"} if _people_review() else {}
    return {**LOCAL_DEFAULTS, **review, **run_defaults(project)}


def _people_review() -> bool:
    return os.environ.get(REVIEW_VARIABLE) == "human"


def _check_review() -> None:
    given = os.environ.get(REVIEW_VARIABLE) or REVIEWERS[0]
    if given not in REVIEWERS:
        raise UsageError(
            f"REVIEW is {given!r}.{did_you_mean(given, REVIEWERS)} It is {' or '.join(REVIEWERS)}: "
            "a script approves, or the run waits for people."
        )


@dataclass(frozen=True)
class LocalRun:
    """Runs the DAG on a running stack and its endpoint."""

    context: Context
    stack: Stack
    endpoint: Endpoint

    def carry_out(self, request: Request, run_id: str, target: Path) -> None:
        """Upload, start, follow and review a run, and download its results into `target`.

        Raises:
            RunFailed: the run ended in another state than success.
        """
        s3 = local_client("s3", endpoint=self.endpoint)
        # Only the studio's own bucket is created: a missing bucket of another name is a typing
        # error, which upload_request reports.
        prepare_account(self.endpoint, self.context.project)
        params = upload_request(s3, request, request.workspace, self.context.print_line)
        run = start_run(self.context, self.stack, run_id, params)
        self.context.print_line(f"AWS       {self.endpoint}")
        with open_progress(self.context.console, f"Airflow: {self.stack.url}") as progress:
            review = choose_review(request, run, self.endpoint.portal_url, progress.note)
            root = request.workspace.run(run_key(run.dag_id, run.run_id))
            jobs = JobProgress(s3, root, progress.note)

            def meanwhile() -> None:
                review()
                jobs.report()

            state = follow(run, progress, meanwhile)
        account = "the local AWS endpoint"
        finish_run(self.context, run, state, s3, request.workspace, target, account=account)


def choose_review(
    request: Request, run: DagRun, portal_url: str, note: Callable[[str], None]
) -> Callable[[], None]:
    """Return what to do about reviews while the run goes on; people are shown where to review."""
    if not _people_review():
        return make_script(run, portal_url, note)
    desk = request.params.get("review_desk", "choose")
    places = {"page": run.review_page, "a2i": portal_url}
    where = places.get(desk) or f"{run.review_page}\nor, if preflight chose A2I: {portal_url}"
    return announce_wait(run, where, note)


def announce_wait(run: DagRun, where: str, note: Callable[[str], None]) -> Callable[[], None]:
    """Return a function that says once, when the run waits for people, where they review."""
    said = False

    def check() -> None:
        nonlocal said
        if not said and run.waits_for_people():
            said = True
            note(f"Waiting for people:\n{where}")

    return check


def make_script(run: DagRun, portal_url: str, note: Callable[[str], None]) -> Callable[[], None]:
    """Return a function that answers what waits for people now, at both desks."""
    loops = ScriptedReviewer(portal_url, note)
    password = run.stack.secrets.password_of(SCRIPTED_REVIEWER)
    page = PageReviewer(run.stack.url, SCRIPTED_REVIEWER, password, note)

    def review() -> None:
        loops.answer_open_loops()
        page.answer_open_reviews()

    return review

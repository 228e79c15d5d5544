"""One run on a local stack, from the inputs to `out/`: what `demo` and `run` have in common."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from launcher import dag_run, failures, local_account, results, summary, uploads
from launcher.aws_clients import local_client
from launcher.environment import Endpoint
from launcher.errors import RunFailed
from launcher.inputs import Request
from launcher.layout import Project
from launcher.product import Workspace, run_key
from launcher.progress import Progress, progress_on
from launcher.reviewer import ScriptedReviewer
from launcher.stack import Stack

BUCKET = "storyboard-studio"
REVIEW_VARIABLE = "REVIEW"

#: The local endpoint answers at once, so waits that suit AWS would only make people wait.
LOCAL_DEFAULTS: Mapping[str, Any] = {"workspace": f"s3://{BUCKET}", "poll_seconds": 2}


def local_defaults() -> dict[str, Any]:
    """Parameters of a local run where the user names none.

    People review on the approval page of the Airflow UI; the script uses the A2I worker portal.
    """
    return {**LOCAL_DEFAULTS, **({"review_desk": "page"} if _people_review() else {})}


def _people_review() -> bool:
    return os.environ.get(REVIEW_VARIABLE) == "human"


@dataclass(frozen=True)
class LocalRun:
    """Where and as what a run is shown."""

    project: Project
    stack: Stack
    endpoint: Endpoint
    console: Console

    def carry_out(self, request: Request, run_id: str, target: Path) -> None:
        """Upload, trigger, follow, review, copy the results, print the summary.

        Raises:
            RunFailed: the run ended in another state than success.
        """
        s3 = local_client("s3", self.endpoint)
        workspace = Workspace.at(request.params["workspace"])
        # Only the studio's own bucket is made: another that does not exist is a slip to be told.
        local_account.prepare(self.endpoint, BUCKET, self.project.policies)
        conf = uploads.upload_request(s3, request, workspace)
        self.stack.wait_for_dag(dag_run.DAG_ID)
        for abandoned in dag_run.end_abandoned(self.stack):
            self.console.print(f"The run {abandoned} was interrupted earlier; it is ended now.")
        run = dag_run.trigger(self.stack, run_id, conf)
        self._announce(run)
        with progress_on(self.console, f"Airflow: {self.stack.url}") as progress:
            state = dag_run.follow(run, progress, [self._reviewer(request, run, progress)])
        if state != dag_run.SUCCESS:
            raise RunFailed(failures.explain(run))
        root = workspace.run(run_key(run.dag_id, run.run_id))
        paths = results.fetch_results(s3, root, target)
        lines = summary.rows(summary.gather(run, s3, target))
        self.console.print(summary.table(f"{run.run_id}, on the local AWS endpoint", lines))
        for path in paths:
            self.console.print(f"  {path}", markup=False, highlight=False, soft_wrap=True)

    def _announce(self, run: dag_run.DagRun) -> None:
        secrets = self.stack.secrets
        say = self.console.print
        say(f"Airflow   {run.page}", highlight=False, soft_wrap=True)
        say(f"login     {secrets.user} / {secrets.password}", highlight=False)
        say(f"AWS       local endpoint {self.endpoint.url}", highlight=False)

    def _reviewer(
        self, request: Request, run: dag_run.DagRun, progress: Progress
    ) -> Callable[[], None]:
        on_page = request.params.get("review_desk") == "page"
        if not on_page and not _people_review():
            return ScriptedReviewer(self.endpoint.portal_url, progress.note).visit
        address = run.review_page if on_page else self.endpoint.portal_url
        progress.note(f"Review here when asked: {address}")
        return lambda: None

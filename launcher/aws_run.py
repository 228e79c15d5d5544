"""One run on the user's own AWS account: it costs money, so it asks first and cleans up last.

The local endpoint is never started. What preflight finds is shown before Airflow is, and
whoever stops the run midway still gets its teardown, which releases what bills by the hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rich.console import Console

from launcher import dag_run, failures, results, stack, summary, uploads
from launcher.aws_clients import users_client
from launcher.clouds import UsersCloud
from launcher.errors import BadInput, RunFailed
from launcher.inputs import Request
from launcher.interrupts import Interrupted, Interrupts
from launcher.layout import Project
from launcher.preflight import refuse, report_on, show
from launcher.product import Workspace, run_key
from launcher.progress import Progress, progress_on

STATE = "aws"


@dataclass(frozen=True)
class AwsRun:
    """What is needed to ask, run and clean up."""

    project: Project
    console: Console
    interrupts: Interrupts

    def carry_out(self, request: Request, run_id: str, target: Path, agreed: bool) -> None:
        """Check, show the cost, ask unless `agreed`, run, copy the results.

        Raises:
            BadInput: no workspace was named, or nobody can be asked.
            RunFailed: preflight refused, or the run ended in another state than success.
        """
        if "workspace" not in request.params:
            raise BadInput(
                "On AWS the workspace has to be named: "
                'PARAMS=\'{"workspace": "s3://your-bucket/prefix"}\'.'
            )
        s3 = users_client("s3")
        workspace = Workspace.at(request.params["workspace"])
        conf = uploads.upload_request(s3, request, workspace)
        key = run_key(dag_run.DAG_ID, run_id)
        report = report_on(key, conf, cache(users_client))
        show(self.console, report)
        refuse(report)
        self._ask(agreed)
        state = self.project.state(STATE)
        with stack.running(self.project, state, UsersCloud(), self.interrupts) as running:
            running.wait_for_dag(dag_run.DAG_ID)
            for abandoned in dag_run.end_abandoned(running):
                self.console.print(f"The run {abandoned} was interrupted; its teardown runs now.")
            run = dag_run.trigger(running, run_id, conf)
            self._announce(run)
            with progress_on(self.console, f"Airflow: {running.url}") as progress:
                end = self._follow_to_teardown(run, progress)
            if end != dag_run.SUCCESS:
                raise RunFailed(failures.explain(run))
            paths = results.fetch_results(s3, workspace.run(key), target)
            lines = summary.rows(summary.gather(run, s3, target))
        self.console.print(summary.table(f"{run_id}, on AWS", lines))
        for path in paths:
            self.console.print(f"  {path}", markup=False, highlight=False, soft_wrap=True)

    def _announce(self, run: dag_run.DagRun) -> None:
        secrets = run.stack.secrets
        say = self.console.print
        say(f"Airflow   {run.page}", highlight=False, soft_wrap=True)
        say(f"approval  {run.review_page} (with review_desk page)", highlight=False, soft_wrap=True)
        say(f"login     {secrets.user} / {secrets.password}", highlight=False)

    def _ask(self, agreed: bool) -> None:
        if agreed:
            return
        if not self.console.is_terminal:
            raise BadInput("Nobody is here to agree to the cost. Add --yes to agree beforehand.")
        self.interrupts.check()
        if self.console.input("Start, at this cost? [y/N] ").strip().lower() not in ("y", "yes"):
            raise RunFailed("Not started; nothing has been paid.")

    def _follow_to_teardown(self, run: dag_run.DagRun, progress: Progress) -> str:
        try:
            return dag_run.follow(run, progress)
        except Interrupted:
            progress.note(
                "Stopping: the run is marked failed, and its teardown releases what bills. "
                "Ctrl-C again leaves at once and may leave capacity billing."
            )
            self.interrupts.forgive()
            run.stack.client.fail_run(run.dag_id, run.run_id)
            dag_run.follow(run, progress)
            raise

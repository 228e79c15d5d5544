"""A run on the user's own AWS account: it costs money, so it asks first and cleans up last.

The local endpoint is not used. The findings of preflight are shown before Airflow starts. A run
that is interrupted still gets its teardown, which releases what bills by the hour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from launcher.aws.clients import users_client
from launcher.aws.clouds import UsersCloud
from launcher.aws.job_progress import JobProgress
from launcher.aws.login import check_login
from launcher.context import Context
from launcher.embedded import stack
from launcher.errors import RunFailed, UsageError
from launcher.processes.interrupts import Interrupted
from launcher.product import run_key
from launcher.runs.dag_run import DAG_ID, DagRun, follow
from launcher.runs.inputs import Request
from launcher.runs.outcome import finish_run, start_run
from launcher.runs.preflight import check_request
from launcher.runs.progress import Progress, open_progress
from launcher.terminal import plain

STATE = "aws"


@dataclass(frozen=True)
class AwsRun:
    """Runs the DAG with a stack of its own and the user's account."""

    context: Context

    def carry_out(self, request: Request, run_id: str, target: Path, agreed: bool) -> None:
        """Check, ask unless `agreed`, start and follow a run; download its results into `target`.

        Raises:
            UsageError: no workspace is named, there is no login, or there is no terminal to ask on.
            RunFailed: preflight refused, the user declined, or the run did not succeed.
        """
        context, clients = self.context, cache(users_client)
        check_login(clients)
        params = check_request(context.console, run_key(DAG_ID, run_id), request, clients)
        if not agreed:
            self._ask()
        state = context.project.state(STATE)
        with stack.running(
            context.project, state, UsersCloud(), context.interrupts, context.print_line
        ) as running:
            run = start_run(context, running, run_id, params)
            context.print_line(f"approval  {run.review_page}")
            context.print_line("          (if preflight chooses the page)")
            with open_progress(context.console, f"Airflow: {running.url}") as progress:
                root = request.workspace.run(run_key(run.dag_id, run.run_id))
                jobs = JobProgress(clients("s3"), root, progress.note)
                end = self._follow_to_teardown(run, progress, jobs.report)
            finish_run(context, run, end, clients("s3"), request.workspace, target, account="AWS")

    def _ask(self) -> None:
        if not self.context.console.is_terminal:
            raise UsageError("There is no terminal to ask on. Accept the cost with --yes (YES=1).")
        self.context.interrupts.check()
        answer = self.context.console.input(plain("Start, at this cost? [y/N] "))
        if answer.strip().lower() not in ("y", "yes"):
            raise RunFailed("Not started; nothing has been paid.")

    def _follow_to_teardown(
        self, run: DagRun, progress: Progress, meanwhile: Callable[[], None]
    ) -> str:
        """Follow the run; if interrupted, fail it and follow its teardown first."""
        try:
            return follow(run, progress, meanwhile)
        except Interrupted:
            progress.note(
                "Stopping: the run is marked as failed, and its teardown releases what bills. "
                "Ctrl-C again leaves at once and may leave capacity billing."
            )
            self.context.interrupts.reset()
            run.stack.client.fail_run(run.dag_id, run.run_id)
            follow(run, progress)
            raise

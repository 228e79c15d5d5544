"""The start and the end that every run has, wherever its AWS calls go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from launcher.context import Context
from launcher.embedded.stack import Stack
from launcher.errors import RunFailed
from launcher.product import Workspace, run_key
from launcher.runs import failures, summary
from launcher.runs.dag_run import DAG_ID, SUCCESS, DagRun, fail_abandoned_runs, trigger
from launcher.runs.results import download_results

#: How to leave a run, and how to come back to it.
LEAVE_AND_STOP = (
    "Ctrl-C stops the run and its Airflow. To be able to leave a run that waits: `make up` first."
)
LEAVE_AND_RETURN = (
    "Ctrl-C leaves the run, which goes on; come back with `make status`, and fetch its results "
    "with `make results RUN={run_id}`."
)


def start_run(context: Context, stack: Stack, run_id: str, params: Mapping[str, Any]) -> DagRun:
    """Start a run and print where to watch it.

    Raises:
        UsageError: Airflow refused the parameters.
    """
    stack.wait_for_dag(DAG_ID)
    for abandoned in fail_abandoned_runs(stack) if stack.is_ours else ():
        context.print_line(f"The run {abandoned} was interrupted earlier; its teardown runs now.")
    run = trigger(stack, run_id, params)
    how = LEAVE_AND_STOP if stack.is_ours else LEAVE_AND_RETURN
    context.print_line(f"Airflow   {run.page}")
    context.print_line(f"login     {stack.secrets.user} / {stack.secrets.password}")
    for reviewer, password in stack.reviewers.items():
        context.print_line(f"reviewer  {reviewer} / {password}")
    context.print_line(how.format(run_id=run_id))
    return run


def finish_run(
    context: Context,
    run: DagRun,
    state: str,
    s3: Any,
    workspace: Workspace,
    target: Path,
    *,
    account: str,
) -> None:
    """Download the results of an ended run into `target`, and print its summary and their paths.

    Raises:
        RunFailed: the run ended in another state than success, or left no results.
    """
    if state != SUCCESS:
        raise RunFailed(failures.explain(run))
    root = workspace.run(run_key(run.dag_id, run.run_id))
    try:
        paths = download_results(s3, root, target, context.print_line)
    except OSError as error:
        raise RunFailed(
            f"The run succeeded, and its results are in {root}, but they cannot be written to "
            f"{target}: {error.strerror or error}. Make room, then fetch them: "
            f"make results RUN={run.run_id}"
        ) from error
    facts = summary.read_facts(run, s3, target)
    title = f"{run.run_id}, on {account}"
    context.console.print(summary.build_table(title, summary.summarize(facts)))
    for path in paths:
        context.print_line(f"  {path}")

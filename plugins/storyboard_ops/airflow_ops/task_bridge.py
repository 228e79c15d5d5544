"""Connect Airflow tasks with steps: the run's key and settings, and AWS clients."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from math import ceil
from pathlib import PurePosixPath
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context
from botocore.config import Config
from structlog.contextvars import bind_contextvars

from storyboard_ops.airflow_ops.approval.paths import panels_page
from storyboard_ops.airflow_ops.detection.pool import detection_slots
from storyboard_ops.airflow_ops.heavy_tasks import fargate_place
from storyboard_ops.airflow_ops.metrics import emitter
from storyboard_ops.airflow_ops.refusals import FINAL, TaskRefused, keep_reason
from storyboard_ops.airflow_ops.tasks.kinds import MATERIAL, MINUTES, PIPELINE
from storyboard_ops.domain.bounded_text import one_line, shorten_uniquely
from storyboard_ops.domain.error_tree import MachineUnusable, SettingsError
from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.sampling.shards import Shard
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.model import DrawingSettings, RetrainingSettings
from storyboard_ops.domain.settings.run import RunSettings, parse_as
from storyboard_ops.domain.utc_time import iso, utc_now
from storyboard_ops.gateways.aws.call_pool import client_settings
from storyboard_ops.steps.run.earlier_runs import settings_of_run
from storyboard_ops.steps.run.tool_box import AIRFLOWS_MAP_LENGTH, ToolBox
from storyboard_ops.steps.run.under_way import begin_run

log = logging.getLogger(__name__)

AWS_CONN_ID = "aws_default"
#: Characters of a mapped task's label: the width of Airflow's column ``rendered_map_index``.
LABEL_WIDTH = 250

#: Connections to a machine that is busy are tried this often.
SSH_ATTEMPTS = 3

#: Settings of the DAGs that do not start from films.
SETTINGS_OF: dict[str, type[CommonSettings]] = {
    "nightly_retraining": RetrainingSettings,
    "draw_storyboard": DrawingSettings,
}

#: Errors that last longer than the pause between two tries.
LASTING = {
    "CredentialsExpired": "The credentials must be renewed first.",
    "NotPermitted": "The role needs another right first.",
    "QuotaExhausted": "A limit of the account is reached.",
    "ModelNotOffered": "The run needs the id of another model or an inference profile.",
    "KeyUnusable": "The encryption key must be enabled, or the role allowed to use it, first.",
}


def fail_on(reasons: Mapping[str, str]) -> ExceptionRetryPolicy:
    """Return a policy that does not retry these errors of ``domain.error_tree``."""
    return ExceptionRetryPolicy(
        rules=[
            RetryRule(
                exception=f"storyboard_ops.domain.error_tree.{name}",
                action=RetryAction.FAIL,
                reason=reason,
            )
            for name, reason in reasons.items()
        ]
        + [RetryRule(exception=TaskRefused, action=RetryAction.FAIL, reason="It was refused.")]
    )


RETRY_POLICY = fail_on(FINAL | LASTING)

#: ``default_args`` of every DAG.
TASK_DEFAULTS: dict[str, Any] = {
    "owner": PIPELINE,
    "execution_timeout": MINUTES,
    "retries": 2,
    "retry_delay": timedelta(seconds=10),
    "retry_exponential_backoff": True,
    "retry_policy": RETRY_POLICY,
    "on_failure_callback": keep_reason,
}

#: For tasks that release capacity or confirm the release: five retries, with pauses that double,
#: outlast an outage of a quarter of an hour. Otherwise it bills until its lease ends.
RELEASE_RETRIES: dict[str, Any] = {
    "retries": 5,
    "retry_delay": timedelta(seconds=30),
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": fail_on(FINAL),  # credentials and permissions may be back by then
    "execution_timeout": MATERIAL,  # it writes the report again
}


@cache
def _hook(
    service: str, region: str | None = None, s3_style: Literal["auto", "virtual"] = "auto"
) -> AwsBaseHook:
    # Presigned links need v4.
    config = Config(
        signature_version="v4", s3={"addressing_style": s3_style}, **client_settings(service)
    )
    return AwsBaseHook(
        aws_conn_id=AWS_CONN_ID, client_type=service, region_name=region, config=config
    )


def aws_client(service: str, region: str | None = None) -> Any:
    """Return a boto3 client for a service, with the credentials of the Airflow connection.

    ``region``: None for that of the connection.
    """
    client = _hook(service, region).get_conn()
    return _hook(service, region, "virtual").get_conn() if _is_s3_of_aws(client) else client


def _is_s3_of_aws(client: Any) -> bool:
    """Return whether links need the virtual-hosted style.

    In its automatic style boto3 signs links for s3.amazonaws.com, whatever the bucket's region. S3
    refuses such links for a new bucket in another region for a day, and for newer regions always.
    Other endpoints may support only the path style.
    """
    host = urlsplit(client.meta.endpoint_url).hostname or ""
    return client.meta.service_model.service_name == "s3" and ".amazonaws.com" in host


def ssh_client(connection: str) -> Any:
    """Open a connection of paramiko; raises MachineUnusable when Airflow cannot make it."""
    try:
        # Imported here, because it is installed only where SSH is used.
        from airflow.providers.ssh.hooks.ssh import SSHHook
    except ImportError as error:
        raise MachineUnusable(
            "apache-airflow-providers-ssh is not installed. Install the product with its extra "
            "distributed, or set where: to another in the section gpu of include/deployment.yaml."
        ) from error
    try:
        return SSHHook(ssh_conn_id=connection, conn_retry_attempts=SSH_ATTEMPTS).get_conn()
    except Exception as error:
        raise MachineUnusable(
            f"The machine of connection {connection} cannot be reached: {error}. Correct the "
            "connection in Airflow, with host_key in its extra, or start the machine."
        ) from error


def run_tools() -> ToolBox[Any]:
    """Return the tool box of the first task, with the run's parameters as given.

    Raises SettingsError when one of them is out of bounds.
    """
    return _tools_with(parse_as(_settings_type(), _given_params()))


def first_tools() -> ToolBox[Any]:
    """Return the tool box of a run's first task; a run that is refused for its parameters has a
    report."""
    try:
        return run_tools()
    except SettingsError as refusal:
        # Imported here, because Airflow must not load templates whenever it parses a DAG file.
        from storyboard_ops.steps.report.write_refusal import reporting_refusal

        place: dict[str, Any] = {"workspace": str(_given_params().get("workspace"))}
        with reporting_refusal(_tools_with(_settings_type().model_construct(**place))):
            raise refusal


def _settings_type() -> type[CommonSettings]:
    return SETTINGS_OF.get(get_current_context()["dag_run"].dag_id, RunSettings)


def _given_params() -> dict[str, Any]:
    return dict(get_current_context()["params"])


def _tools_with(settings: CommonSettings) -> ToolBox[Any]:
    dag_run = get_current_context()["dag_run"]
    key = run_key(dag_run.dag_id, dag_run.run_id)
    bind_contextvars(run_key=key)  # in every line of the task's log from here on
    return ToolBox(
        run_key=key,
        settings=settings,
        clients=aws_client,
        open_ssh=ssh_client,
        most_mapped_tasks=most_mapped_tasks(),
        detecting_tasks=detection_slots(),
        emit=emitter(),
        fargate=fargate_place(),
    )


def tool_box() -> ToolBox[Any]:
    """Return the tool box of a later task, with the settings that preflight has written."""
    given = run_tools()
    settled = settings_of_run(given.workspace, given.objects, given.run_key)
    return replace(given, settings=settled) if settled else given


def most_mapped_tasks() -> int:
    """Return how many tasks Airflow maps to a list."""
    return conf.getint("core", "max_map_length", fallback=AIRFLOWS_MAP_LENGTH)


def label(text: str) -> None:
    """Name the running mapped task in the Airflow UI, see ``map_index_template``."""
    shown = shorten_uniquely(one_line(text), LABEL_WIDTH)
    cast("dict[str, Any]", get_current_context())["label"] = shown


def label_shard(shard: Shard) -> None:
    """Name the running mapped task after its shard, also in every line of its log from here on."""
    bind_contextvars(film=shard.video.uri, shard=f"{shard.first_k}-{shard.last_k}")
    label(shard.label)


def label_film(uri: str) -> None:
    """Name the running mapped task after its film, also in its log; "": nothing was examined."""
    if uri:
        bind_contextvars(film=uri)
    label(PurePosixPath(uri).name or "nothing examined")


def run_times() -> dict[str, str]:
    """Return the start of the run and the current time, in ISO 8601."""
    started = get_current_context()["dag_run"].start_date
    return {
        "started_at": iso(started) if started else "",
        "finished_at": iso(utc_now()),
    }


def watch_run(report: PreflightReport) -> None:
    """Let people be notified when this run takes longer than preflight has estimated."""
    tools, run = tool_box(), get_current_context()["dag_run"]
    name, hours = tools.production.production, report.estimate_hours
    begin_run(tools, run.dag_id, run.run_id, name, hours)
    log.info("The run should work for at most %g hours; waits for people are not included.", hours)


def panels_address() -> str:
    """Return the address of the run's panel board; empty where Airflow's own is not configured."""
    base = conf.get("api", "base_url", fallback="")
    run = get_current_context()["dag_run"]
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(base))
    return f"{origin}{panels_page(base, run.dag_id, run.run_id)}" if urlsplit(base).netloc else ""


def first_failure() -> str:
    """Return a sentence that names the failed tasks of the run; empty when none has failed."""
    context = get_current_context()
    states = context["ti"].get_task_states(
        dag_id=context["dag_run"].dag_id, run_ids=[context["dag_run"].run_id]
    )
    of_run = states.get(context["dag_run"].run_id, {})
    failed = sorted(task_id for task_id, state in of_run.items() if state == "failed")
    return f"It ended at {', '.join(failed)}; the task's log says why." if failed else ""


def waiter_pace(poll_seconds: float, hours: float) -> dict[str, Any]:
    """Return a waiter's arguments: seconds between polls, and the number of polls in ``hours``."""
    delay = max(1, round(poll_seconds))
    return {"waiter_delay": delay, "waiter_max_attempts": ceil(hours * 3600 / delay)}

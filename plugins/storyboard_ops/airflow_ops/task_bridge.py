"""From an Airflow task to a step: the run's key, its settings, AWS clients by connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from math import ceil
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context
from botocore.config import Config

from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.model import DrawingSettings, RetrainingSettings
from storyboard_ops.domain.settings.run import RunSettings, parse_as
from storyboard_ops.domain.utc_time import iso, utc_now
from storyboard_ops.gateways.aws.call_pool import client_settings
from storyboard_ops.steps.run.earlier_runs import settings_of_run
from storyboard_ops.steps.run.tool_box import ToolBox

AWS_CONN_ID = "aws_default"

#: What the parameters of a DAG are, where it does not start from films.
SETTINGS_OF: dict[str, type[CommonSettings]] = {
    "nightly_retraining": RetrainingSettings,
    "draw_storyboard": DrawingSettings,
}

#: Errors of ``domain.error_tree`` that another try meets again, or pays for again; why.
FINAL = {
    "BadInput": "The input must be corrected first.",
    "GateClosed": "A gate before money is closed.",
    "ManifestCorrupt": "The task that wrote the manifest must run again.",
    "NotFinished": "What it waits for has not ended: clear the task to wait again.",
    "JobFailed": "A new try is a new purchase: clear the task to agree to it.",
    "BatchFailed": "A new try is a new purchase: clear the task to agree to it.",
    "StillBilling": "The release must run again.",
    "ReceiptMissing": "The release must run again.",
    "RemovalIncomplete": "The removal must be repeated when no run writes.",
    "Contended": "Another writer was faster: clear the task to work with what is there now.",
    "DeletionRefused": "The role needs the right to delete, or an object is locked.",
}
#: Errors that do not pass within the seconds between two tries.
LASTING = {
    "CredentialsExpired": "The credentials must be renewed first.",
    "NotPermitted": "The role needs another right first.",
    "QuotaExhausted": "A limit of the account is reached.",
}


def fail_on(reasons: Mapping[str, str]) -> ExceptionRetryPolicy:
    """The policy that does not retry errors of ``domain.error_tree``, by name and reason."""
    return ExceptionRetryPolicy(
        rules=[
            RetryRule(
                exception=f"storyboard_ops.domain.error_tree.{name}",
                action=RetryAction.FAIL,
                reason=reason,
            )
            for name, reason in reasons.items()
        ]
    )


RETRY_POLICY = fail_on(FINAL | LASTING)

#: ``default_args`` of every DAG.
TASK_DEFAULTS: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(seconds=10),
    "retry_exponential_backoff": True,
    "retry_policy": RETRY_POLICY,
}

#: Instead, for what ends capacity or confirms its end: five more tries, with pauses that double,
#: outlast an outage of a quarter of an hour. Otherwise it bills until its lease is over.
RELEASE_RETRIES: dict[str, Any] = {
    "retries": 5,
    "retry_delay": timedelta(seconds=30),
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": fail_on(FINAL),  # credentials and rights may be back within that time
}


@cache
def _hook(service: str, s3_style: Literal["auto", "virtual"] = "auto") -> AwsBaseHook:
    # Presigned links need v4.
    config = Config(
        signature_version="v4", s3={"addressing_style": s3_style}, **client_settings(service)
    )
    return AwsBaseHook(aws_conn_id=AWS_CONN_ID, client_type=service, config=config)


def aws_client(service: str) -> Any:
    """A boto3 client for a service, with the credentials of the Airflow connection."""
    client = _hook(service).get_conn()
    return _hook(service, "virtual").get_conn() if _is_s3_of_aws(client) else client


def _is_s3_of_aws(client: Any) -> bool:
    """Whether links have to be asked for in the virtual style.

    boto3 signs links in the automatic style for s3.amazonaws.com, wherever the bucket is: that
    refuses those of a new bucket in another region for a day, and of newer regions for ever. Other
    endpoints may know the path style alone.
    """
    host = urlsplit(client.meta.endpoint_url).hostname or ""
    return client.meta.service_model.service_name == "s3" and ".amazonaws.com" in host


def run_tools() -> ToolBox[Any]:
    """The tool box of the first task, with the run's parameters as they were given.

    Raises SettingsError when one of them is out of bounds.
    """
    context = get_current_context()
    dag_run = context["dag_run"]
    settings_type = SETTINGS_OF.get(dag_run.dag_id, RunSettings)
    return ToolBox(
        run_key=run_key(dag_run.dag_id, dag_run.run_id),
        settings=parse_as(settings_type, dict(context["params"])),
        clients=aws_client,
    )


def tool_box() -> ToolBox[Any]:
    """The tool box of a later task: the settings are those that preflight has settled on."""
    given = run_tools()
    settled = settings_of_run(given.workspace, given.objects, given.run_key)
    return replace(given, settings=settled) if settled else given


def label(text: str) -> None:
    """Name the running mapped task in the Airflow UI, see ``map_index_template``."""
    cast("dict[str, Any]", get_current_context())["label"] = text


def run_times() -> dict[str, str]:
    """When the run began, and now, ISO 8601."""
    started = get_current_context()["dag_run"].start_date
    return {
        "started_at": iso(started) if started else "",
        "finished_at": iso(utc_now()),
    }


def first_failure() -> str:
    """The tasks of the running DAG run that have failed, as a sentence; empty when none has."""
    context = get_current_context()
    states = context["ti"].get_task_states(
        dag_id=context["dag_run"].dag_id, run_ids=[context["dag_run"].run_id]
    )
    of_run = states.get(context["dag_run"].run_id, {})
    failed = sorted(task_id for task_id, state in of_run.items() if state == "failed")
    return f"It ended at {', '.join(failed)}; the task's log says why." if failed else ""


def waiter_pace(poll_seconds: float, hours: float) -> dict[str, Any]:
    """How often a trigger polls, and how many times within so many hours, as waiter arguments."""
    delay = max(1, round(poll_seconds))
    return {"waiter_delay": delay, "waiter_max_attempts": ceil(hours * 3600 / delay)}

"""Clients by Airflow's connection, and which errors are worth another try."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from airflow.sdk import ExceptionRetryPolicy, RetryAction

from storyboard_ops.airflow_ops.task_bridge import (
    FINAL,
    LASTING,
    RELEASE_RETRIES,
    TASK_DEFAULTS,
    aws_client,
)
from storyboard_ops.domain import error_tree

LINKED = {"Bucket": "studio", "Key": "runs/r/picture.png"}


@pytest.fixture
def account(monkeypatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def link_of(region: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    return str(aws_client("s3").generate_presigned_url("get_object", Params=LINKED))


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "studio.s3.amazonaws.com"),
        ("eu-central-1", "studio.s3.eu-central-1.amazonaws.com"),
        ("eu-south-1", "studio.s3.eu-south-1.amazonaws.com"),
    ],
)
def test_links_lead_to_the_region_of_the_bucket(account, monkeypatch, region, host):
    link = urlsplit(link_of(region, monkeypatch))
    assert link.netloc == host
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in link.query


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4566", "http://localhost:4566"])
def test_links_of_another_endpoint_keep_the_path_style(account, monkeypatch, endpoint):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert link_of("us-east-1", monkeypatch).startswith(f"{endpoint}/studio/runs/r/picture.png?")


def decided(policy: ExceptionRetryPolicy, name: str) -> RetryAction:
    kind = getattr(error_tree, name)
    error = kind.__new__(kind)
    return policy.evaluate(error, try_number=1, max_tries=2).action


@pytest.mark.parametrize("name", [*FINAL, "JobStopped", "SettingsError", "ObjectMissing"])
def test_what_another_try_meets_again_is_not_retried(name):
    assert decided(TASK_DEFAULTS["retry_policy"], name) == RetryAction.FAIL
    assert decided(RELEASE_RETRIES["retry_policy"], name) == RetryAction.FAIL


@pytest.mark.parametrize("name", LASTING)
def test_a_release_outlasts_what_other_tasks_do_not_wait_for(name):
    assert decided(TASK_DEFAULTS["retry_policy"], name) == RetryAction.FAIL
    assert decided(RELEASE_RETRIES["retry_policy"], name) == RetryAction.DEFAULT


@pytest.mark.parametrize(
    "name", ["Throttled", "ServiceFailed", "Unreachable", "BrokenOff", "ServiceError",
             "ReleaseFailed", "AnswerUnusable"]
)  # fmt: skip
def test_what_may_pass_is_retried(name):
    assert decided(TASK_DEFAULTS["retry_policy"], name) == RetryAction.DEFAULT
    assert decided(RELEASE_RETRIES["retry_policy"], name) == RetryAction.DEFAULT

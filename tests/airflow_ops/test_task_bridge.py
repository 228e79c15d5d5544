"""Clients by Airflow's connection, and which errors are worth another try."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from airflow.models.taskinstance import TaskInstance
from airflow.sdk import ExceptionRetryPolicy, RetryAction

from storyboard_ops.airflow_ops import task_bridge
from storyboard_ops.airflow_ops.task_bridge import (
    FINAL,
    LABEL_WIDTH,
    LASTING,
    RELEASE_RETRIES,
    TASK_DEFAULTS,
    aws_client,
    label,
    most_mapped_tasks,
)
from storyboard_ops.domain import error_tree
from storyboard_ops.steps.run.tool_box import AIRFLOWS_MAP_LENGTH

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


def test_a_client_of_another_region_is_made_beside_that_of_the_connection(account, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    regions = [
        aws_client("bedrock-runtime", *given).meta.region_name for given in ((), ("us-west-2",), ())
    ]
    assert regions == ["eu-central-1", "us-west-2", "eu-central-1"]


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


def test_the_limit_of_mapped_tasks_is_airflows(monkeypatch):
    monkeypatch.delenv("AIRFLOW__CORE__MAX_MAP_LENGTH", raising=False)
    assert most_mapped_tasks() == AIRFLOWS_MAP_LENGTH == 1024
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "50")
    assert most_mapped_tasks() == 50


def labelled(monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    """Return the label that Airflow stores."""
    context: dict[str, str] = {}
    monkeypatch.setattr(task_bridge, "get_current_context", lambda: context)
    label(text)
    return context["label"]


def test_a_label_is_as_wide_as_airflows_column():
    assert TaskInstance.__table__.c.rendered_map_index.type.length == LABEL_WIDTH


@pytest.mark.parametrize(
    "name",
    [
        "x" * 1_020 + ".mp4",  # the longest key that S3 allows
        "é" * 510 + ".mp4",
        "映画" * 170 + ".mp4",
        "🎬" * 255 + ".mp4",
        "e\u0301" * 340 + ".mp4",  # combining accents
    ],
    ids=["ASCII", "two bytes", "three bytes", "four bytes", "combining"],
)
def test_a_label_of_any_film_fits_and_says_the_time(monkeypatch, name):
    assert len(name.encode()) <= 1_024
    shown = labelled(monkeypatch, f"{name} 0:00:00-0:10:00")
    assert len(shown) == LABEL_WIDTH
    assert shown.startswith(name[:100])
    assert shown.endswith(".mp4 0:00:00-0:10:00")


def test_films_that_differ_in_the_middle_have_different_labels(monkeypatch):
    films = [f"{'x' * 400}{episode}{'x' * 400}.mp4" for episode in range(100)]
    labels = {labelled(monkeypatch, f"{film} 0:00:00-0:10:00") for film in films}
    assert len(labels) == 100


@pytest.mark.parametrize("length", [LABEL_WIDTH - 1, LABEL_WIDTH])
def test_a_label_that_fits_stays_as_it_is(monkeypatch, length):
    assert labelled(monkeypatch, "x" * length) == "x" * length


def test_a_label_is_one_line_that_a_database_accepts(monkeypatch):
    assert labelled(monkeypatch, "a\x00b\nc\ud800.mp4") == "a b c .mp4"

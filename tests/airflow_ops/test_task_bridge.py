"""Clients by Airflow's connection: links to pictures lead to the region's own host."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from storyboard_ops.airflow_ops.task_bridge import aws_client

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

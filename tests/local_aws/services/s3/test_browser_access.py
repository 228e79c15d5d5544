"""Cross-origin access: a browser page reads a bucket's objects only if its rules allow it."""

from typing import Any

import pytest
import requests

from tests.local_aws.refusals import refused
from tests.studio.endpoint_fixture import RunningEndpoint

PAGE = "http://127.0.0.1:8080"
RULE = {
    "AllowedOrigins": [PAGE, "https://*.studio.example"],
    "AllowedMethods": ["GET", "PUT"],
    "AllowedHeaders": ["content-*"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 300,
}


@pytest.fixture
def open_bucket(s3: Any, bucket: str) -> str:
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [RULE]})
    return bucket


def preflight(url: str, **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.options(url, headers=named, timeout=10)


def test_the_rules_are_given_back(s3: Any, open_bucket: str) -> None:
    assert s3.get_bucket_cors(Bucket=open_bucket)["CORSRules"] == [RULE]


def test_a_bucket_without_rules_says_so(s3: Any, bucket: str) -> None:
    with refused("NoSuchCORSConfiguration", 404):
        s3.get_bucket_cors(Bucket=bucket)


def test_a_method_that_cors_does_not_know_is_refused(s3: Any, bucket: str) -> None:
    rule = {**RULE, "AllowedMethods": ["PATCH"]}
    with refused("InvalidRequest", 400):
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})


def test_a_preflight_that_a_rule_allows_gets_its_headers(
    local_endpoint: RunningEndpoint, open_bucket: str
) -> None:
    answer = preflight(
        f"{local_endpoint.url}/{open_bucket}/key",
        Origin=PAGE,
        Access_Control_Request_Method="PUT",
        Access_Control_Request_Headers="Content-Type",
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, PUT"
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
    assert answer.headers["Access-Control-Max-Age"] == "300"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example", "Access_Control_Request_Method": "GET"},
        {"Origin": PAGE, "Access_Control_Request_Method": "DELETE"},
        {
            "Origin": PAGE,
            "Access_Control_Request_Method": "GET",
            "Access_Control_Request_Headers": "x-secret",
        },
    ],
    ids=["origin", "method", "header"],
)
def test_a_preflight_that_no_rule_allows_is_refused(
    local_endpoint: RunningEndpoint, open_bucket: str, headers: dict[str, str]
) -> None:
    answer = preflight(f"{local_endpoint.url}/{open_bucket}/key", **headers)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_page_of_the_origin_may_read_a_presigned_object(s3: Any, open_bucket: str) -> None:
    s3.put_object(Bucket=open_bucket, Key="key", Body=b"x")
    url = s3.generate_presigned_url("get_object", {"Bucket": open_bucket, "Key": "key"})
    answer = requests.get(url, headers={"Origin": "https://a.studio.example"}, timeout=10)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.studio.example"
    assert answer.headers["Access-Control-Expose-Headers"] == "ETag"
    assert "Access-Control-Allow-Origin" not in requests.get(url, timeout=10).headers


def test_a_bucket_without_rules_shows_no_page_anything(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "key"})
    answer = requests.get(url, headers={"Origin": PAGE}, timeout=10)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_rules_may_be_removed(s3: Any, open_bucket: str) -> None:
    s3.delete_bucket_cors(Bucket=open_bucket)
    with refused("NoSuchCORSConfiguration"):
        s3.get_bucket_cors(Bucket=open_bucket)

"""Injected faults and enforced quotas, on an endpoint of this module's own."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from local_aws.account.call_quotas import TokenBucket
from local_aws.account.fault_plan import BadFaultError, Fault, FaultPlan, read_fault
from tests.local_aws.conftest import new_bucket
from tests.local_aws.refusals import refused
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEndpoint]:
    with running_endpoint(tmp_path_factory.mktemp("faults") / "data") as running:
        yield running


@pytest.fixture
def order(endpoint: RunningEndpoint) -> Iterator[Any]:
    """`order(kind="error", ...)` puts one fault in force until the test ends."""
    yield lambda **fault: endpoint.admin("PUT", "faults", {"faults": [fault]})
    endpoint.admin("DELETE", "faults")


def test_an_ordered_error_comes_in_the_services_own_words(
    endpoint: RunningEndpoint, order: Any
) -> None:
    order(kind="error", service="bedrock", code="ThrottlingException", message="Slow.")
    with refused("ThrottlingException", 429) as error:
        endpoint.client("bedrock").list_custom_models()
    assert error["Message"] == "Slow."
    endpoint.client("s3").list_buckets()


def test_s3_slows_down(endpoint: RunningEndpoint, order: Any) -> None:
    order(kind="error", service="s3", operation="ListBuckets", code="SlowDown")
    with refused("SlowDown", 503):
        endpoint.client("s3").list_buckets()


def test_an_error_can_end_after_some_calls(endpoint: RunningEndpoint, order: Any) -> None:
    order(kind="error", operation="ListBuckets", code="SlowDown", after=1, times=2)
    s3 = endpoint.client("s3")
    s3.list_buckets()
    for _ in range(2):
        with refused("SlowDown"):
            s3.list_buckets()
    s3.list_buckets()


def test_a_client_that_retries_gets_through(endpoint: RunningEndpoint, order: Any) -> None:
    order(kind="status", service="s3", operation="ListBuckets", status=500, times=2)
    patient = endpoint.client("s3", retries={"total_max_attempts": 3, "mode": "standard"})
    assert patient.list_buckets()["ResponseMetadata"]["RetryAttempts"] == 2


def test_a_connection_can_be_dropped(endpoint: RunningEndpoint, order: Any) -> None:
    order(kind="drop", service="sqs", times=1)
    sqs = endpoint.client("sqs")
    with pytest.raises(ConnectionClosedError):
        sqs.list_queues()
    sqs.list_queues()


def test_an_answer_can_be_delayed(endpoint: RunningEndpoint, order: Any) -> None:
    order(kind="delay", service="s3", operation="ListBuckets", delay_ms=300)
    answer = endpoint.client("s3", read_timeout=0.1)
    with pytest.raises(Exception, match="Read timeout"):
        answer.list_buckets()


def test_the_hash_chooses_the_same_requests_in_any_order(
    endpoint: RunningEndpoint, order: Any
) -> None:
    s3 = endpoint.client("s3")
    bucket = new_bucket(s3)
    keys = [f"key-{number}" for number in range(40)]

    def fails(key: str) -> bool:
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=b"x")
        except ClientError:
            return True
        return False

    order(kind="error", operation="PutObject", code="SlowDown", share=0.5, seed="7")
    one_by_one = [fails(key) for key in keys]
    order(kind="error", operation="PutObject", code="SlowDown", share=0.5, seed="7")
    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(fails, keys))
    assert at_once == one_by_one
    assert 8 < one_by_one.count(True) < 32


def test_each_chosen_request_gets_through_in_the_end(endpoint: RunningEndpoint, order: Any) -> None:
    s3 = endpoint.client("s3")
    bucket = new_bucket(s3)
    order(kind="error", operation="PutObject", code="SlowDown", per_request=1)
    for key in ("a", "b"):
        with refused("SlowDown"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"x")
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")


def test_the_plan_counts_its_matches(endpoint: RunningEndpoint, order: Any) -> None:
    """Not of ListBuckets: whoever asks this port for / by mistake lists buckets."""
    s3 = endpoint.client("s3")
    bucket = new_bucket(s3)
    order(kind="delay", operation="GetBucketVersioning")
    s3.get_bucket_versioning(Bucket=bucket)
    (fault,) = endpoint.admin("GET", "faults")["faults"]
    assert (fault["kind"], fault["matches"]) == ("delay", 1)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "explode"}, "use one of error"),
        ({"kind": "error", "chance": 1}, "unknown member chance"),
        ({"kind": "error", "share": 2}, "share 2: use 0 to 1"),
        ("error", "a fault must be an object"),
    ],
)
def test_a_bad_fault_is_explained(fault: Any, message: str) -> None:
    with pytest.raises(BadFaultError, match=message):
        read_fault(fault)


def test_admin_paths_ask_for_the_token(endpoint: RunningEndpoint) -> None:
    stranger = RunningEndpoint(
        endpoint.process, endpoint.data_dir, {**endpoint.ready, "admin_token": "guess"}
    )
    assert stranger.admin("GET", "health")["status"] == "ready"
    with pytest.raises(HTTPError, match="403"):
        stranger.admin("GET", "bill")


def test_a_fault_file_is_in_force_from_the_start(tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps({"faults": [{"kind": "error", "code": "SlowDown"}]}))
    arguments = ["--faults", str(faults)]
    with running_endpoint(tmp_path / "data", arguments) as running, refused("SlowDown"):
        running.client("s3").list_buckets()


def test_a_plan_without_rules_lets_everything_pass() -> None:
    assert FaultPlan().find_due("s3", "PutObject", "hash") == []
    assert Fault("error").matches("s3", "PutObject", "hash")


def test_a_bucket_of_tokens_refills_with_time() -> None:
    bucket = TokenBucket(rate=2, tokens=2, filled_at=0.0)
    assert [bucket.take(0.0) for _ in range(3)] == [True, True, False]
    assert [bucket.take(0.5) for _ in range(2)] == [True, False]
    assert [bucket.take(60.0) for _ in range(3)] == [True, True, False]


def test_one_call_too_many_is_throttled(endpoint: RunningEndpoint) -> None:
    """CreateCollection is allowed 5 times a second."""
    rekognition = endpoint.client("rekognition")
    codes = []
    for number in range(12):
        try:
            rekognition.create_collection(CollectionId=f"collection-{number}")
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
    assert codes.count("ProvisionedThroughputExceededException") >= 5
    assert set(codes) == {"ProvisionedThroughputExceededException"}


def test_quotas_can_be_switched_off(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data", ["--no-quotas"]) as running:
        rekognition = running.client("rekognition")
        for number in range(12):
            rekognition.create_collection(CollectionId=f"collection-{number}")


def test_the_quotas_can_be_read(endpoint: RunningEndpoint) -> None:
    client = endpoint.client("service-quotas")
    pages = client.get_paginator("list_service_quotas").paginate(
        ServiceCode="rekognition", PaginationConfig={"PageSize": 3}
    )
    quotas = {item["QuotaName"]: item for page in pages for item in page["Quotas"]}
    labels = quotas["Transactions per second per account for the DetectLabels operation"]
    assert labels["Value"] == 50.0
    with refused("NoSuchResourceException", 400):
        client.list_service_quotas(ServiceCode="no-such-service")


@pytest.mark.parametrize(
    "document",
    [
        {"quotas": {"ml.no.such for training job usage": 1}},
        {"quotas": {"ml.m5.xlarge for training job usage": -1}},
        {"quotas": {"ml.m5.xlarge for training job usage": "many"}},
        {"quotas": 1},
        {},
    ],
)
def test_a_bad_value_of_a_quota_is_refused(endpoint: RunningEndpoint, document: Any) -> None:
    with pytest.raises(HTTPError, match="400"):
        endpoint.admin("PUT", "quotas", document)
    assert endpoint.admin("GET", "quotas") == {"quotas": {}}

"""Fixtures of the endpoint's tests: one endpoint process for each xdist worker."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.endpoint_fixture import RunningEndpoint, running_endpoint

FAST = ("--customization-seconds", "0.2", "--throughput-seconds", "0.2")


@pytest.fixture(scope="session")
def local_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEndpoint]:
    """A running endpoint whose jobs end quickly. Tests share it: use names of your own."""
    with running_endpoint(tmp_path_factory.mktemp("endpoint") / "data", FAST) as endpoint:
        yield endpoint


@pytest.fixture
def s3(local_endpoint: RunningEndpoint) -> Any:
    """An S3 client of the endpoint."""
    return local_endpoint.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    """A new, empty bucket."""
    name = f"test-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return name

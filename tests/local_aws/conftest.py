"""Fixtures of the endpoint's tests, which share the endpoint process of their xdist worker.

The S3 suite (`services/s3`) runs twice, against the endpoint and against moto's server as a second
opinion. Where the two differ, `MOTO_DIFFERS` says why, and the test must fail on moto: a change in
moto fails the suite.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.local_aws.bedrock_data import until
from tests.local_aws.moto_differences import MOTO_DIFFERS
from tests.studio.endpoint_fixture import RunningEndpoint


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """moto's server in a thread of this process."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for `any_s3` against both servers."""
    if "any_s3" in metafunc.fixturenames:
        metafunc.parametrize("any_s3", ["endpoint", "moto"], indirect=True)


@pytest.fixture
def any_s3(request: pytest.FixtureRequest) -> Any:
    """An S3 client of the endpoint, then one of moto."""
    if request.param == "endpoint":
        return request.getfixturevalue("s3")
    name = request.node.originalname
    if name in MOTO_DIFFERS:
        request.applymarker(pytest.mark.xfail(reason=MOTO_DIFFERS[name], strict=True))
    return boto3.client(
        "s3",
        endpoint_url=request.getfixturevalue("moto_url"),
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}, signature_version="s3v4"),
    )


@pytest.fixture
def s3(local_endpoint: RunningEndpoint) -> Any:
    """An S3 client of the endpoint."""
    return local_endpoint.client("s3")


def new_bucket(client: Any) -> str:
    """Create an empty bucket; return its name."""
    name = f"test-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=name)
    return name


@pytest.fixture
def bucket(s3: Any) -> str:
    """A new, empty bucket of the endpoint."""
    return new_bucket(s3)


@pytest.fixture
def any_bucket(any_s3: Any) -> str:
    """A new, empty bucket of the server that `any_s3` calls."""
    return new_bucket(any_s3)


@pytest.fixture
def bedrock(local_endpoint: RunningEndpoint) -> Iterator[Any]:
    """A client of the shared endpoint; a test ends after its jobs, because the quota is two."""
    client = local_endpoint.client("bedrock")
    yield client
    until(
        lambda: client.list_model_customization_jobs(statusEquals="InProgress"),
        lambda answer: not answer["modelCustomizationJobSummaries"],
    )

"""botocore's stand-in for a service: answers in order, and every request is checked."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber


@pytest.fixture
def stub() -> Iterator[Stubber]:
    """Rekognition; a test fails when a prepared answer was not asked for."""
    client = boto3.client(
        "rekognition", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()

"""boto3 clients of the local endpoint or of the user's own account."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from launcher.aws.endpoint import Endpoint

#: By default, boto3 presigns URLs of a custom endpoint with SigV2.
LOCAL_S3 = Config(signature_version="s3v4", s3={"addressing_style": "path"})


def local_client(service: str, region: str | None = None, *, endpoint: Endpoint) -> Any:
    """Create a client of the local endpoint, with nothing from the user's AWS configuration."""
    return boto3.client(
        service,
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key_id,
        aws_secret_access_key=endpoint.secret_access_key,
        region_name=region or endpoint.region,
        config=LOCAL_S3 if service == "s3" else None,
    )


def users_client(service: str, region: str | None = None) -> Any:
    """Create a client of the user's own account, found the way any AWS tool finds it."""
    return boto3.client(service, region_name=region)

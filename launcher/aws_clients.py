"""boto3 clients: of the local endpoint, with nothing read from elsewhere, or of the user."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from launcher.environment import Endpoint

#: A custom endpoint would otherwise get path-style SigV2 presigned URLs.
LOCAL_S3 = Config(signature_version="s3v4", s3={"addressing_style": "path"})


def local_client(service: str, endpoint: Endpoint) -> Any:
    """A client of the local endpoint."""
    return boto3.client(
        service,
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key_id,
        aws_secret_access_key=endpoint.secret_access_key,
        region_name=endpoint.region,
        config=LOCAL_S3 if service == "s3" else None,
    )


def users_client(service: str) -> Any:
    """A client of the user's own account, found the way any AWS tool finds it."""
    return boto3.client(service)

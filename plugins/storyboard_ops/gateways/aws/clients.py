"""Make boto3 clients outside Airflow."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from storyboard_ops.gateways.aws.call_pool import CLIENT_SETTINGS
from storyboard_ops.gateways.aws.errors import translating


def environment_client(service: str, region: str | None = None) -> Any:
    """Make a boto3 client with the credentials and endpoint of the environment.

    ``region``: None for that of the environment. Raises ServiceError when there is none, or the
    profile or the configuration is wrong.
    """
    config = Config(signature_version="v4", **CLIENT_SETTINGS)
    with translating(service, "client"):
        return boto3.client(service, region_name=region, config=config)

"""Make boto3 clients outside Airflow."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from storyboard_ops.gateways.aws.call_pool import CLIENT_SETTINGS


def environment_client(service: str) -> Any:
    """Make a boto3 client with the credentials, region and endpoint of the environment."""
    return boto3.client(service, config=Config(signature_version="v4", **CLIENT_SETTINGS))

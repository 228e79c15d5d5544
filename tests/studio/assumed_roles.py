"""Roles of the endpoint's account, and clients that act with their rights."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from tests.studio.endpoint_fixture import RunningEndpoint

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


def make_role(
    endpoint: RunningEndpoint, name: str, statements: Sequence[dict[str, Any]], path: str = "/"
) -> str:
    """Create a role that everybody may assume, with these rights; return its ARN."""
    made = endpoint.client("iam").create_role(
        RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    grant(endpoint, name, statements)
    return str(made["Role"]["Arn"])


def grant(endpoint: RunningEndpoint, name: str, statements: Sequence[dict[str, Any]]) -> None:
    """Give a role these rights, and no others; none for an empty list."""
    iam = endpoint.client("iam")
    nothing = {"Effect": "Deny", "Action": ["none:None"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [*statements] or [nothing]}
    iam.put_role_policy(RoleName=name, PolicyName="access", PolicyDocument=json.dumps(document))


def assume(endpoint: RunningEndpoint, role_arn: str) -> Callable[[str], Any]:
    """Return a function that makes clients which act as the role; each is made once."""
    keys = endpoint.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="worker")[
        "Credentials"
    ]

    @cache
    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=endpoint.url,
            region_name=endpoint.ready["region"],
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            config=Config(retries={"total_max_attempts": 1}, signature_version="v4"),
        )

    return client

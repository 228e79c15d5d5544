"""What an AWS account needs before a run, set up on the local endpoint: a bucket and two roles.

On AWS an administrator does this once, from the same files in `include/iam`.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from launcher.aws_clients import local_client
from launcher.environment import Endpoint

#: Role name to the beginning of the names of its trust and access policies in `include/iam`.
ROLES: Mapping[str, str] = {"StoryboardBedrock": "bedrock", "StoryboardReview": "review"}
ROLE_EXISTS = "EntityAlreadyExists"


def prepare(endpoint: Endpoint, bucket: str, policies: Path) -> None:
    """Create the bucket and the roles, unless they are there."""
    local_client("s3", endpoint).create_bucket(Bucket=bucket)
    account = local_client("sts", endpoint).get_caller_identity()["Account"]
    iam = local_client("iam", endpoint)
    names = {"account": account, "region": endpoint.region, "bucket": bucket}

    def policy(file: str) -> str:
        return string.Template((policies / file).read_text()).substitute(names)

    for name, kind in ROLES.items():
        _ensure_role(iam, name, policy(f"{kind}-trust.json"))
        iam.put_role_policy(
            RoleName=name, PolicyName="access", PolicyDocument=policy(f"{kind}-access.json")
        )


def _ensure_role(iam: Any, name: str, trust: str) -> None:
    try:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    except ClientError as error:
        if error.response["Error"]["Code"] != ROLE_EXISTS:
            raise

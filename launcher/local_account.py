"""What an AWS account needs before a run, set up on the local endpoint as on AWS."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from launcher.aws_blueprint import Names
from launcher.aws_clients import local_client
from launcher.aws_setup import set_up
from launcher.environment import Endpoint


def prepare(endpoint: Endpoint, bucket: str, policies: Path) -> None:
    """Create roles, bucket and queues from the folder `include/iam`, unless they are there."""
    clients = partial(local_client, endpoint=endpoint)
    account = clients("sts").get_caller_identity()["Account"]
    for _ in set_up(policies, clients, Names(account, endpoint.region, bucket)):
        pass

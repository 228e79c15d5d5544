"""The account on the local endpoint, set up as one on AWS is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from launcher.aws.blueprint import Names
from launcher.aws.clients import local_client
from launcher.aws.endpoint import Endpoint
from launcher.aws.setup import set_up

#: The bucket of every local run that names no other.
STUDIO_BUCKET = "storyboard-studio"


def prepare_account(endpoint: Endpoint, policies: Path) -> None:
    """Create roles, queues and the studio's bucket, unless they exist.

    Args:
        policies: the folder `include/iam`.
    """
    clients = partial(local_client, endpoint=endpoint)
    account = clients("sts").get_caller_identity()["Account"]
    for _ in set_up(policies, clients, Names(account, endpoint.region, STUDIO_BUCKET)):
        pass

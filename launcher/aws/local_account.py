"""The account on the local endpoint, set up as one on AWS is."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from launcher.aws.clients import local_client
from launcher.aws.endpoint import Endpoint
from launcher.aws.setup import read_names, set_up
from launcher.product import WORKSPACES_VARIABLE

#: The bucket and the workspace of every local run that names no other.
STUDIO_BUCKET = "storyboard-studio"
STUDIO_WORKSPACE = f"s3://{STUDIO_BUCKET}"


def prepare_account(endpoint: Endpoint, policies: Path) -> None:
    """Create roles, queues and the studio's bucket, unless they exist.

    Args:
        policies: the folder `include/iam`.
    """
    clients = partial(local_client, endpoint=endpoint)
    for _ in set_up(policies, clients, read_names(clients("sts"), STUDIO_BUCKET)):
        pass


def configure_workspaces(*uris: str) -> None:
    """Let runs of this process, and of those it starts, use these workspaces.

    On AWS, those who deploy decide, in include/deployment.yaml; here, those who start the launcher.
    """
    given = filter(None, os.environ.get(WORKSPACES_VARIABLE, "").split(","))
    os.environ[WORKSPACES_VARIABLE] = ",".join(dict.fromkeys((*given, *uris)))

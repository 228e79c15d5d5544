"""The account on the local endpoint, set up as one on AWS is."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from launcher.aws.clients import local_client
from launcher.aws.endpoint import Endpoint
from launcher.aws.setup import read_names, set_up
from launcher.aws.small_model import upload_weights
from launcher.product import WORKSPACES_VARIABLE
from launcher.state.layout import Project

#: The bucket and the workspace of every local run that names no other.
STUDIO_BUCKET = "storyboard-studio"
STUDIO_WORKSPACE = f"s3://{STUDIO_BUCKET}"
EARLIER_REVIEW = "earlier-review"


def prepare_account(endpoint: Endpoint, project: Project) -> None:
    """Create roles, queues, the studio's bucket and a flow definition, unless they exist.

    The bucket gets the weights of the small model where this machine can train it.
    """
    clients = partial(local_client, endpoint=endpoint)
    names = read_names(clients("sts"), STUDIO_BUCKET)
    for _ in set_up(project.policies, clients, names):
        pass
    become_a2i_customer(clients("sagemaker"), names.account, STUDIO_BUCKET)
    upload_weights(clients("s3"), project, STUDIO_BUCKET)


def become_a2i_customer(sagemaker: Any, account: str, bucket: str) -> None:
    """Create a flow definition as of an earlier review: A2I is closed to accounts without one."""
    try:
        if sagemaker.list_flow_definitions()["FlowDefinitionSummaries"]:
            return
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return  # on this day of the endpoint, the account is a new customer
    (team,) = sagemaker.list_workteams()["Workteams"]
    with suppress(sagemaker.exceptions.ResourceInUse):
        sagemaker.create_human_task_ui(
            HumanTaskUiName=EARLIER_REVIEW,
            UiTemplate={"Content": "<crowd-form></crowd-form>"},
        )
    ui = sagemaker.describe_human_task_ui(HumanTaskUiName=EARLIER_REVIEW)
    sagemaker.create_flow_definition(
        FlowDefinitionName=EARLIER_REVIEW,
        RoleArn=f"arn:aws:iam::{account}:role/StoryboardReview",
        OutputConfig={"S3OutputPath": f"s3://{bucket}/library/review"},
        HumanLoopConfig={
            "WorkteamArn": team["WorkteamArn"],
            "HumanTaskUiArn": ui["HumanTaskUiArn"],
            "TaskTitle": "An earlier review",
            "TaskDescription": "Nothing is left to review.",
            "TaskCount": 1,
        },
    )


def configure_workspaces(*uris: str) -> None:
    """Let runs of this process, and of those it starts, use these workspaces.

    On AWS, those who deploy decide, in include/deployment.yaml; here, those who start the launcher.
    """
    given = filter(None, os.environ.get(WORKSPACES_VARIABLE, "").split(","))
    os.environ[WORKSPACES_VARIABLE] = ",".join(dict.fromkeys((*given, *uris)))

"""Human task UIs, flow definitions and the workteam of the SageMaker control plane."""

import hashlib
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.review_data import TEAM, TEMPLATE, flow_request, open_desk
from tests.studio.endpoint_fixture import RunningEndpoint


@pytest.fixture
def sagemaker(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("sagemaker")


def fresh(stem: str) -> str:
    return f"{stem}-{uuid.uuid4().hex[:12]}"


def test_a_task_ui_is_created_and_described(sagemaker: Any) -> None:
    name = fresh("ui")
    arn = sagemaker.create_human_task_ui(HumanTaskUiName=name, UiTemplate={"Content": TEMPLATE})[
        "HumanTaskUiArn"
    ]

    ui = sagemaker.describe_human_task_ui(HumanTaskUiName=name)

    assert ui["HumanTaskUiArn"] == arn
    assert ui["HumanTaskUiStatus"] == "Active"
    digest = hashlib.sha256(TEMPLATE.encode()).hexdigest()
    assert ui["UiTemplate"]["ContentSha256"] == digest
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_human_task_ui(HumanTaskUiName=fresh("unknown"))


def test_a_used_ui_name_is_refused(sagemaker: Any) -> None:
    request = {"HumanTaskUiName": fresh("ui"), "UiTemplate": {"Content": TEMPLATE}}
    sagemaker.create_human_task_ui(**request)

    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.create_human_task_ui(**request)


@pytest.mark.parametrize(
    "template", ["{% for a in b %}", "{{ a | no_such_filter }}", "{% no_such_tag %}"]
)
def test_a_template_that_is_not_liquid_is_refused(sagemaker: Any, template: str) -> None:
    with pytest.raises(ClientError, match="The template is invalid") as caught:
        sagemaker.create_human_task_ui(
            HumanTaskUiName=fresh("ui"), UiTemplate={"Content": template}
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_flow_definition_becomes_active(
    local_endpoint: RunningEndpoint, sagemaker: Any, bucket: str
) -> None:
    desk = open_desk(local_endpoint, bucket, TaskCount=3, TaskTimeLimitInSeconds=60)

    name = desk.flow_arn.rpartition("/")[2]
    flow = sagemaker.describe_flow_definition(FlowDefinitionName=name)

    assert flow["FlowDefinitionStatus"] == "Active"
    assert flow["HumanLoopConfig"]["TaskCount"] == 3
    assert flow["OutputConfig"] == {"S3OutputPath": f"s3://{bucket}/answers/"}


def test_a_new_flow_definition_is_initializing(sagemaker: Any, bucket: str) -> None:
    ui = sagemaker.create_human_task_ui(HumanTaskUiName=fresh("ui"), UiTemplate={"Content": "x"})
    name = fresh("flow")
    sagemaker.create_flow_definition(**flow_request(name, ui["HumanTaskUiArn"], bucket))

    flow = sagemaker.describe_flow_definition(FlowDefinitionName=name)

    assert flow["FlowDefinitionStatus"] == "Initializing"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"WorkteamArn": TEAM + "x"}, "does not exist or you do not have access to it"),
        ({"HumanTaskUiArn": "arn:aws:sagemaker:us-east-1:000000000000:human-task-ui/no"}, "ui/no"),
        ({"TaskAvailabilityLifetimeInSeconds": 864_001}, "at most 864000"),
        ({"TaskTimeLimitInSeconds": 28_801}, "at most 28800"),
        ({"TaskCount": 4}, "3"),
    ],
)
def test_a_flow_definition_is_checked(
    local_endpoint: RunningEndpoint, bucket: str, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason) as caught:
        open_desk(local_endpoint, bucket, **changes)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_flow_definition_needs_its_output_bucket(local_endpoint: RunningEndpoint) -> None:
    with pytest.raises(ClientError, match="The output bucket nowhere-at-all does not exist"):
        open_desk(local_endpoint, "nowhere-at-all")


def test_there_is_one_private_workteam(sagemaker: Any) -> None:
    (team,) = sagemaker.list_workteams()["Workteams"]

    assert team["WorkteamArn"] == TEAM
    assert sagemaker.list_workteams(NameContains="another")["Workteams"] == []

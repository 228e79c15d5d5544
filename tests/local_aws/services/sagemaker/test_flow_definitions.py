"""Human task UIs, flow definitions and the workteam of the SageMaker control plane."""

import hashlib
import uuid
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.review_data import TEAM, TEMPLATE, flow_request, open_desk
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint

UI = "arn:aws:sagemaker:us-east-1:000000000000:human-task-ui/ui"


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


def test_flow_definitions_are_listed_newest_first(
    local_endpoint: RunningEndpoint, sagemaker: Any, bucket: str
) -> None:
    arns = [open_desk(local_endpoint, bucket).flow_arn for _ in range(2)]

    first = sagemaker.list_flow_definitions(MaxResults=1)
    second = sagemaker.list_flow_definitions(MaxResults=1, NextToken=first["NextToken"])

    listed = first["FlowDefinitionSummaries"] + second["FlowDefinitionSummaries"]
    assert [flow["FlowDefinitionArn"] for flow in listed] == arns[::-1]
    assert listed[0]["FlowDefinitionStatus"] == "Active"


@pytest.mark.parametrize(
    ("arguments", "has_a2i"),
    [
        ((), True),
        (("--today", "2026-11-21"), True),
        (("--today", "2026-11-22"), False),
        (("--today", "2026-11-22", "--a2i"), True),
        (("--no-a2i",), False),
    ],
)
def test_a2i_is_closed_to_new_customers(
    tmp_path: Path, arguments: tuple[str, ...], has_a2i: bool
) -> None:
    with running_endpoint(tmp_path / "data", arguments) as endpoint:
        client = endpoint.client("sagemaker")
        assert client.list_workteams()["Workteams"]
        if has_a2i:
            assert client.list_flow_definitions()["FlowDefinitionSummaries"] == []
            assert client.create_human_task_ui(
                HumanTaskUiName="ui", UiTemplate={"Content": TEMPLATE}
            )
            return
        refused = []
        for call in (
            client.list_flow_definitions,
            lambda: client.create_human_task_ui(
                HumanTaskUiName="ui", UiTemplate={"Content": TEMPLATE}
            ),
            lambda: client.create_flow_definition(**flow_request("flow", UI, "answers")),
            lambda: endpoint.client("sagemaker-a2i-runtime").start_human_loop(
                HumanLoopName="loop",
                FlowDefinitionArn=UI.replace("human-task-ui", "flow-definition"),
                HumanLoopInput={"InputContent": "{}"},
            ),
        ):
            with pytest.raises(ClientError, match="closed to new customers") as caught:
                call()
            refused.append(caught.value.response["Error"]["Code"])
        assert refused == ["AccessDeniedException"] * 4


def test_there_is_one_private_workteam(sagemaker: Any) -> None:
    (team,) = sagemaker.list_workteams()["Workteams"]

    assert team["WorkteamArn"] == TEAM
    assert sagemaker.list_workteams(NameContains="another")["Workteams"] == []

"""Whether the caller itself may do what a run asks for: run_check of IAM, before money is spent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from storyboard_ops.domain.preflight.preflight_report import Check
from storyboard_ops.gateways.aws.account import policy_source
from storyboard_ops.steps.preflight.account.account_checks import account_checks
from storyboard_ops.steps.preflight.account.own_rights import needed_rights
from storyboard_ops.steps.preflight.check_runner import run_check
from storyboard_ops.steps.preflight.models.model_checks import check_models
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.studio.assumed_roles import assume, make_role
from tests.studio.iam_rights import Account, allows
from tests.studio.studio_fixture import Studio

NAME = "own rights"
INVOKE = "bedrock:InvokeModel"
EVERYTHING = {"detectors": ["labels", "faces", "custom_labels", "multimodal"], "review_desk": "a2i"}


def check(tools: ToolBox) -> Check:
    """What preflight says of the rights of whoever asks."""
    return run_check(NAME, dict(account_checks(tools))[NAME], tools)


def as_role(studio: Studio, statements: list[dict[str, Any]], **params: Any) -> ToolBox:
    """A run of somebody who has taken on a role with these statements, and a path."""
    role = make_role(studio.endpoint, f"own-{studio.bucket}", statements, path="/film/")
    return replace(studio.tools(**params), clients=assume(studio.endpoint, role))


def pipeline(studio: Studio) -> list[dict[str, Any]]:
    """The statements of include/iam/airflow-access.json."""
    return Account.of(studio).statements("airflow-access")


def test_the_owner_of_the_account_may_do_everything(studio):
    found = check(studio.tools(**EVERYTHING))
    assert (found.state, "has the rights that the run needs" in found.finding) == ("pass", True)


def test_the_pipelines_own_role_has_every_right(studio):
    tools = as_role(studio, pipeline(studio), **EVERYTHING)
    found = check(tools)
    assert found.state == "pass", found
    assert f":role/film/own-{studio.bucket} has the rights" in found.finding, (
        "the session's role, by name"
    )


def test_every_right_that_is_asked_for_is_in_the_policy(studio):
    needed = list(needed_rights(studio.tools(**EVERYTHING)))
    actions = [(action, right.resource) for right in needed for action in right.actions]
    assert len(actions) > 15
    assert [one for one in actions if not allows(pipeline(studio), *one)] == []


def routed(tools):
    """The tools of a run whose preflight has found how its models are called."""
    routes, _ = check_models(tools)
    return replace(tools, found_routes=routes)


def test_a_model_is_asked_about_with_its_profile_and_every_region_behind_it(studio):
    tools = routed(studio.tools(trainer="dataset_only", caption_model_id="amazon.nova-2-lite-v1:0"))
    asked = [right.resource for right in needed_rights(tools) if INVOKE in right.actions]
    own = f"arn:aws:bedrock:us-east-1:{tools.account_id}"
    assert asked == [
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
        f"{own}:inference-profile/us.amazon.nova-2-lite-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-lite-v1:0",
        "arn:aws:bedrock:us-east-2::foundation-model/amazon.nova-2-lite-v1:0",
        "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-2-lite-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-image-v1",
    ]
    assert all(allows(pipeline(studio), INVOKE, resource) for resource in asked)


def test_a_global_profile_needs_the_model_in_no_region_too(studio):
    model = "amazon.nova-2-lite-v1:0"
    chosen = {
        "trainer": "dataset_only",
        "review_desk": "page",
        "caption_model_id": f"global.{model}",
    }
    tools = routed(studio.tools(**chosen))
    assert f"arn:aws:bedrock:::foundation-model/{model}" in {
        right.resource for right in needed_rights(tools)
    }
    worker = as_role(studio, pipeline(studio), **chosen)
    assert check(replace(worker, found_routes=tools.routes)).state == "pass"


def test_a_role_that_may_not_call_the_model_is_refused(studio):
    statements = [one for one in pipeline(studio) if one["Sid"] != "AskModels"]
    tools = routed(studio.tools(trainer="dataset_only", review_desk="page"))
    limited = as_role(studio, statements, trainer="dataset_only", review_desk="page")
    found = check(replace(limited, found_routes=tools.routes))
    assert found.state == "fail"
    assert f"lacks: {INVOKE} on arn:aws:bedrock:us-east-1::foundation-model/" in found.finding


@pytest.mark.parametrize(
    ("without", "action"),
    [
        ("UseWorkspace", "s3:GetObject"),
        ("EndWhatIsOurs", "bedrock:DeleteProvisionedModelThroughput"),
        ("EndWhatIsOurs", "rekognition:StopProjectVersion"),
        ("HandOverBedrockRole", "iam:PassRole"),
        ("KnowFaces", "rekognition:IndexFaces"),
    ],
)
def test_a_role_that_lacks_a_right_is_refused_and_the_right_is_named(studio, without, action):
    statements = [one for one in pipeline(studio) if one["Sid"] != without]
    found = check(as_role(studio, statements, **EVERYTHING))
    assert found.state == "fail"
    assert " lacks: " in found.finding
    assert f" {action} on arn:aws:" in found.finding
    assert "include/iam/airflow-access.json" in found.remedy


@pytest.mark.parametrize(
    ("without", "action"),
    [
        ("RunJobs", "sagemaker:CreateTrainingJob"),
        ("RunJobs", "sagemaker:DescribeProcessingJob"),
        ("EndWhatIsOurs", "sagemaker:StopProcessingJob"),
        ("HandOverSageMakerRoles", "iam:PassRole"),
    ],
)
def test_a_role_that_cannot_run_jobs_is_refused_where_they_train(studio, without, action):
    statements = [one for one in pipeline(studio) if one["Sid"] != without]
    found = check(as_role(studio, statements, trainer="sagemaker", review_desk="page"))
    assert found.state == "fail"
    assert f"{action} on arn:aws:" in found.finding


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("sagemaker:ListHumanLoops", "sagemaker:us-east-1:000000000000:flow-definition/*"),
        ("rekognition:CreateCollection", "rekognition:us-east-1:000000000000:collection/*"),
        ("rekognition:CreateProject", "rekognition:us-east-1:000000000000:project/*"),
    ],
)
def test_what_iam_grants_on_everything_only_is_missing_when_granted_on_an_arn(studio, action, arn):
    statements = [
        {**one, "Action": [name for name in one["Action"] if name != action]}
        for one in pipeline(studio)
    ]
    statements = [one for one in statements if one["Action"]]
    statements.append({"Effect": "Allow", "Action": [action], "Resource": [f"arn:aws:{arn}"]})
    found = check(as_role(studio, statements, **EVERYTHING))
    assert found.state == "fail"
    assert f"lacks: {action} on *." in found.finding


def test_rights_are_checked_in_the_partition_of_the_caller(studio, monkeypatch):
    caller = "arn:aws-us-gov:sts::123456789012:assumed-role/StoryboardAirflow/task"
    monkeypatch.setattr("storyboard_ops.gateways.aws.account.caller_arn", lambda sts: caller)
    tools = studio.tools(**EVERYTHING)
    arns = [right.resource for right in needed_rights(tools) if right.resource != "*"]
    assert {arn.split(":")[1] for arn in arns} == {"aws-us-gov"}
    assert f"arn:aws-us-gov:iam::{tools.account_id}:role/StoryboardBedrock" in arns


def test_a_right_to_end_only_what_others_have_made_is_none(studio):
    statements = pipeline(studio)
    for statement in statements:
        if statement["Sid"] == "EndWhatIsOurs":
            statement["Condition"] = {"StringEquals": {"aws:ResourceTag/team": "others"}}
    found = check(as_role(studio, statements))
    assert found.state == "fail"
    assert "bedrock:DeleteProvisionedModelThroughput" in found.finding


def test_only_what_the_run_needs_is_asked(studio):
    tools = studio.tools(
        trainer="dataset_only", review_desk="without_people", detectors=["multimodal"]
    )
    services = {right.actions[0].partition(":")[0] for right in needed_rights(tools)}
    assert services == {"s3"}


def test_who_may_not_simulate_is_warned_and_may_go_on(studio, monkeypatch):
    tools = studio.tools()
    iam = tools.clients("iam")
    denied = iam.exceptions.ClientError(
        {"Error": {"Code": "AccessDenied", "Message": "no"}}, "SimulatePrincipalPolicy"
    )

    def refuse(**_: Any) -> None:
        raise denied

    iam.meta.events.register_first("before-call.iam.SimulatePrincipalPolicy", refuse)
    try:
        found = check(tools)
    finally:
        iam.meta.events.unregister("before-call.iam.SimulatePrincipalPolicy", refuse)
    assert (found.state, found.finding[:22]) == ("warn", "could not be checked: ")


@pytest.mark.parametrize(
    "caller", ["arn:aws:iam::123456789012:root", "arn:aws:sts::123456789012:federated-user/ann"]
)
def test_whom_iam_does_not_simulate_is_a_warning(studio, monkeypatch, caller):
    asks = "storyboard_ops.gateways.aws.account.caller_arn"
    monkeypatch.setattr(asks, lambda sts: caller)
    found = check(studio.tools())
    assert (found.state, caller in found.finding) == ("warn", True)


def test_a_user_is_simulated_by_its_own_name(studio):
    user = "arn:aws:iam::123456789012:user/film/ann"
    assert policy_source(studio.client("iam"), user) == user

"""Preflight's questions to the account, each with the answer that closes the gate."""

import json

import pytest

from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.steps.preflight.check_preflight import check_preflight, preflight_report
from tests.steps.preflight.answers import answers, bare_role, refusal


def test_an_account_that_is_set_up_passes_every_check(lonely_studio):
    checks = answers(lonely_studio)
    assert {check.state for check in checks.values()} == {"pass"}
    assert list(checks) == [
        "account",
        "workspace",
        "bucket key",
        "own rights",
        "region",
        "review role",
        "review rights",
        "trainer",
        "base model",
        "model units",
        "capacity",
        "hyperparameters",
        "training role",
        "training rights",
    ]
    assert all(name == check.name for name, check in checks.items())
    assert "000000000000, as arn:aws:iam::" in checks["account"].finding
    assert "1 needed, 0 of 2 in use" in checks["model units"].finding


def test_only_what_the_run_needs_is_asked(studio):
    assert set(answers(studio, trainer="dataset_only", review_desk="without_people")) == {
        "account",
        "workspace",
        "bucket key",
        "own rights",
        "region",
        "trainer",
    }


def test_the_review_role_is_asked_about_the_places_that_reviewers_see_and_answers_go_to(studio):
    role = bare_role(studio, "sagemaker")
    allowed = ("runs/*/crops/*", "runs/*/review/*")  # of one run, but not of the library
    statement = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{studio.bucket}/{place}" for place in allowed],
    }
    studio.client("iam").put_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyName="some",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    rights = answers(studio, review_role_arn=role)["review rights"]
    library = f"arn:aws:s3:::{studio.bucket}/library"
    assert rights.finding == (
        f"{role} lacks: s3:GetObject on {library}/film/sampling/frames/0.jpg, "
        f"s3:GetObject on {library}/references/0.png, "
        f"s3:PutObject on {library}/review/flow/output.json."
    )


def test_a_bucket_that_does_not_exist_is_named(studio, ready, monkeypatch):
    monkeypatch.setenv("STORYBOARD_WORKSPACES", "s3://no-such-bucket-anywhere")
    message = refusal(studio, **ready, workspace="s3://no-such-bucket-anywhere")
    assert "bucket 'no-such-bucket-anywhere' does not exist" in message


@pytest.mark.parametrize("folder", ["/incoming/evil", "/team", "/team/../x", "/x//y"])
def test_a_workspace_that_is_not_configured_is_refused_and_written_nothing(studio, ready, folder):
    workspace = f"s3://{studio.bucket}{folder}"
    tools = studio.tools(**ready, workspace=workspace)
    with pytest.raises(GateClosed, match="nothing has been paid") as refused:
        check_preflight(tools)
    assert "is not configured in this deployment" in str(refused.value)
    assert "Add it to include/deployment.yaml" in str(refused.value)
    listed = studio.client("s3").list_objects_v2(Bucket=studio.bucket)
    written = {item["Key"].partition("/")[0] for item in listed["Contents"]}
    assert written == {"videos", "productions"}


def test_a_workspace_of_the_variable_is_configured(studio, ready, monkeypatch):
    monkeypatch.setenv("STORYBOARD_WORKSPACES", f"s3://x-y-z, s3://{studio.bucket}/team/")
    report = preflight_report(studio.tools(**ready, workspace=f"s3://{studio.bucket}/team"))
    assert {check.state for check in report.checks if check.name == "workspace"} == {"pass"}

"""What preflight answers to a run: each check by itself, or the refusal of the whole."""

import json

import pytest

from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.preflight.preflight_report import Check, PreflightReport
from storyboard_ops.steps.money.cost_gate import require_passed_preflight
from storyboard_ops.steps.preflight.account.account_checks import account_checks, identity_checks
from storyboard_ops.steps.preflight.check_preflight import check_preflight
from storyboard_ops.steps.preflight.check_runner import run_check
from storyboard_ops.steps.preflight.trainers.trainer_choice import settle_trainer
from tests.studio.studio_fixture import Studio


def answers(studio: Studio, **params) -> dict[str, Check]:
    """Every check that a run with these parameters calls for, by name."""
    tools = studio.tools(**params)
    checks = (*identity_checks(tools), *account_checks(tools))
    found = {name: run_check(name, check, tools) for name, check in checks}
    return found | {
        check.name: check for check in settle_trainer(tools, tools.settings.production).checks
    }


def bare_role(studio: Studio, service: str) -> str:
    """ARN of a role that a service may assume, and that may do nothing."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = studio.client("iam").create_role(
        RoleName=f"{service}-{studio.bucket}",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    return str(role["Role"]["Arn"])


def refusal(studio: Studio, **params) -> str:
    """The message of a preflight that refuses; of the run there is its report, and no more."""
    with pytest.raises(GateClosed) as refused:
        check_preflight(studio.tools(**params))
    listed = studio.client("s3").list_objects_v2(Bucket=studio.bucket, Prefix="runs/")
    written = [item["Key"] for item in listed.get("Contents", ())]
    there = not params.get("workspace", "").startswith("s3://no-such")
    assert written == (["runs/run-1/preflight.json"] if there else [])
    assert "nothing has been paid" in str(refused.value)
    if there:
        _assert_the_training_stays_closed(studio, str(refused.value))
    return str(refused.value)


def _assert_the_training_stays_closed(studio: Studio, message: str) -> None:
    """The report names what the message names, and nobody takes it for an accepted one."""
    report = PreflightReport.model_validate(studio.read_json("runs/run-1/preflight.json"))
    assert report.failed
    assert all(check.finding in message for check in report.failed)
    with pytest.raises(GateClosed, match="Preflight has refused this run"):
        require_passed_preflight(studio.tools())

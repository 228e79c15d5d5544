"""Check the account before a run: identity, workspace, region, rights, roles of the review.

Each check is a function of the tool box; ``account_checks`` lists, by name, those that the settings
of a run require. Checks only read. Those of a trainer are in a module of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from storyboard_ops.domain.preflight.preflight_report import (
    Finding,
    failed,
    passed,
    warned,
)
from storyboard_ops.domain.settings.review import ReviewSection
from storyboard_ops.gateways.aws import account as account_facts
from storyboard_ops.gateways.deployment_file import FILE, WORKSPACES_VARIABLE, read_deployment
from storyboard_ops.gateways.money.pricing import price_table
from storyboard_ops.steps.preflight.account.key_checks import check_bucket_key
from storyboard_ops.steps.preflight.account.own_rights import check_own_rights
from storyboard_ops.steps.preflight.account.role_checks import check_rights, check_trust
from storyboard_ops.steps.preflight.check_runner import CheckFunction
from storyboard_ops.steps.review.open_review import review_role_arn
from storyboard_ops.steps.run.tool_box import ToolBox, has_section


def identity_checks(tools: ToolBox) -> Iterable[tuple[str, CheckFunction]]:
    """Yield the checks that must pass before any other can run, by name."""
    yield "account", _check_account
    yield "workspace", _check_workspace
    yield "bucket key", check_bucket_key


def account_checks(tools: ToolBox) -> Iterable[tuple[str, CheckFunction]]:
    """Yield the checks of the account that a run with these settings needs, by name."""
    yield "own rights", check_own_rights
    yield "region", _check_region
    if has_section(tools, ReviewSection) and tools.settings.review_desk == "a2i":
        yield "review role", _check_review_role
        yield "review rights", _check_review_rights


def _check_account(tools: ToolBox) -> Finding:
    return passed(f"{tools.account_id}, as {tools.caller_arn}.")


def _check_workspace(tools: ToolBox) -> Finding:
    if not read_deployment().knows(tools.workspace):
        return failed(
            f"{tools.workspace.root} is not configured in this deployment.",
            f"Add it to include/{FILE} or to the variable {WORKSPACES_VARIABLE}, as those who "
            "deploy the DAGs may; or set the parameter workspace to a configured one.",
        )
    bucket = tools.workspace.root.bucket
    if tools.objects.bucket_exists(bucket):
        return passed(f"bucket {bucket} exists and is accessible.")
    return failed(
        f"bucket {bucket!r} does not exist or access is denied.",
        "Create the bucket (make aws-setup), or allow access to it.",
    )


def _check_region(tools: ToolBox) -> Finding:
    here = tools.clients("bedrock").meta.region_name
    there = account_facts.bucket_region(tools.clients("s3"), tools.workspace.root.bucket)
    if here != there:
        return failed(
            f"Bedrock is used in {here}, but the bucket of the workspace is in {there}.",
            f"Set AWS_REGION to {there}, or use a bucket in {here}.",
        )
    if price_table(here).test_only:
        return warned(f"{here}; its price table is for tests only, so the costs are not real.")
    return passed(f"{here}, for Bedrock and the bucket.")


def _check_review_role(tools: ToolBox[ReviewSection]) -> Finding:
    return check_trust(tools, review_role_arn(tools), "sagemaker.amazonaws.com")


def _check_review_rights(tools: ToolBox[ReviewSection]) -> Finding:
    return check_rights(
        tools,
        review_role_arn(tools),
        ("s3:GetObject", tools.run_root / "crops/picture.png"),
        ("s3:GetObject", tools.run_root / "review/thumbs/picture.jpg"),
        ("s3:GetObject", tools.workspace.root / "library/film/sampling/frames/0.jpg"),
        ("s3:GetObject", tools.workspace.reference("0")),
        ("s3:PutObject", tools.workspace.root / "library/review/flow/output.json"),
    )

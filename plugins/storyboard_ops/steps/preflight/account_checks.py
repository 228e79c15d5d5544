"""Check the account before a run: identity, region, models, roles, rights, quotas, review desk.

Each check is a function of the tool box; ``account_checks`` lists those that the settings of a run
require. Checks only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache, partial
from typing import Any, Literal

from storyboard_ops.domain.error_tree import ServiceError
from storyboard_ops.domain.object_keys import S3Uri, aws_name
from storyboard_ops.domain.preflight.preflight_report import Check
from storyboard_ops.domain.settings.common import TrainingSettings
from storyboard_ops.domain.settings.review import ReviewSection
from storyboard_ops.domain.training.tuning_facts import TuningTable
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.aws import account as account_facts
from storyboard_ops.gateways.include_files import include_yaml
from storyboard_ops.gateways.money.pricing import price_table
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.money.claims import kept_until
from storyboard_ops.steps.preflight.own_rights import NAME as OWN_RIGHTS
from storyboard_ops.steps.preflight.own_rights import check_own_rights
from storyboard_ops.steps.review.open_review import review_role_arn
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.training.customize_model import training_role_arn

CheckFunction = Callable[[ToolBox[Any]], Check]

#: How long capacity may outlive its run: the longest lease.
LONGEST_KEEP = timedelta(days=7)
#: Name in the Service Quotas console; the code is not documented.
UNITS_QUOTA = "Model units no-commitment Provisioned Throughputs across custom models"
ANOTHER_TRAINER = (
    "Set trainer to dataset_only: the approved dataset is written for other trainers too "
    "(kohya-ss, ai-toolkit). Or set base_model_id to a model that can be fine-tuned."
)


def identity_checks(tools: ToolBox) -> Iterable[tuple[str, CheckFunction]]:
    """Yield the checks that must pass before any other can run, by name."""
    yield "account", _check_account
    yield "workspace", _check_workspace


def account_checks(tools: ToolBox) -> Iterable[tuple[str, CheckFunction]]:
    """Yield the checks of the account that a run with these settings needs, by name."""
    yield OWN_RIGHTS, check_own_rights
    yield "region", _check_region
    if tools.settings.draws:
        yield "base model", _check_base_model
        yield "model units", _check_model_units
        yield "capacity", _check_capacity
    if tools.settings.draws and has_section(tools, TrainingSettings):
        yield "hyperparameters", _check_hyperparameters
        yield "training role", _check_training_role
        yield "training rights", _check_training_rights
    if has_section(tools, ReviewSection) and tools.settings.review_desk == "a2i":
        yield "review role", _check_review_role
        yield "review rights", _check_review_rights
        yield "review desk", _check_review_desk


def run_check(name: str, check: CheckFunction, tools: ToolBox) -> Check:
    """Run a check; a service error becomes a failed check, or a warning (see ``ON_ERROR``)."""
    try:
        return check(tools)
    except ServiceError as error:
        return Check(
            name=name,
            state=ON_ERROR.get(name, "fail"),
            finding=f"could not be checked: {error}",
            remedy="Check the credentials, the region and the rights of the role (include/iam).",
        )


def _check_account(tools: ToolBox) -> Check:
    who = account_facts.caller_arn(tools.clients("sts"))
    return Check(name="account", state="pass", finding=f"{tools.account_id}, as {who}.")


def _check_workspace(tools: ToolBox) -> Check:
    bucket = tools.workspace.root.bucket
    if tools.objects.bucket_exists(bucket):
        return Check(
            name="workspace", state="pass", finding=f"bucket {bucket} exists and is accessible."
        )
    return Check(
        name="workspace",
        state="fail",
        finding=f"bucket {bucket!r} does not exist or access is denied.",
        remedy="Create the bucket, allow access to it, or set the parameter workspace to "
        "s3://<bucket>/<prefix>.",
    )


def _check_region(tools: ToolBox) -> Check:
    here = tools.clients("bedrock").meta.region_name
    there = account_facts.bucket_region(tools.clients("s3"), tools.workspace.root.bucket)
    if here != there:
        return Check(
            name="region",
            state="fail",
            finding=f"Bedrock is used in {here}, but the bucket of the workspace is in {there}.",
            remedy=f"Set AWS_REGION to {there}, or use a bucket in {here}.",
        )
    priced = price_table().region
    if here != priced:
        finding = f"{here}; the price table is for {priced}, so costs are estimates."
        return Check(name="region", state="warn", finding=finding)
    return Check(name="region", state="pass", finding=f"{here}, for Bedrock and the bucket.")


def _check_base_model(tools: ToolBox) -> Check:
    model_id = tools.settings.base_model_id
    failed = partial(Check, name="base model", state="fail", remedy=ANOTHER_TRAINER)
    cycle = BedrockControl(tools.clients("bedrock")).lifecycle(model_id)
    if cycle is None:
        known = _tuning_table().models.get(model_id)
        ended = f" (AWS documents {known.end_of_life})" if known else ""
        return failed(
            finding=f"{model_id} is not offered by Bedrock in this region, or past its end "
            f"of life{ended}."
        )
    if "FINE_TUNING" not in cycle.customizations:
        return failed(finding=f"{model_id} cannot be fine-tuned in this region.")
    if cycle.status != "ACTIVE":
        return failed(
            finding=f"{model_id} is {cycle.status} since {cycle.legacy_since} and ends "
            f"{cycle.end_of_life}: no new provisioned throughput can be bought for it."
        )
    end = f", ends {cycle.end_of_life}" if cycle.end_of_life else ""
    return Check(name="base model", state="pass", finding=f"{model_id} is active{end}.")


def _check_hyperparameters(tools: ToolBox[TrainingSettings]) -> Check:
    settings, table = tools.settings, _tuning_table()
    facts = table.models.get(settings.base_model_id)
    given = {
        "stepCount": settings.step_count,
        "batchSize": settings.batch_size,
        "learningRate": settings.learning_rate,
    }
    stated = ", ".join(f"{name} {value:g}" for name, value in given.items())
    if facts is None:
        finding = f"{stated}: the allowed ranges are not known for {settings.base_model_id}."
        remedy = "Compare them with the page of the model in the Bedrock User Guide."
        return Check(name="hyperparameters", state="warn", finding=finding, remedy=remedy)
    outside = [
        f"{name} must be {low:g} to {high:g}"
        for name, (low, high) in facts.hyperparameters.items()
        if not low <= given[name] <= high
    ]
    if outside:
        finding, remedy = (
            f"{stated}: {'; '.join(outside)}.",
            "Set the parameters within these ranges.",
        )
        return Check(name="hyperparameters", state="fail", finding=finding, remedy=remedy)
    finding = f"{stated}: within the ranges that AWS documented on {table.collected}."
    return Check(name="hyperparameters", state="pass", finding=finding)


@cache
def _tuning_table() -> TuningTable:
    return TuningTable.model_validate(include_yaml("models/fine-tuning.yaml"))


def _check_model_units(tools: ToolBox) -> Check:
    settings = tools.settings
    quota = account_facts.quota(tools.clients("service-quotas"), "bedrock", UNITS_QUOTA)
    raise_quota = f"Request more in the Service Quotas console: {UNITS_QUOTA!r}."
    if quota is None or settings.commitment != "none":
        finding = f"{settings.model_units} needed; the quota of the account is not known."
        return Check(name="model units", state="warn", finding=finding, remedy=raise_quota)
    own = aws_name("capacity", tools.run_key, "").rstrip("-")
    used = BedrockControl(tools.clients("bedrock")).units_in_use(except_for=own)
    finding = f"{settings.model_units} needed, {used} of {quota:g} in use."
    if used + settings.model_units > quota:
        remedy = f"{raise_quota} Or release capacity that is no longer needed (make release)."
        return Check(name="model units", state="fail", finding=finding, remedy=remedy)
    return Check(name="model units", state="pass", finding=finding)


def _check_capacity(tools: ToolBox) -> Check:
    settings, now = tools.settings, tools.clock()
    until = settings.keep_capacity_until
    problem = remedy = ""
    if until is not None and settings.commitment != "none":
        problem = "both a commitment and keep_capacity_until are set."
        remedy = "Set one of them: committed capacity is kept for its term."
    elif until is not None and not now < until <= now + LONGEST_KEEP:
        problem = f"keep_capacity_until is {iso(until)}."
        remedy = f"Set it to a time between {iso(now)} and {iso(now + LONGEST_KEEP)}."
    kept = kept_until(tools, bought_at=now)
    if kept is not None and not settings.keep_model:
        problem, remedy = "capacity is kept, but its model is not.", "Set keep_model to true."
    if problem:
        return Check(name="capacity", state="fail", finding=problem, remedy=remedy)
    if kept is not None:
        finding = f"outlives the run and is billed until {iso(kept)}."
        return Check(name="capacity", state="warn", finding=finding)
    finding = f"is deleted when the run ends, or after {settings.lease_h:g} hours (lease_h)."
    return Check(name="capacity", state="pass", finding=finding)


def _check_training_role(tools: ToolBox[TrainingSettings]) -> Check:
    return _check_trust("training role", training_role_arn(tools), "bedrock.amazonaws.com", tools)


def _check_review_role(tools: ToolBox[ReviewSection]) -> Check:
    return _check_trust("review role", review_role_arn(tools), "sagemaker.amazonaws.com", tools)


def _check_trust(name: str, arn: str, service: str, tools: ToolBox[Any]) -> Check:
    trusted = account_facts.role_trusts(tools.clients("iam"), arn, service)
    if trusted:
        return Check(name=name, state="pass", finding=f"{arn} trusts {service}.")
    return Check(
        name=name,
        state="fail",
        finding=f"{arn} "
        + ("does not exist." if trusted is None else f"does not trust {service}."),
        remedy="Create the role from include/iam, or set another one in the parameters.",
    )


def _check_training_rights(tools: ToolBox[TrainingSettings]) -> Check:
    return _check_rights(
        "training rights",
        training_role_arn(tools),
        (
            ("s3:GetObject", tools.run_root / "dataset/train.jsonl"),
            ("s3:ListBucket", S3Uri(tools.run_root.bucket, "")),
            ("s3:PutObject", tools.run_root / "model/metrics.csv"),
        ),
        tools,
    )


def _check_review_rights(tools: ToolBox[ReviewSection]) -> Check:
    return _check_rights(
        "review rights",
        review_role_arn(tools),
        (
            ("s3:GetObject", tools.run_root / "crops/picture.png"),
            ("s3:GetObject", tools.run_root / "review/thumbs/picture.jpg"),
            ("s3:GetObject", tools.workspace.root / "library/film/sampling/frame.png"),
            ("s3:PutObject", tools.workspace.root / "library/review/flow/output.json"),
        ),
        tools,
    )


def _check_rights(
    name: str, arn: str, needed: Iterable[tuple[str, S3Uri]], tools: ToolBox[Any]
) -> Check:
    iam = tools.clients("iam")
    denied = []
    for action, uri in needed:
        resource = f"arn:aws:s3:::{str(uri).removeprefix('s3://')}"
        if account_facts.denied_actions(iam, arn, (action,), resource):
            denied.append(f"{action} on {resource}")
    if denied:
        return Check(
            name=name,
            state="fail",
            finding=f"{arn} lacks: {', '.join(denied)}.",
            remedy="Attach the access policy from include/iam to the role.",
        )
    finding = "the role has the rights it needs, as simulated by IAM."
    return Check(name=name, state="pass", finding=finding)


def _check_review_desk(tools: ToolBox[ReviewSection]) -> Check:
    teams = account_facts.private_workteams(tools.clients("sagemaker"))
    wanted = tools.settings.workteam_arn
    if (wanted and wanted in teams) or (not wanted and len(teams) == 1):
        return Check(name="review desk", state="pass", finding=f"A2I, team {wanted or teams[0]}.")
    found = ", ".join(teams) or "none"
    return Check(
        name="review desk",
        state="fail",
        finding=f"workteam_arn is {wanted!r}; private work teams of the account: {found}.",
        remedy="Set workteam_arn to one of them, or create one. To review in Airflow instead, set "
        "review_desk to page.",
    )


#: State of a check that a service error prevents, "fail" by default; the run may still work.
ON_ERROR: dict[str, Literal["pass", "warn", "fail"]] = {
    OWN_RIGHTS: "warn",
    "model units": "warn",
    "training rights": "warn",
    "review rights": "warn",
}

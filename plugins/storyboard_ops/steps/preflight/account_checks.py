"""Preflight's questions to the account: who pays, where, with what rights, for how much capacity.

Each check is a function of the tool box; ``account_checks`` lists those that a run's settings call
for. None of them writes anything.
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
from storyboard_ops.steps.preflight.own_rights import own_rights
from storyboard_ops.steps.review.open_review import review_role_arn
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.training.customize_model import training_role_arn

CheckFunction = Callable[[ToolBox[Any]], Check]

#: Capacity may outlive its run this long: the longest lease.
LONGEST_KEEP = timedelta(days=7)
#: Name in the Service Quotas console; its code is not documented.
UNITS_QUOTA = "Model units no-commitment Provisioned Throughputs across custom models"
ANOTHER_TRAINER = (
    "Set trainer to dataset_only: the approved dataset is written for other trainers too "
    "(kohya-ss, ai-toolkit). Or set base_model_id to a model that can be fine-tuned."
)


def identity_checks(tools: ToolBox) -> Iterable[tuple[str, CheckFunction]]:
    """What has to be known before anything else is looked at."""
    yield "account", _account
    yield "workspace", _workspace


def account_checks(tools: ToolBox) -> Iterable[tuple[str, CheckFunction]]:
    """What a run with these settings needs of the account."""
    yield OWN_RIGHTS, own_rights
    yield "region", _region
    if tools.settings.draws:
        yield "base model", _base_model
        yield "model units", _model_units
        yield "capacity", _capacity
    if tools.settings.draws and has_section(tools, TrainingSettings):
        yield "hyperparameters", _hyperparameters
        yield "training role", _training_role
        yield "training rights", _training_rights
    if has_section(tools, ReviewSection) and tools.settings.review_desk == "a2i":
        yield "review role", _review_role
        yield "review rights", _review_rights
        yield "review desk", _review_desk


def asked(name: str, check: CheckFunction, tools: ToolBox) -> Check:
    """The answer; a check that the account may not even ask is a failed check, not a crash."""
    try:
        return check(tools)
    except ServiceError as error:
        return Check(
            name=name,
            state=UNASKABLE.get(name, "fail"),
            finding=f"could not be checked: {error}",
            remedy="Check credentials, region and the role's rights (include/iam).",
        )


def _account(tools: ToolBox) -> Check:
    who = account_facts.caller_arn(tools.clients("sts"))
    return Check(name="account", state="pass", finding=f"{tools.account_id}, as {who}.")


def _workspace(tools: ToolBox) -> Check:
    bucket = tools.workspace.root.bucket
    if tools.objects.bucket_exists(bucket):
        return Check(name="workspace", state="pass", finding=f"bucket {bucket} can be used.")
    return Check(
        name="workspace",
        state="fail",
        finding=f"bucket {bucket!r} does not exist or may not be used.",
        remedy="Create it, or set the parameter workspace to s3://<bucket>/<prefix>.",
    )


def _region(tools: ToolBox) -> Check:
    here = tools.clients("bedrock").meta.region_name
    there = account_facts.bucket_region(tools.clients("s3"), tools.workspace.root.bucket)
    if here != there:
        return Check(
            name="region",
            state="fail",
            finding=f"Bedrock is asked in {here}, the workspace's bucket lies in {there}.",
            remedy=f"Set AWS_REGION to {there}, or use a bucket in {here}.",
        )
    priced = price_table().region
    if here != priced:
        finding = f"{here}; the price table is that of {priced}, costs are estimates."
        return Check(name="region", state="warn", finding=finding)
    return Check(name="region", state="pass", finding=f"{here}, for Bedrock and the bucket.")


def _base_model(tools: ToolBox) -> Check:
    model_id = tools.settings.base_model_id
    failed = partial(Check, name="base model", state="fail", remedy=ANOTHER_TRAINER)
    cycle = BedrockControl(tools.clients("bedrock")).lifecycle(model_id)
    if cycle is None:
        known = _tuning_table().models.get(model_id)
        ended = f" (AWS documents {known.end_of_life})" if known else ""
        return failed(
            finding=f"{model_id} is unknown to Bedrock in this region, or past its end of "
            f"life{ended}."
        )
    if "FINE_TUNING" not in cycle.customizations:
        return failed(finding=f"{model_id} cannot be fine-tuned in this region.")
    if cycle.status != "ACTIVE":
        return failed(
            finding=f"{model_id} is {cycle.status} since {cycle.legacy_since}, ends "
            f"{cycle.end_of_life}: no new provisioned throughput is sold for it."
        )
    end = f", ends {cycle.end_of_life}" if cycle.end_of_life else ""
    return Check(name="base model", state="pass", finding=f"{model_id} is active{end}.")


def _hyperparameters(tools: ToolBox[TrainingSettings]) -> Check:
    settings, table = tools.settings, _tuning_table()
    facts = table.models.get(settings.base_model_id)
    given = {
        "stepCount": settings.step_count,
        "batchSize": settings.batch_size,
        "learningRate": settings.learning_rate,
    }
    said = ", ".join(f"{name} {value:g}" for name, value in given.items())
    if facts is None:
        finding = f"{said}: no bounds are known for {settings.base_model_id}."
        remedy = "Compare them with the model's page in the Bedrock User Guide."
        return Check(name="hyperparameters", state="warn", finding=finding, remedy=remedy)
    outside = [
        f"{name} has to be {low:g} to {high:g}"
        for name, (low, high) in facts.hyperparameters.items()
        if not low <= given[name] <= high
    ]
    if outside:
        finding, remedy = f"{said}: {'; '.join(outside)}.", "Set the parameters accordingly."
        return Check(name="hyperparameters", state="fail", finding=finding, remedy=remedy)
    finding = f"{said}: within the bounds documented on {table.collected}."
    return Check(name="hyperparameters", state="pass", finding=finding)


@cache
def _tuning_table() -> TuningTable:
    return TuningTable.model_validate(include_yaml("models/fine-tuning.yaml"))


def _model_units(tools: ToolBox) -> Check:
    settings = tools.settings
    quota = account_facts.quota(tools.clients("service-quotas"), "bedrock", UNITS_QUOTA)
    ask = f"Ask for more in the Service Quotas console: {UNITS_QUOTA!r}."
    if quota is None or settings.commitment != "none":
        finding = f"{settings.model_units} wanted; the account's quota is not known."
        return Check(name="model units", state="warn", finding=finding, remedy=ask)
    own = aws_name("capacity", tools.run_key, "").rstrip("-")
    used = BedrockControl(tools.clients("bedrock")).units_in_use(except_for=own)
    finding = f"{settings.model_units} wanted, {used} of {quota:g} in use."
    if used + settings.model_units > quota:
        remedy = f"{ask} Or wait until others have let go (make release)."
        return Check(name="model units", state="fail", finding=finding, remedy=remedy)
    return Check(name="model units", state="pass", finding=finding)


def _capacity(tools: ToolBox) -> Check:
    settings, now = tools.settings, tools.clock()
    until = settings.keep_capacity_until
    problem = remedy = ""
    if until is not None and settings.commitment != "none":
        problem = "both a commitment and keep_capacity_until are set."
        remedy = "Set one of them: committed capacity is kept for its term."
    elif until is not None and not now < until <= now + LONGEST_KEEP:
        problem = f"keep_capacity_until is {iso(until)}."
        remedy = f"Set it to a moment between {iso(now)} and {iso(now + LONGEST_KEEP)}."
    kept = kept_until(tools, bought_at=now)
    if kept is not None and not settings.keep_model:
        problem, remedy = "capacity is kept, its model is not.", "Switch keep_model on."
    if problem:
        return Check(name="capacity", state="fail", finding=problem, remedy=remedy)
    if kept is not None:
        finding = f"outlives the run and bills until {iso(kept)}."
        return Check(name="capacity", state="warn", finding=finding)
    finding = f"is deleted when the run ends, or after {settings.lease_h:g} hours (lease_h)."
    return Check(name="capacity", state="pass", finding=finding)


def _training_role(tools: ToolBox[TrainingSettings]) -> Check:
    return _trusted("training role", training_role_arn(tools), "bedrock.amazonaws.com", tools)


def _review_role(tools: ToolBox[ReviewSection]) -> Check:
    return _trusted("review role", review_role_arn(tools), "sagemaker.amazonaws.com", tools)


def _trusted(name: str, arn: str, service: str, tools: ToolBox[Any]) -> Check:
    trusted = account_facts.role_trusts(tools.clients("iam"), arn, service)
    if trusted:
        return Check(name=name, state="pass", finding=f"{arn} trusts {service}.")
    return Check(
        name=name,
        state="fail",
        finding=f"{arn} "
        + ("does not exist." if trusted is None else f"does not trust {service}."),
        remedy="Create it from include/iam, or name another role in the parameters.",
    )


def _training_rights(tools: ToolBox[TrainingSettings]) -> Check:
    return _rights(
        "training rights",
        training_role_arn(tools),
        (
            ("s3:GetObject", tools.run_root / "dataset/train.jsonl"),
            ("s3:ListBucket", S3Uri(tools.run_root.bucket, "")),
            ("s3:PutObject", tools.run_root / "model/metrics.csv"),
        ),
        tools,
    )


def _review_rights(tools: ToolBox[ReviewSection]) -> Check:
    return _rights(
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


def _rights(name: str, arn: str, needed: Iterable[tuple[str, S3Uri]], tools: ToolBox[Any]) -> Check:
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
            finding=f"{arn} may not: {', '.join(denied)}.",
            remedy="Give it the access policy of include/iam.",
        )
    finding = "the role may read and write what it has to, as IAM simulates it."
    return Check(name=name, state="pass", finding=finding)


def _review_desk(tools: ToolBox[ReviewSection]) -> Check:
    teams = account_facts.private_workteams(tools.clients("sagemaker"))
    wanted = tools.settings.workteam_arn
    if (wanted and wanted in teams) or (not wanted and len(teams) == 1):
        return Check(name="review desk", state="pass", finding=f"A2I, team {wanted or teams[0]}.")
    found = ", ".join(teams) or "none"
    return Check(
        name="review desk",
        state="fail",
        finding=f"A2I needs one private work team; the account has {found}.",
        remedy="Set workteam_arn, or set review_desk to page: people then approve in Airflow.",
    )


#: What a missing right to ask means: nothing is known, yet the run may well work.
UNASKABLE: dict[str, Literal["pass", "warn", "fail"]] = {
    OWN_RIGHTS: "warn",
    "model units": "warn",
    "training rights": "warn",
    "review rights": "warn",
}

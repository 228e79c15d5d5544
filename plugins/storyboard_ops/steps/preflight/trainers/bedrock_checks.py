"""Check that Bedrock can customize the base model of a run and provide its capacity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import cache

from storyboard_ops.domain.object_keys import S3Uri, aws_name
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.domain.settings.common import TrainingSettings
from storyboard_ops.domain.training.tuning_facts import TuningTable
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.aws import account as account_facts
from storyboard_ops.gateways.include_files import include_yaml
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.money.claims import kept_until
from storyboard_ops.steps.preflight.account.role_checks import check_rights, check_trust
from storyboard_ops.steps.preflight.check_runner import CheckFunction
from storyboard_ops.steps.preflight.trainers.prompt_checks import prompt_checks
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.training.bedrock.customize_model import training_role_arn

#: How long capacity may outlive its run: the longest lease.
LONGEST_KEEP = timedelta(days=7)
#: Name in the Service Quotas console; the code is not documented.
UNITS_QUOTA = "Model units no-commitment Provisioned Throughputs across custom models"
ANOTHER_TRAINER = (
    "Set trainer to sagemaker, which trains open weights, or to dataset_only: the approved dataset "
    "is written for other trainers too (kohya-ss, ai-toolkit)."
)


def bedrock_checks(tools: ToolBox) -> Iterable[tuple[str, CheckFunction]]:
    """Yield the checks of a run that trains or draws on Bedrock, by name."""
    if tools.settings.panel_source == "prompts":
        yield from prompt_checks(tools)
        return
    if tools.settings.panel_source == "references":
        yield "reference pictures", _refuse_references
        return
    yield "base model", _check_base_model
    yield "model units", _check_model_units
    yield "capacity", _check_capacity
    if has_section(tools, TrainingSettings):
        yield "hyperparameters", _check_hyperparameters
        yield "training role", _check_training_role
        yield "training rights", _check_training_rights


def _refuse_references(tools: ToolBox) -> Finding:
    return failed(
        "panels_from is references, and no image model of Bedrock takes those of several "
        "characters.",
        "Set trainer to sagemaker or own_gpu, or panels_from to trained or prompts.",
    )


def _check_base_model(tools: ToolBox) -> Finding:
    model_id = tools.settings.base_model_id
    cycle = BedrockControl(tools.clients("bedrock")).lifecycle(model_id)
    remedy = _another_trainer(tools)
    if cycle is None:
        known = _tuning_table().models.get(model_id)
        ended = f" (AWS documents {known.end_of_life})" if known else ""
        return failed(
            f"{model_id} is not offered by Bedrock in {tools.region}, or past its end of life"
            f"{ended}.",
            remedy,
        )
    if "FINE_TUNING" not in cycle.customizations:
        return failed(f"{model_id} cannot be fine-tuned in {tools.region}.", remedy)
    if cycle.status != "ACTIVE":
        return failed(
            f"{model_id} is {cycle.status} since {cycle.legacy_since} and ends "
            f"{cycle.end_of_life}: no new provisioned throughput can be bought for it.",
            remedy,
        )
    end = f", ends {cycle.end_of_life}" if cycle.end_of_life else ""
    return passed(f"{model_id} is active{end}.")


def _another_trainer(tools: ToolBox) -> str:
    """Return what to do when a base model cannot be customized, on the day of the run."""
    today = f"{tools.clock():%Y-%m-%d}"
    models = _tuning_table().models.items()
    last = [model_id for model_id, facts in models if facts.end_of_life > today]
    if last:
        return f"{ANOTHER_TRAINER} Or set base_model_id to another model: {', '.join(last)}."
    return f"{ANOTHER_TRAINER} No image model that Bedrock can fine-tune is known to be left."


def _check_hyperparameters(tools: ToolBox[TrainingSettings]) -> Finding:
    settings, table = tools.settings, _tuning_table()
    facts = table.models.get(settings.base_model_id)
    given = {
        "stepCount": settings.step_count,
        "batchSize": settings.batch_size,
        "learningRate": settings.learning_rate,
    }
    stated = ", ".join(f"{name} {value:g}" for name, value in given.items())
    if facts is None:
        return warned(
            f"{stated}: the allowed ranges are not known for {settings.base_model_id}.",
            "Compare them with the page of the model in the Bedrock User Guide.",
        )
    outside = [
        f"{name} must be {low:g} to {high:g}"
        for name, (low, high) in facts.hyperparameters.items()
        if not low <= given[name] <= high
    ]
    if outside:
        return failed(f"{stated}: {'; '.join(outside)}.", "Set the parameters within these ranges.")
    return passed(f"{stated}: within the ranges that AWS documented on {table.collected}.")


@cache
def _tuning_table() -> TuningTable:
    return TuningTable.model_validate(include_yaml("models/fine-tuning.yaml"))


def _check_model_units(tools: ToolBox) -> Finding:
    settings = tools.settings
    quota = account_facts.quota(tools.clients("service-quotas"), "bedrock", UNITS_QUOTA)
    raise_quota = f"Request more in the Service Quotas console: {UNITS_QUOTA!r}."
    if quota is None or settings.commitment != "none":
        needed = f"{settings.model_units} needed; the quota of the account is not known."
        return warned(needed, raise_quota)
    own = aws_name("capacity", tools.run_key, "").rstrip("-")
    used = BedrockControl(tools.clients("bedrock")).units_in_use(except_for=own)
    finding = f"{settings.model_units} needed, {used} of {quota:g} in use."
    if used + settings.model_units > quota:
        remedy = f"{raise_quota} Or release capacity that is no longer needed (make release)."
        return failed(finding, remedy)
    return passed(finding)


def _check_capacity(tools: ToolBox) -> Finding:
    settings, now = tools.settings, tools.clock()
    until = settings.keep_capacity_until
    kept = kept_until(tools, bought_at=now)
    if kept is not None and not settings.keep_model:
        return failed("capacity is kept, but its model is not.", "Set keep_model to true.")
    if until is not None and settings.commitment != "none":
        return failed(
            "both a commitment and keep_capacity_until are set.",
            "Set one of them: committed capacity is kept for its term.",
        )
    if until is not None and not now < until <= now + LONGEST_KEEP:
        return failed(
            f"keep_capacity_until is {iso(until)}.",
            f"Set it to a time between {iso(now)} and {iso(now + LONGEST_KEEP)}.",
        )
    if kept is not None:
        return warned(f"outlives the run and is billed until {iso(kept)}.")
    return passed(f"is deleted when the run ends, or after {settings.lease_h:g} hours (lease_h).")


def _check_training_role(tools: ToolBox[TrainingSettings]) -> Finding:
    return check_trust(tools, training_role_arn(tools), "bedrock.amazonaws.com")


def _check_training_rights(tools: ToolBox[TrainingSettings]) -> Finding:
    return check_rights(
        tools,
        training_role_arn(tools),
        ("s3:GetObject", tools.run_root / "dataset/train.jsonl"),
        ("s3:ListBucket", S3Uri(tools.run_root.bucket, "")),
        ("s3:PutObject", tools.run_root / "model/metrics.csv"),
    )

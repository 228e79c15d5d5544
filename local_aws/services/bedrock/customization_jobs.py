"""Bedrock model customization jobs.

Implemented: a job reads and checks its data set when it is created, keeps pictures and captions,
and moves through validation, data processing and training by the clock. It ends Completed with a
custom model, or Failed with the reason: missing manifest, a record that breaks a limit, a missing
output bucket, an injected fault of the kind "fail". Creation validates names, tokens,
hyperparameter bounds, the role, the model's lifecycle and the quotas of concurrent jobs and of
custom models. The images seen (steps x batch) are metered when the job ends.
Not implemented: training. The loss and the metrics file follow a formula. Validation data sets, the
KMS key of the model and VPCs are accepted and returned but not used. A role of this account that
does not exist in IAM is accepted; an existing one must trust Bedrock. A Legacy model cannot be
customized. AWS does not publish the wording of most errors.
"""

from datetime import datetime
from typing import Any

from local_aws.account import account_quotas
from local_aws.operations import role_trust
from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.documents import drop_none, parse_time
from local_aws.operations.request_tokens import describe_token, find_earlier
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock import customization_timeline as timeline
from local_aws.services.bedrock import resources, training_store
from local_aws.services.bedrock.customization_outcome import settle_job
from local_aws.services.bedrock.hyperparameters import validate_hyperparameters
from local_aws.services.bedrock.model_catalogue import (
    LEGACY,
    FoundationModel,
    require_available_model,
)
from local_aws.services.bedrock.training_data import TrainingDataError, validate_records
from local_aws.services.s3.encryption import make_reader
from local_aws.storage.state_store import Document

BEDROCK = "bedrock.amazonaws.com"
FINE_TUNING = "FINE_TUNING"
LONGEST_REASON = 2048

JOB_NAME_IN_USE = "The provided job name is currently in use."
MODEL_NAME_IN_USE = "The provided custom model name is currently in use."
ROLE_REFUSED = "Could not assume provided IAM role."


def create_model_customization_job(request: Request, context: Context) -> Answer:
    """Create a job (HTTP 201); a repeated token returns the first one."""
    earlier = find_earlier(
        resources.all_of(context, resources.JOB), request, mismatch_code="ConflictException"
    )
    if earlier is not None:
        return {"jobArn": earlier["arn"]}
    model = _require_customizable_model(request, context)
    hyperparameters = validate_hyperparameters(model, request.get("hyperParameters", {}))
    if not role_trust.may_assume(context, request["roleArn"], BEDROCK):
        raise ServiceError("ValidationException", ROLE_REFUSED)
    _refuse_used_names(request, context)
    _require_quotas(context)
    arn = resources.create_arn(context, f"model-customization-job/{model.id}")
    records, failure = _read_data_set(request, context, arn)
    if failure is None and context.injected_failure is not None:
        failure = {"stage": timeline.TRAINING, "reason": context.injected_failure.message}
    job = {
        **_make_document(request, context, arn, model),
        "hyperparameters": hyperparameters,
        "records": records,
        "failure": failure,
    }
    return {"jobArn": _store(job, request, context)}


def get_model_customization_job(request: Request, context: Context) -> Answer:
    """Return a job by ARN or name."""
    now = settle(context)
    job = resources.require(context, resources.JOB, request["jobIdentifier"])
    current = timeline.view(job, now)
    failed = current.status == timeline.FAILED
    completed = current.status == timeline.COMPLETED
    return drop_none(
        {
            "jobArn": job["arn"],
            "jobName": job["name"],
            "outputModelName": job["model_name"],
            "outputModelArn": job["model_arn"] if completed else None,
            "clientRequestToken": job["token"],
            "roleArn": job["role_arn"],
            "status": current.status,
            "statusDetails": current.stages,
            "failureMessage": job["failure"]["reason"] if failed else None,
            "creationTime": parse_time(job["created"]),
            "lastModifiedTime": current.modified,
            "endTime": current.ended,
            "baseModelArn": job["base_model_arn"],
            "hyperParameters": job["hyperparameters"],
            "trainingDataConfig": job["training_data"],
            "validationDataConfig": job["validation_data"],
            "outputDataConfig": job["output_data"],
            "customizationType": job["customization_type"],
            "outputModelKmsKeyArn": job["kms_key_arn"],
            "trainingMetrics": {"trainingLoss": job["training_loss"]} if completed else None,
            "vpcConfig": job["vpc"],
        }
    )


def list_model_customization_jobs(request: Request, context: Context) -> Answer:
    """List jobs by time, status and part of the name."""
    now = settle(context)
    page, token = resources.list_matching(
        request, context, resources.JOB, lambda job, at: timeline.view(job, at).status
    )
    summaries = [_summarize(job, now) for job in page]
    return drop_none({"modelCustomizationJobSummaries": summaries, "nextToken": token})


def stop_model_customization_job(request: Request, context: Context) -> Answer:
    """Stop a job: Stopping, then Stopped; the training until then is billed."""
    now = settle(context)
    with context.state.transaction():
        job = resources.require(context, resources.JOB, request["jobIdentifier"])
        status = timeline.view(job, now).status
        if status != timeline.IN_PROGRESS:
            raise ServiceError(
                "ConflictException", f"The job is {status}; only a job InProgress can be stopped."
            )
        context.state.put(resources.JOB, job["arn"], {**job, "stop_requested": now.isoformat()})
    return {}


def settle(context: Context) -> datetime:
    """Settle every job that has ended since the last call; return the current time.

    Every operation that shows jobs or models calls this first: nothing runs in the background.
    """
    now = context.now()
    for job in context.state.list(resources.JOB):
        if not job["settled"]:
            settle_job(context, job, now)
    return now


def _require_customizable_model(request: Request, context: Context) -> FoundationModel:
    model = require_available_model(request["baseModelIdentifier"], context.region, context.today)
    wanted = request.get("customizationType", FINE_TUNING)
    if context.region not in model.customization_regions or wanted not in model.customizations:
        raise ServiceError(
            "ValidationException",
            f"The model {model.id} does not support {wanted} in {context.region}.",
        )
    if model.status(context.today) == LEGACY:
        raise ServiceError(
            "ValidationException",
            f"The model {model.id} is marked as Legacy and cannot be customized any more.",
        )
    return model


def _refuse_used_names(request: Request, context: Context) -> None:
    resources.refuse_used_name(context, resources.JOB, request["jobName"], JOB_NAME_IN_USE)
    name = request["customModelName"]
    resources.refuse_used_name(context, resources.CUSTOM_MODEL, name, MODEL_NAME_IN_USE)
    now = context.now()
    for job in resources.all_of(context, resources.JOB):
        if job["model_name"] == name and timeline.view(job, now).ended is None:
            raise ServiceError("ValidationException", MODEL_NAME_IN_USE)


def _require_quotas(context: Context) -> None:
    now = context.now()
    jobs = resources.all_of(context, resources.JOB)
    running = sum(timeline.view(job, now).ended is None for job in jobs)
    account_quotas.require_quota(account_quotas.CUSTOMIZATION_JOBS, running, wanted=1)
    models = len(resources.all_of(context, resources.CUSTOM_MODEL))
    account_quotas.require_quota(account_quotas.CUSTOM_MODELS, models, wanted=1)


def _read_data_set(
    request: Request, context: Context, job_arn: str
) -> tuple[int, dict[str, str] | None]:
    """Store the training set; return the number of records, or where and why the job fails."""
    bucket = request["outputDataConfig"]["s3Uri"].removeprefix("s3://").partition("/")[0]
    try:
        if not context.objects.exists(bucket):
            raise TrainingDataError(f"The output bucket {bucket} does not exist.")
        uri = request["trainingDataConfig"].get("s3Uri", "")
        records = validate_records(uri, make_reader(context, request["roleArn"]))
        return training_store.keep(context, job_arn, records), None
    except TrainingDataError as error:
        return 0, {"stage": timeline.VALIDATION, "reason": str(error)[:LONGEST_REASON]}


def _make_document(
    request: Request,
    context: Context,
    arn: str,
    model: FoundationModel,
) -> Document:
    kms_key = request.get("customModelKmsKeyId", "")
    return {
        "arn": arn,
        "name": request["jobName"],
        "model_name": request["customModelName"],
        "model_arn": resources.create_arn(context, f"custom-model/{model.id}"),
        "base_model_arn": model.arn(context.region),
        "role_arn": request["roleArn"],
        "customization_type": request.get("customizationType", FINE_TUNING),
        "training_data": request["trainingDataConfig"],
        "validation_data": request.get("validationDataConfig", {"validators": []}),
        "output_data": request["outputDataConfig"],
        "kms_key_arn": kms_key if kms_key.startswith("arn:") else None,
        "vpc": request.get("vpcConfig"),
        "tags": request.get("jobTags", []),
        "model_tags": request.get("customModelTags", []),
        "created": context.now().isoformat(),
        "duration_seconds": context.settings.customization_seconds,
        "stop_requested": None,
        "training_loss": None,
        "settled": False,
        **describe_token(request),
    }


def _store(job: Document, request: Request, context: Context) -> str:
    """Store the job and return its ARN, or that of an identical request that won the race."""
    try:
        with context.state.transaction():
            earlier = find_earlier(
                resources.all_of(context, resources.JOB), request, "ConflictException"
            )
            if earlier is None:
                _refuse_used_names(request, context)
                _require_quotas(context)
                context.state.put(resources.JOB, job["arn"], job)
                return str(job["arn"])
    except ServiceError:
        training_store.forget(context, job["arn"])
        raise
    training_store.forget(context, job["arn"])
    return str(earlier["arn"])


def _summarize(job: Document, now: datetime) -> dict[str, Any]:
    current = timeline.view(job, now)
    completed = current.status == timeline.COMPLETED
    return drop_none(
        {
            "jobArn": job["arn"],
            "baseModelArn": job["base_model_arn"],
            "jobName": job["name"],
            "status": current.status,
            "statusDetails": current.stages,
            "lastModifiedTime": current.modified,
            "creationTime": parse_time(job["created"]),
            "endTime": current.ended,
            "customModelArn": job["model_arn"] if completed else None,
            "customModelName": job["model_name"],
            "customizationType": job["customization_type"],
        }
    )

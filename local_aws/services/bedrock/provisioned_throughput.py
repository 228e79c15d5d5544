"""Bedrock provisioned throughput: capacity that is billed until it is deleted.

Implemented: Creating becomes InService by the clock; model units are limited by the account's
quota; a Legacy or ended base model rejects new throughput; a commitment cannot be deleted before
its term; every hour in service is metered.
Not implemented: updates, failures (except by an injected fault of the kind "fail"), hourly billing
after a commitment, and a limit of the traffic by model units. The quota is 2 units; an AWS account
starts with 0 and must request more. AWS does not document whether capacity can be deleted while
Creating; here it can.
"""

from datetime import datetime, timedelta
from typing import Any

from local_aws.account import account_quotas
from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.documents import drop_none, parse_time
from local_aws.operations.request_tokens import describe_token, find_earlier
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock import customization_jobs, resources
from local_aws.services.bedrock.model_catalogue import LEGACY, find_model, require_available_model
from local_aws.storage.state_store import Document

COMMITMENTS = {"OneMonth": timedelta(days=30), "SixMonths": timedelta(days=180)}

CREATING = "Creating"
IN_SERVICE = "InService"
FAILED = "Failed"

NAME_IN_USE = "The provided provisioned model name is currently in use."


def create_provisioned_model_throughput(request: Request, context: Context) -> Answer:
    """Create a throughput (HTTP 201), billed from the moment it is in service."""
    customization_jobs.settle(context)
    with context.state.transaction():
        existing = resources.all_of(context, resources.THROUGHPUT)
        earlier = find_earlier(existing, request, mismatch_code="ValidationException")
        if earlier is not None:
            return {"provisionedModelArn": earlier["arn"]}
        model_arn, base_arn = _find_servable_model(context, request["modelId"])
        resources.refuse_used_name(
            context, resources.THROUGHPUT, request["provisionedModelName"], NAME_IN_USE
        )
        used = sum(each["units"] for each in existing)
        account_quotas.require_quota(account_quotas.MODEL_UNITS, used, request["modelUnits"])
        throughput = _make_document(request, context, model_arn, base_arn)
        context.state.put(resources.THROUGHPUT, throughput["arn"], throughput)
        if throughput["failure_message"] is None:
            _start_billing(context, throughput)
    return {"provisionedModelArn": throughput["arn"]}


def get_provisioned_model_throughput(request: Request, context: Context) -> Answer:
    """Return a throughput by ARN or name."""
    throughput = resources.require(context, resources.THROUGHPUT, request["provisionedModelId"])
    return _describe(throughput, context.now())


def list_provisioned_model_throughputs(request: Request, context: Context) -> Answer:
    """List throughputs by time, status, model and part of the name."""
    page, token = resources.list_matching(request, context, resources.THROUGHPUT, status)
    now = context.now()
    summaries = [_describe(throughput, now) for throughput in page]
    return drop_none({"provisionedModelSummaries": summaries, "nextToken": token})


def delete_provisioned_model_throughput(request: Request, context: Context) -> Answer:
    """Delete a throughput and end its billing; rejected during a commitment."""
    with context.state.transaction():
        throughput = resources.require(context, resources.THROUGHPUT, request["provisionedModelId"])
        committed = throughput["committed_until"]
        if committed is not None and context.now() < parse_time(committed):
            raise ServiceError(
                "ValidationException",
                f"The provisioned throughput is committed until {committed} "
                "and cannot be deleted before.",
            )
        context.state.delete(resources.THROUGHPUT, throughput["arn"])
        context.meter.stop(throughput["arn"], context.now())
    return {}


def status(throughput: Document, now: datetime) -> str:
    """Return Creating, InService or Failed, the status at `now`."""
    if now < parse_time(throughput["ready"]):
        return CREATING
    return IN_SERVICE if throughput["failure_message"] is None else FAILED


def find_serving_model(context: Context, throughput: Document) -> str:
    """Return the ARN of the served model; ModelNotReadyException before it is in service."""
    state = status(throughput, context.now())
    if state != IN_SERVICE:
        raise ServiceError(
            "ModelNotReadyException",
            f"The provisioned throughput is {state} and cannot serve yet.",
        )
    model_arn: str = throughput["model_arn"]
    return model_arn


def _find_servable_model(context: Context, identifier: str) -> tuple[str, str]:
    """Return the ARNs of a model that new throughput may serve and of its base model."""
    custom = resources.find(context, resources.CUSTOM_MODEL, identifier)
    if custom is None and find_model(identifier) is None:
        raise ServiceError("ResourceNotFoundException", f"Could not find the model {identifier}.")
    base_id = identifier if custom is None else custom["base_model_arn"]
    base = require_available_model(base_id, context.region, context.today)
    if base.status(context.today) == LEGACY or "PROVISIONED" not in base.inference_types:
        raise ServiceError(
            "ValidationException",
            f"New provisioned throughput cannot be created for {base.id}: it is marked as Legacy "
            "or does not support provisioned throughput.",
        )
    base_arn = base.arn(context.region)
    return (base_arn if custom is None else custom["arn"]), base_arn


def _start_billing(context: Context, throughput: Document) -> None:
    context.meter.start(
        "bedrock",
        throughput["base_model_arn"].rpartition("/")[2],
        "model_unit_hour",
        throughput["arn"],
        per_hour=throughput["units"],
        at=parse_time(throughput["ready"]),
    )


def _make_document(request: Request, context: Context, model_arn: str, base_arn: str) -> Document:
    created = context.now()
    ready = created + timedelta(seconds=context.settings.throughput_seconds)
    commitment = request.get("commitmentDuration")
    return {
        "arn": resources.create_arn(context, "provisioned-model"),
        "name": request["provisionedModelName"],
        "model_arn": model_arn,
        "base_model_arn": base_arn,
        "units": request["modelUnits"],
        "created": created.isoformat(),
        "ready": ready.isoformat(),
        "failure_message": context.injected_failure and context.injected_failure.message,
        "commitment": commitment,
        "committed_until": (
            None if commitment is None else (created + COMMITMENTS[commitment]).isoformat()
        ),
        "tags": request.get("tags", []),
        **describe_token(request),
    }


def _describe(throughput: Document, now: datetime) -> dict[str, Any]:
    state = status(throughput, now)
    committed = throughput["committed_until"]
    return drop_none(
        {
            "provisionedModelName": throughput["name"],
            "provisionedModelArn": throughput["arn"],
            "modelArn": throughput["model_arn"],
            "desiredModelArn": throughput["model_arn"],
            "foundationModelArn": throughput["base_model_arn"],
            "modelUnits": throughput["units"],
            "desiredModelUnits": throughput["units"],
            "status": state,
            "creationTime": parse_time(throughput["created"]),
            "lastModifiedTime": _find_last_change(throughput, now),
            "failureMessage": throughput["failure_message"] if state == FAILED else None,
            "commitmentDuration": throughput["commitment"],
            "commitmentExpirationTime": committed and parse_time(committed),
        }
    )


def _find_last_change(throughput: Document, now: datetime) -> datetime:
    ready = parse_time(throughput["ready"])
    return ready if ready <= now else parse_time(throughput["created"])

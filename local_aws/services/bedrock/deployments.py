"""Bedrock custom model deployments: a customized model on demand, billed per call only.

Implemented: Creating becomes Active by the clock, or Failed by an injected fault of the kind
"fail".
Not implemented: updates of the model. AWS's pages disagree on whether Nova Canvas can be deployed
this way; this endpoint allows it.
"""

from datetime import datetime, timedelta

from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.documents import drop_none, parse_time
from local_aws.operations.request_tokens import describe_token, find_earlier
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock import customization_jobs, resources
from local_aws.services.bedrock.model_catalogue import require_available_model
from local_aws.storage.state_store import Document

CREATING = "Creating"
ACTIVE = "Active"
FAILED = "Failed"

NAME_IN_USE = "The provided model deployment name is currently in use."


def create_custom_model_deployment(request: Request, context: Context) -> Answer:
    """Create a deployment (HTTP 202); a repeated token returns the first one."""
    customization_jobs.settle(context)
    with context.state.transaction():
        existing = resources.all_of(context, resources.DEPLOYMENT)
        earlier = find_earlier(existing, request, mismatch_code="ValidationException")
        if earlier is not None:
            return {"customModelDeploymentArn": earlier["arn"]}
        name = request["modelDeploymentName"]
        model = resources.require(context, resources.CUSTOM_MODEL, request["modelArn"])
        require_available_model(model["base_model_arn"], context.region, context.today)
        resources.refuse_used_name(context, resources.DEPLOYMENT, name, NAME_IN_USE)
        created = context.now()
        ready = created + timedelta(seconds=context.settings.throughput_seconds)
        arn = resources.create_arn(context, "custom-model-deployment")
        deployment = {
            "arn": arn,
            "name": name,
            "model_arn": model["arn"],
            "description": request.get("description"),
            "tags": request.get("tags", []),
            "created": created.isoformat(),
            "ready": ready.isoformat(),
            "failure_message": context.injected_failure and context.injected_failure.message,
            **describe_token(request),
        }
        context.state.put(resources.DEPLOYMENT, arn, deployment)
    return {"customModelDeploymentArn": arn}


def list_custom_model_deployments(request: Request, context: Context) -> Answer:
    """List deployments by time, status, model and part of the name."""
    page, token = resources.list_matching(request, context, resources.DEPLOYMENT, _find_status)
    now = context.now()
    summaries = [
        drop_none(
            {
                "customModelDeploymentArn": deployment["arn"],
                "customModelDeploymentName": deployment["name"],
                "modelArn": deployment["model_arn"],
                "createdAt": parse_time(deployment["created"]),
                "status": _find_status(deployment, now),
                "lastUpdatedAt": _find_last_update(deployment, now),
                "failureMessage": _find_failure_message(deployment, now),
            }
        )
        for deployment in page
    ]
    return drop_none({"modelDeploymentSummaries": summaries, "nextToken": token})


def delete_custom_model_deployment(request: Request, context: Context) -> Answer:
    """Delete a deployment by ARN or name."""
    context.state.delete(resources.DEPLOYMENT, _require(request, context)["arn"])
    return {}


def find_serving_model(context: Context, deployment: Document) -> str:
    """Return the ARN of the served model; ModelNotReadyException before it is Active."""
    status = _find_status(deployment, context.now())
    if status != ACTIVE:
        raise ServiceError(
            "ModelNotReadyException", f"The custom model deployment is {status} and cannot serve."
        )
    model_arn: str = deployment["model_arn"]
    return model_arn


def _require(request: Request, context: Context) -> Document:
    identifier = request["customModelDeploymentIdentifier"]
    return resources.require(context, resources.DEPLOYMENT, identifier)


def _find_status(deployment: Document, now: datetime) -> str:
    if now < parse_time(deployment["ready"]):
        return CREATING
    return ACTIVE if deployment["failure_message"] is None else FAILED


def _find_failure_message(deployment: Document, now: datetime) -> str | None:
    message: str | None = deployment["failure_message"]
    return message if _find_status(deployment, now) == FAILED else None


def _find_last_update(deployment: Document, now: datetime) -> datetime:
    ready = parse_time(deployment["ready"])
    return ready if ready <= now else parse_time(deployment["created"])

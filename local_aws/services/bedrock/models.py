"""Bedrock foundation models and custom models.

Implemented: foundation models come from the catalogue with their lifecycle on the simulated day;
past its end of life a model no longer exists. Custom models are created by customization jobs,
listed with every filter, and cannot be deleted while capacity serves them.
Not implemented: models of other providers, imported and shared models, CreateCustomModel. AWS does
not publish the answer of GetFoundationModel after the end of life; here it is the runtime's
documented answer.
"""

from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.documents import drop_none, parse_time
from local_aws.operations.resource_pages import list_page, read_bedrock_query
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock import customization_jobs, resources, training_store
from local_aws.services.bedrock.model_catalogue import (
    FoundationModel,
    load_foundation_models,
    require_available_model,
)
from local_aws.storage.state_store import Document


def get_foundation_model(request: Request, context: Context) -> Answer:
    """Return a foundation model by id or ARN."""
    model = require_available_model(request["modelIdentifier"], context.region, context.today)
    return {"modelDetails": _summarize_foundation_model(model, context)}


def list_foundation_models(request: Request, context: Context) -> Answer:
    """List the models of the region that exist on the simulated day, with every filter."""
    found = [
        _summarize_foundation_model(model, context)
        for model in load_foundation_models()
        if model.is_offered(context.region, context.today)
    ]
    return {"modelSummaries": [one for one in found if _is_listed(one, request)]}


def _is_listed(summary: dict[str, Any], request: Request) -> bool:
    filters = {
        "byProvider": [summary["providerName"]],
        "byCustomizationType": summary["customizationsSupported"],
        "byOutputModality": summary["outputModalities"],
        "byInferenceType": summary["inferenceTypesSupported"],
    }
    return all(name not in request or request[name] in has for name, has in filters.items())


def get_foundation_model_availability(request: Request, context: Context) -> Answer:
    """Return whether the account may call a model; every model of the region is available."""
    model = require_available_model(request["modelId"], context.region, context.today)
    return {
        "modelId": model.id,
        "agreementAvailability": {"status": "AVAILABLE"},
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": "AVAILABLE",
        "regionAvailability": "AVAILABLE",
    }


def get_custom_model(request: Request, context: Context) -> Answer:
    """Return a model by ARN or name, with the settings of its job."""
    customization_jobs.settle(context)
    model = resources.require(context, resources.CUSTOM_MODEL, request["modelIdentifier"])
    return drop_none(
        {
            "modelArn": model["arn"],
            "modelName": model["name"],
            "jobName": model["job_name"],
            "jobArn": model["job_arn"],
            "baseModelArn": model["base_model_arn"],
            "customizationType": model["customization_type"],
            "modelKmsKeyArn": model["kms_key_arn"],
            "hyperParameters": model["hyperparameters"],
            "trainingDataConfig": model["training_data"],
            "outputDataConfig": model["output_data"],
            "trainingMetrics": {"trainingLoss": model["training_loss"]},
            "creationTime": parse_time(model["created"]),
            "modelStatus": "Active",
        }
    )


def list_custom_models(request: Request, context: Context) -> Answer:
    """List custom models; all are owned by this account and Active."""
    customization_jobs.settle(context)
    if request.get("isOwned", True) and request.get("modelStatus", "Active") == "Active":
        models = resources.all_of(context, resources.CUSTOM_MODEL)
    else:
        models = []
    base_arns = {request.get("baseModelArnEquals"), request.get("foundationModelArnEquals")}
    base_arns.discard(None)
    wanted = [
        model
        for model in models
        if request.get("nameContains", "") in model["name"]
        and base_arns <= {model["base_model_arn"]}
    ]
    page, token = list_page(wanted, read_bedrock_query(request))
    summaries = [_summarize_custom_model(model, context) for model in page]
    return drop_none({"modelSummaries": summaries, "nextToken": token})


def delete_custom_model(request: Request, context: Context) -> Answer:
    """Delete a model; ConflictException while capacity serves it."""
    customization_jobs.settle(context)
    with context.state.transaction():
        model = resources.require(context, resources.CUSTOM_MODEL, request["modelIdentifier"])
        for kind in (resources.THROUGHPUT, resources.DEPLOYMENT):
            for capacity in context.state.list(kind):
                if capacity["model_arn"] == model["arn"]:
                    raise ServiceError(
                        "ConflictException",
                        f"The custom model is used by {capacity['arn']}; delete that first.",
                    )
        context.state.delete(resources.CUSTOM_MODEL, model["arn"])
        context.meter.stop(model["arn"], context.now())
    training_store.forget(context, model["job_arn"])
    return {}


def _summarize_foundation_model(model: FoundationModel, context: Context) -> dict[str, Any]:
    customizable = context.region in model.customization_regions
    return {
        "modelArn": model.arn(context.region),
        "modelId": model.id,
        "modelName": model.name,
        "providerName": model.provider,
        "inputModalities": list(model.input_modalities),
        "outputModalities": list(model.output_modalities),
        "responseStreamingSupported": model.streaming,
        "customizationsSupported": list(model.customizations) if customizable else [],
        "inferenceTypesSupported": model.types_in(context.region),
        "modelLifecycle": model.lifecycle(context.today),
    }


def _summarize_custom_model(model: Document, context: Context) -> dict[str, Any]:
    model_id = model["base_model_arn"].rpartition("/")[2]
    return {
        "modelArn": model["arn"],
        "modelName": model["name"],
        "creationTime": parse_time(model["created"]),
        "baseModelArn": model["base_model_arn"],
        "baseModelName": model_id.partition(":")[0],
        "customizationType": model["customization_type"],
        "ownerAccountId": context.account_id,
        "modelStatus": "Active",
    }

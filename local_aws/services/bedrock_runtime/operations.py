"""The Bedrock runtime: InvokeModel and Converse, each answered by the model's module.

Implemented: models answer only within their lifecycle; a customized model answers through its
provisioned throughput or its deployment.
Not implemented: InvokeModel of text models, streaming, guardrails, async invocation.
"""

import json
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock import resources, trained_models
from local_aws.services.bedrock.model_catalogue import (
    FoundationModel,
    require_available_model,
    require_model_behind_profile,
)
from local_aws.services.bedrock.profiles.profile_operations import find_profile_models
from local_aws.services.bedrock_runtime.bodies import CODE
from local_aws.services.bedrock_runtime.canvas import CANVAS, answer_canvas
from local_aws.services.bedrock_runtime.converse import converse as nova_converse
from local_aws.services.bedrock_runtime.embeddings import (
    NOVA,
    TITAN,
    answer_nova,
    answer_titan,
)
from local_aws.services.bedrock_runtime.stability import STABILITY, answer_stability

CUSTOM_PATHS = (":custom-model/", ":provisioned-model/", ":custom-model-deployment/")

ON_DEMAND_REFUSED = (
    "Invocation of model ID {} with on-demand throughput isn\u2019t supported. Retry your request "
    "with the ID or ARN of an inference profile that contains this model."
)
NO_CONVERSE = "This action doesn't support the model that you provided. Try again with another."


def invoke_model(request: Request, context: Context) -> Answer:
    """Answer a JSON body with a JSON body.

    Raises:
        ServiceError: ValidationException for a body that the model rejects,
            ResourceNotFoundException for a model that does not exist or has ended,
            ModelNotReadyException for capacity that is not in service.
    """
    raw = request.get("body", b"")
    identifier = request["modelId"]
    if any(path in identifier for path in CUSTOM_PATHS):
        answer = _answer_custom_model(identifier, raw, context)
    else:
        answer = _answer_foundation_model(_find_model(identifier, context), raw, context)
    return {"contentType": "application/json", "body": json.dumps(answer).encode()}


def converse(request: Request, context: Context) -> Answer:
    """Converse with a model that writes text."""
    model = _find_model(request["modelId"], context)
    if "TEXT" not in model.output_modalities:
        raise ServiceError(CODE, NO_CONVERSE)
    return nova_converse(request, context, model)


def _find_model(identifier: str, context: Context) -> FoundationModel:
    """Return the model that an id or ARN can invoke, of a model or of an inference profile.

    Raises:
        ServiceError: ValidationException for a model that only its profiles can invoke here.
    """
    if behind := find_profile_models(identifier, context):
        return require_model_behind_profile(behind[0], context.today)
    model = require_available_model(identifier, context.region, context.today)
    if "ON_DEMAND" not in model.types_in(context.region):
        raise ServiceError(CODE, ON_DEMAND_REFUSED.format(model.id))
    return model


def _answer_foundation_model(
    model: FoundationModel, raw: bytes, context: Context
) -> dict[str, Any]:
    if model.id == TITAN:
        return answer_titan(raw, model, context)
    if model.id == NOVA:
        return answer_nova(raw, model, context)
    if model.id == CANVAS:
        return answer_canvas(raw, [], context)
    if model.id in STABILITY:
        return answer_stability(raw, model, context)
    raise ServiceError(CODE, f"The local endpoint does not implement InvokeModel of {model.id}.")


def _answer_custom_model(identifier: str, raw: bytes, context: Context) -> dict[str, Any]:
    if ":custom-model/" in identifier:
        raise ServiceError(CODE, ON_DEMAND_REFUSED.format(identifier))
    served = trained_models.find_served_model(context, identifier)
    custom = context.state.get(resources.CUSTOM_MODEL, served)
    base = served if custom is None else custom["base_model_arn"]
    model = require_available_model(base, context.region, context.today)
    if model.id != CANVAS:
        return _answer_foundation_model(model, raw, context)
    return answer_canvas(raw, trained_models.load_training_set(context, identifier), context)

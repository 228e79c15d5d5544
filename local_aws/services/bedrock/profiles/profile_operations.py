"""Bedrock inference profiles.

Implemented: system profiles by region; application profiles that copy a model or a system profile,
with tags; each can be invoked.
Not implemented: UpdateInferenceProfile; a client token is ignored.
"""

from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.documents import drop_none, parse_time
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock import resources
from local_aws.services.bedrock.model_catalogue import require_available_model
from local_aws.services.bedrock.profiles.system_profiles import SystemProfile, profiles_in
from local_aws.storage.state_store import Document

SYSTEM_PATH = ":inference-profile/"
APPLICATION_PATH = ":application-inference-profile/"
UNKNOWN_SOURCE = "The provided model identifier is invalid."


def list_inference_profiles(request: Request, context: Context) -> Answer:
    """List the profiles of a type: by default SYSTEM_DEFINED, else APPLICATION."""
    if request.get("typeEquals", "SYSTEM_DEFINED") == "APPLICATION":
        found = [
            _describe_application_profile(document)
            for document in resources.all_of(context, resources.PROFILE)
        ]
    else:
        found = [_describe_system_profile(each, context) for each in profiles_in(context.region)]
    start = _read_token(request.get("nextToken", "0"))
    end = start + request.get("maxResults", 1000)
    more = str(end) if end < len(found) else None
    return drop_none({"inferenceProfileSummaries": found[start:end], "nextToken": more})


def get_inference_profile(request: Request, context: Context) -> Answer:
    """Return a profile by id or ARN; ResourceNotFoundException when the region has none."""
    identifier = request["inferenceProfileIdentifier"]
    if system := find_system_profile(identifier, context):
        return _describe_system_profile(system, context)
    return _describe_application_profile(resources.require(context, resources.PROFILE, identifier))


def create_inference_profile(request: Request, context: Context) -> Answer:
    """Create an application profile of a model or of a system profile, both named by ARN."""
    source = request["modelSource"].get("copyFrom", "")
    name = request["inferenceProfileName"]
    if system := find_system_profile(source, context):
        models = system.model_arns(context.region)
    else:
        model = require_available_model(source, context.region, context.today)
        if "ON_DEMAND" not in model.types_in(context.region):
            raise ServiceError("ValidationException", UNKNOWN_SOURCE)
        models = [model.arn(context.region)]
    with context.state.transaction():
        resources.refuse_used_name(
            context, resources.PROFILE, name, f"The inference profile {name} exists already."
        )
        arn = resources.create_arn(context, "application-inference-profile")
        document = {
            "arn": arn,
            "name": name,
            "description": request.get("description"),
            "models": models,
            "created": context.now().isoformat(),
            "tags": request.get("tags", []),
        }
        context.state.create(resources.PROFILE, arn, document)
    return {"inferenceProfileArn": arn, "status": "ACTIVE"}


def delete_inference_profile(request: Request, context: Context) -> Answer:
    """Delete an application profile; those of the system cannot be deleted."""
    found = resources.require(context, resources.PROFILE, request["inferenceProfileIdentifier"])
    context.state.delete(resources.PROFILE, found["arn"])
    return {}


def find_system_profile(identifier: str, context: Context) -> SystemProfile | None:
    """Return the system profile of an id or ARN that can be called from the region, or None."""
    profile_id = identifier
    if SYSTEM_PATH in identifier:
        profile_id = identifier.rpartition(SYSTEM_PATH)[2]
    return next((each for each in profiles_in(context.region) if each.id == profile_id), None)


def find_profile_models(identifier: str, context: Context) -> list[str]:
    """Return the ARNs of the models behind a profile's id or ARN; empty when it is no profile."""
    if system := find_system_profile(identifier, context):
        return system.model_arns(context.region)
    document = None
    if APPLICATION_PATH in identifier:
        document = context.state.get(resources.PROFILE, identifier)
    return [str(arn) for arn in document["models"]] if document else []


def _read_token(token: str) -> int:
    if not token.isdigit():
        raise ServiceError("ValidationException", "The nextToken is invalid.")
    return int(token)


def _describe_system_profile(profile: SystemProfile, context: Context) -> dict[str, Any]:
    return {
        "inferenceProfileName": profile.name,
        "inferenceProfileArn": (
            f"arn:aws:bedrock:{context.region}:{context.account_id}{SYSTEM_PATH}{profile.id}"
        ),
        "models": [{"modelArn": arn} for arn in profile.model_arns(context.region)],
        "inferenceProfileId": profile.id,
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }


def _describe_application_profile(document: Document) -> dict[str, Any]:
    return drop_none(
        {
            "inferenceProfileName": document["name"],
            "description": document["description"],
            "createdAt": parse_time(document["created"]),
            "updatedAt": parse_time(document["created"]),
            "inferenceProfileArn": document["arn"],
            "models": [{"modelArn": arn} for arn in document["models"]],
            "inferenceProfileId": document["arn"].rpartition("/")[2],
            "status": "ACTIVE",
            "type": "APPLICATION",
        }
    )

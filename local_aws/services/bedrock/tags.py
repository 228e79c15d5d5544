"""Tags of Bedrock resources: jobs, custom models, throughputs and deployments.

Implemented: adding and listing, up to 200 a resource.
Not implemented: removing tags, and tags of foundation models.
"""

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock import customization_jobs, resources
from local_aws.storage.state_store import Document

MAXIMUM_TAGS = 200


def tag_resource(request: Request, context: Context) -> Answer:
    """Add tags; a tag of the same key is replaced."""
    with context.state.transaction():
        kind, resource = _require(request, context)
        tags = {tag["key"]: tag["value"] for tag in [*resource["tags"], *request["tags"]]}
        if len(tags) > MAXIMUM_TAGS:
            raise ServiceError(
                "TooManyTagsException",
                f"The resource would have {len(tags)} tags; at most {MAXIMUM_TAGS} are allowed.",
                resourceName=resource["arn"],
            )
        _put(context, kind, resource, tags)
    return {}


def list_tags_for_resource(request: Request, context: Context) -> Answer:
    """Return the tags of a resource."""
    return {"tags": _require(request, context)[1]["tags"]}


def _require(request: Request, context: Context) -> tuple[str, Document]:
    customization_jobs.settle(context)
    for kind in resources.KINDS:
        resource = context.state.get(kind, request["resourceARN"])
        if resource is not None:
            return kind, resource
    raise ServiceError(
        "ResourceNotFoundException",
        f"Could not find the resource {request['resourceARN']}.",
        resourceName=request["resourceARN"],
    )


def _put(context: Context, kind: str, resource: Document, tags: dict[str, str]) -> None:
    pairs = [{"key": key, "value": value} for key, value in tags.items()]
    context.state.put(kind, resource["arn"], {**resource, "tags": pairs})

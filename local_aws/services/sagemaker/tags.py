"""Tags of SageMaker resources: human task UIs and flow definitions.

What it does: add, remove and list, up to 50 a resource; all tags in one page.
What it does not: workteams and resources of services this endpoint does not have.
"""

from typing import Any

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.sagemaker import resources
from local_aws.storage.state_store import Document

MAXIMUM_TAGS = 50


def add_tags(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """AddTags: a tag of the same key is replaced; the answer has all tags."""
    with context.state.transaction():
        kind, resource = _require(request, context)
        tags = {tag["Key"]: tag["Value"] for tag in [*resource["tags"], *request["Tags"]]}
        if len(tags) > MAXIMUM_TAGS:
            raise ServiceError(
                "ValidationException",
                f"The resource would have {len(tags)} tags; at most {MAXIMUM_TAGS} are allowed.",
            )
        return {"Tags": _put(context, kind, resource, tags)}


def delete_tags(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """DeleteTags: keys the resource does not have are ignored."""
    with context.state.transaction():
        kind, resource = _require(request, context)
        tags = {tag["Key"]: tag["Value"] for tag in resource["tags"]}
        kept = {key: value for key, value in tags.items() if key not in request["TagKeys"]}
        _put(context, kind, resource, kept)
    return {}


def list_tags(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """ListTags."""
    return {"Tags": _require(request, context)[1]["tags"]}


def _require(request: dict[str, Any], context: Context) -> tuple[str, Document]:
    for kind in (resources.HUMAN_TASK_UI, resources.FLOW_DEFINITION):
        resource = context.state.get(kind, request["ResourceArn"])
        if resource is not None:
            return kind, resource
    raise ServiceError(
        "ValidationException", f"The resource {request['ResourceArn']} does not exist."
    )


def _put(
    context: Context, kind: str, resource: Document, tags: dict[str, str]
) -> list[dict[str, str]]:
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    context.state.put(kind, resource["arn"], {**resource, "tags": pairs})
    return pairs


OPERATIONS = {"AddTags": add_tags, "DeleteTags": delete_tags, "ListTags": list_tags}

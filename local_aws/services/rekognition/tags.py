"""Tags of face collections, and of models, projects and datasets of Custom Labels.

Implemented: adding and listing, up to 200 a resource.
Not implemented: removing tags, and tags of stream processors.
"""

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.rekognition.custom_labels_projects import DATASET, PROJECT, VERSION
from local_aws.services.rekognition.faces import COLLECTION
from local_aws.storage.state_store import Document

MAXIMUM_TAGS = 200


def tag_resource(request: Request, context: Context) -> Answer:
    """Add tags; a tag of the same key is replaced."""
    with context.state.transaction():
        kind, key, resource = _require(request["ResourceArn"], context)
        tags = {**_read_tags(resource), **request["Tags"]}
        if len(tags) > MAXIMUM_TAGS:
            raise ServiceError(
                "ServiceQuotaExceededException",
                f"The resource would have {len(tags)} tags; at most {MAXIMUM_TAGS} are allowed.",
            )
        context.state.put(kind, key, {**resource, "tags": tags})
    return {}


def list_tags_for_resource(request: Request, context: Context) -> Answer:
    """Return the tags of a resource."""
    return {"Tags": _read_tags(_require(request["ResourceArn"], context)[2])}


def _require(arn: str, context: Context) -> tuple[str, str, Document]:
    """Return kind, key and document; raises ServiceError ResourceNotFoundException."""
    labels = [(kind, arn) for kind in (VERSION, PROJECT, DATASET)]
    places = [*labels, (COLLECTION, arn.rpartition("/")[2])]
    for kind, key in places:
        resource = context.state.get(kind, key)
        if resource is not None and resource["arn"] == arn:
            return kind, key, resource
    raise ServiceError("ResourceNotFoundException", f"The resource {arn} does not exist")


def _read_tags(resource: Document) -> dict[str, str]:
    return dict(resource.get("tags") or {})

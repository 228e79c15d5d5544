"""Tags of SageMaker's jobs.

Implemented: adding, listing and removing the tags of training and processing jobs, up to 50 a job.
Not implemented: tags of other resources.
"""

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.sagemaker.jobs import job_store
from local_aws.storage.state_store import Document

MAXIMUM_TAGS = 50


def add_tags(request: Request, context: Context) -> Answer:
    """Add tags and return all; a tag of the same key is replaced."""
    with context.state.transaction():
        kind, job = _require(request, context)
        tags = {tag["Key"]: tag["Value"] for tag in [*job["tags"], *request["Tags"]]}
        if len(tags) > MAXIMUM_TAGS:
            raise ServiceError(
                "ValidationException",
                f"The resource would have {len(tags)} tags; at most {MAXIMUM_TAGS} are allowed.",
            )
        return {"Tags": _put(context, kind, job, tags)}


def list_tags(request: Request, context: Context) -> Answer:
    """Return the tags of a job, all on one page."""
    if "NextToken" in request:
        raise ServiceError("ValidationException", "The provided NextToken is invalid.")
    return {"Tags": _require(request, context)[1]["tags"]}


def delete_tags(request: Request, context: Context) -> Answer:
    """Remove the tags of these keys; a key without a tag is ignored."""
    with context.state.transaction():
        kind, job = _require(request, context)
        removed = request["TagKeys"]
        tags = {tag["Key"]: tag["Value"] for tag in job["tags"] if tag["Key"] not in removed}
        _put(context, kind, job, tags)
    return {}


def _require(request: Request, context: Context) -> tuple[str, Document]:
    for kind in job_store.KINDS:
        job = context.state.get(kind, request["ResourceArn"])
        if job is not None:
            return kind, job
    path = request["ResourceArn"].split(":", 5)[5]
    if not path.startswith(("training-job/", "processing-job/")):
        raise ServiceError(
            "NotImplemented",
            "The local endpoint has tags of training jobs and processing jobs only.",
        )
    raise ServiceError("ValidationException", "Requested resource not found.")


def _put(context: Context, kind: str, job: Document, tags: dict[str, str]) -> list[dict[str, str]]:
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    job_store.change(context, kind, job["arn"], tags=pairs)
    return pairs

"""Resources of the Bedrock control plane: their kinds, ARNs and identifiers.

Every resource is one state document under its ARN, with `name`, `created` and `tags`.
"""

import secrets
import string
from collections.abc import Callable
from datetime import datetime

from local_aws.operations.context import Context, Request
from local_aws.operations.resource_pages import list_page, read_bedrock_query
from local_aws.protocol.errors import ServiceError
from local_aws.storage.state_store import Document

JOB = "bedrock-customization-job"
CUSTOM_MODEL = "bedrock-custom-model"
THROUGHPUT = "bedrock-provisioned-throughput"
DEPLOYMENT = "bedrock-custom-model-deployment"
PROFILE = "bedrock-application-inference-profile"
KINDS = (JOB, CUSTOM_MODEL, THROUGHPUT, DEPLOYMENT, PROFILE)

ID_CHARACTERS = string.ascii_lowercase + string.digits
ID_LENGTH = 12

_NOUNS = {
    JOB: "model customization job",
    CUSTOM_MODEL: "custom model",
    THROUGHPUT: "provisioned model throughput",
    DEPLOYMENT: "custom model deployment",
    PROFILE: "inference profile",
}


def create_arn(context: Context, path: str) -> str:
    """Create an ARN such as `arn:aws:bedrock:REGION:ACCOUNT:PATH/abc123def456`."""
    unique = "".join(secrets.choice(ID_CHARACTERS) for _ in range(ID_LENGTH))
    return f"arn:aws:bedrock:{context.region}:{context.account_id}:{path}/{unique}"


def all_of(context: Context, kind: str) -> list[Document]:
    """Return every document of a kind in the caller's region, oldest first."""
    region = f"arn:aws:bedrock:{context.region}:"
    return [found for found in context.state.list(kind) if found["arn"].startswith(region)]


def find(context: Context, kind: str, identifier: str) -> Document | None:
    """Return the document with this ARN, name or trailing id, or None."""
    if identifier.startswith("arn:"):
        return context.state.get(kind, identifier)
    for document in all_of(context, kind):
        if identifier in (document["name"], document["arn"].rpartition("/")[2]):
            return document
    return None


def require(context: Context, kind: str, identifier: str) -> Document:
    """Find a document like `find`; raises ServiceError ResourceNotFoundException."""
    document = find(context, kind, identifier)
    if document is None:
        raise ServiceError(
            "ResourceNotFoundException", f"Could not find the {_NOUNS[kind]} {identifier}."
        )
    return document


def refuse_used_name(context: Context, kind: str, name: str, message: str) -> None:
    """Raise ServiceError ValidationException with `message` if a document has this name."""
    if any(document["name"] == name for document in all_of(context, kind)):
        raise ServiceError("ValidationException", message)


def list_matching(
    request: Request,
    context: Context,
    kind: str,
    find_status: Callable[[Document, datetime], str],
) -> tuple[list[Document], str | None]:
    """Return the page that a List* request selects by time, name, status and model.

    `find_status` returns the status of a document at a time. The second value is the token of the
    next page, None after the last.
    """
    now = context.now()
    matching = [
        document
        for document in all_of(context, kind)
        if request.get("nameContains", "") in document["name"]
        and request.get("statusEquals") in (None, find_status(document, now))
        and request.get("modelArnEquals") in (None, document["model_arn"])
    ]
    return list_page(matching, read_bedrock_query(request))

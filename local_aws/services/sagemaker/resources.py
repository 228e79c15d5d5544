"""Names, ARNs and errors that the SageMaker control plane and the A2I runtime share.

Every resource is one state document under its ARN, with `name` and `created`.
"""

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.storage.state_store import Document

HUMAN_TASK_UI = "sagemaker-human-task-ui"
FLOW_DEFINITION = "sagemaker-flow-definition"
HUMAN_LOOP = "a2i-human-loop"
TRAINING_JOB = "sagemaker-training-job"
PROCESSING_JOB = "sagemaker-processing-job"

SAGEMAKER = "sagemaker.amazonaws.com"

_PATHS = {
    HUMAN_TASK_UI: "human-task-ui",
    FLOW_DEFINITION: "flow-definition",
    HUMAN_LOOP: "human-loop",
    TRAINING_JOB: "training-job",
    PROCESSING_JOB: "processing-job",
}


def require_a2i(context: Context) -> None:
    """Raise ServiceError AccessDeniedException unless the account is a customer of A2I."""
    if not context.settings.has_a2i:
        raise ServiceError(
            "AccessDeniedException",
            "Amazon Augmented AI is not available to this account. It is closed to new customers.",
        )


def arn(context: Context, kind: str, name: str) -> str:
    """Return the ARN of the resource of that name in the caller's region."""
    return f"arn:aws:sagemaker:{context.region}:{context.account_id}:{_PATHS[kind]}/{name}"


def all_of(context: Context, kind: str) -> list[Document]:
    """Return every document of a kind in the caller's region, oldest first."""
    prefix = arn(context, kind, "")
    return [found for found in context.state.list(kind) if found["arn"].startswith(prefix)]


def create(context: Context, kind: str, document: Document) -> None:
    """Store a new resource; raises ServiceError ResourceInUse if the name is taken."""
    if not context.state.create(kind, document["arn"], document):
        raise ServiceError(
            "ResourceInUse",
            f"The {_PATHS[kind]} {document['name']} already exists. Use another name.",
        )


def require(context: Context, kind: str, name: str) -> Document:
    """Return the resource of that name; raises ServiceError ResourceNotFound."""
    document = context.state.get(kind, arn(context, kind, name))
    if document is None:
        raise ServiceError(
            "ResourceNotFound", f"The {_PATHS[kind]} {name} does not exist in {context.region}."
        )
    return document

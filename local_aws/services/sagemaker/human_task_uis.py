"""SageMaker human task UIs: the Liquid templates that reviewers work in.

Implemented: a template is parsed when it is created and rejected if it is not valid Liquid; names
are unique; an account without A2I is refused.
Not implemented: listing and deleting task UIs, tags, and the `Url` of the template in
DescribeHumanTaskUi.
"""

import hashlib

from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.documents import parse_time
from local_aws.protocol.errors import ServiceError
from local_aws.services.sagemaker import resources
from local_aws.services.sagemaker.worker_template import TemplateError, parse_template


def create_human_task_ui(request: Request, context: Context) -> Answer:
    """Create a task UI; ValidationException if the template cannot be parsed."""
    resources.require_a2i(context)
    content = request["UiTemplate"]["Content"]
    try:
        parse_template(content)
    except TemplateError as error:
        raise ServiceError("ValidationException", f"The template is invalid: {error}") from error
    name = request["HumanTaskUiName"]
    document = {
        "arn": resources.arn(context, resources.HUMAN_TASK_UI, name),
        "name": name,
        "content": content,
        "created": context.now().isoformat(),
    }
    resources.create(context, resources.HUMAN_TASK_UI, document)
    return {"HumanTaskUiArn": document["arn"]}


def describe_human_task_ui(request: Request, context: Context) -> Answer:
    """Return the task UI's ARN, creation time and the digest of its template."""
    ui = resources.require(context, resources.HUMAN_TASK_UI, request["HumanTaskUiName"])
    return {
        "HumanTaskUiArn": ui["arn"],
        "HumanTaskUiName": ui["name"],
        "HumanTaskUiStatus": "Active",
        "CreationTime": parse_time(ui["created"]),
        "UiTemplate": {"ContentSha256": hashlib.sha256(ui["content"].encode()).hexdigest()},
    }

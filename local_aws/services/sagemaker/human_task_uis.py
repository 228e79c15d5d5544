"""SageMaker human task UIs: the Liquid templates that reviewers work in.

What it does: a template is parsed when it is created and refused if it is not valid Liquid;
names are unique until deleted; RenderUiTemplate renders one with a task's input.
What it does not: give a `Url` of the template in DescribeHumanTaskUi.
"""

import hashlib
import json
from typing import Any

from local_aws.operations.context import Context
from local_aws.operations.resource_pages import list_page, sagemaker_query
from local_aws.protocol.errors import ServiceError
from local_aws.services.sagemaker import resources
from local_aws.services.sagemaker.worker_template import TemplateError, parse_template, render


def create_human_task_ui(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """CreateHumanTaskUi: ValidationException if the template cannot be parsed."""
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
        "tags": request.get("Tags", []),
    }
    resources.create(context, resources.HUMAN_TASK_UI, document)
    return {"HumanTaskUiArn": document["arn"]}


def describe_human_task_ui(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """DescribeHumanTaskUi."""
    ui = resources.require(context, resources.HUMAN_TASK_UI, request["HumanTaskUiName"])
    return {
        "HumanTaskUiArn": ui["arn"],
        "HumanTaskUiName": ui["name"],
        "HumanTaskUiStatus": "Active",
        "CreationTime": resources.moment(ui["created"]),
        "UiTemplate": {"ContentSha256": hashlib.sha256(ui["content"].encode()).hexdigest()},
    }


def list_human_task_uis(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """ListHumanTaskUis."""
    uis = resources.all_of(context, resources.HUMAN_TASK_UI)
    page, token = list_page(uis, sagemaker_query(request))
    summaries = [
        {
            "HumanTaskUiName": ui["name"],
            "HumanTaskUiArn": ui["arn"],
            "CreationTime": resources.moment(ui["created"]),
        }
        for ui in page
    ]
    return resources.known({"HumanTaskUiSummaries": summaries, "NextToken": token})


def delete_human_task_ui(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """DeleteHumanTaskUi: flow definitions that were made with it keep its template."""
    ui = resources.require(context, resources.HUMAN_TASK_UI, request["HumanTaskUiName"])
    context.state.delete(resources.HUMAN_TASK_UI, ui["arn"])
    return {}


def render_ui_template(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """RenderUiTemplate: the page a reviewer would see; `grant_read_access` leaves URIs as is."""
    try:
        content = render(
            _content(request, context), json.loads(request["Task"]["Input"]), lambda uri: uri
        )
    except (TemplateError, json.JSONDecodeError) as error:
        failure = {"Code": "InvalidTemplate", "Message": str(error)}
        return {"RenderedContent": "", "Errors": [failure]}
    return {"RenderedContent": content, "Errors": []}


def _content(request: dict[str, Any], context: Context) -> str:
    if "UiTemplate" in request:
        return str(request["UiTemplate"]["Content"])
    ui = context.state.get(resources.HUMAN_TASK_UI, request.get("HumanTaskUiArn", ""))
    if ui is None:
        raise ServiceError(
            "ResourceNotFound", "Give a UiTemplate or the HumanTaskUiArn of an existing one."
        )
    return str(ui["content"])


OPERATIONS = {
    "CreateHumanTaskUi": create_human_task_ui,
    "DescribeHumanTaskUi": describe_human_task_ui,
    "ListHumanTaskUis": list_human_task_uis,
    "DeleteHumanTaskUi": delete_human_task_ui,
    "RenderUiTemplate": render_ui_template,
}

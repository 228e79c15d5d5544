"""SageMaker flow definitions: who reviews with which template, and where the answers go.

Implemented: workteam, human task UI, output bucket, role and the documented time limits are checked
at creation; Initializing becomes Active by the clock; an account without A2I is refused. AWS
documents no such refusal: its code, AccessDeniedException, is the one that all services share.
Not implemented: deleting definitions, starting loops by activation conditions of
Rekognition or Textract, tags, and a public workforce.
"""

from datetime import datetime, timedelta
from typing import Any

from local_aws.operations import role_trust
from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.documents import drop_none, parse_time
from local_aws.operations.resource_pages import list_page, read_sagemaker_query
from local_aws.protocol.errors import ServiceError
from local_aws.services.sagemaker import resources, workteams
from local_aws.storage.state_store import Document

INITIALIZING_SECONDS = 0.5
LONGEST_AVAILABILITY = 864_000
LONGEST_TASK = 28_800
DEFAULT_TASK = 3_600

INITIALIZING = "Initializing"
ACTIVE = "Active"


def create_flow_definition(request: Request, context: Context) -> Answer:
    """Create a flow definition; validates its team, task UI, bucket, role and times."""
    resources.require_a2i(context)
    if not role_trust.may_assume(context, request["RoleArn"], resources.SAGEMAKER):
        raise ServiceError(
            "ValidationException",
            f"Could not assume the role {request['RoleArn']}. It must trust {resources.SAGEMAKER}.",
        )
    loop_config = request.get("HumanLoopConfig")
    if loop_config is None:
        raise ServiceError(
            "ValidationException", "HumanLoopConfig is required for a custom task type."
        )
    _check_times(loop_config)
    workteams.require(context, loop_config["WorkteamArn"])
    ui = context.state.get(resources.HUMAN_TASK_UI, loop_config["HumanTaskUiArn"])
    if ui is None:
        raise ServiceError(
            "ValidationException",
            f"The human task UI {loop_config['HumanTaskUiArn']} does not exist.",
        )
    bucket = request["OutputConfig"]["S3OutputPath"].partition("://")[2].partition("/")[0]
    if not context.objects.exists(bucket):
        raise ServiceError("ValidationException", f"The output bucket {bucket} does not exist.")
    name = request["FlowDefinitionName"]
    document = {
        "arn": resources.arn(context, resources.FLOW_DEFINITION, name),
        "name": name,
        "loop_config": loop_config,
        "template": ui["content"],
        "request_source": request.get("HumanLoopRequestSource"),
        "activation": request.get("HumanLoopActivationConfig"),
        "output": request["OutputConfig"],
        "role_arn": request["RoleArn"],
        "created": context.now().isoformat(),
    }
    resources.create(context, resources.FLOW_DEFINITION, document)
    return {"FlowDefinitionArn": document["arn"]}


def describe_flow_definition(request: Request, context: Context) -> Answer:
    """Return a flow definition: Initializing for half a second, then Active."""
    flow = resources.require(context, resources.FLOW_DEFINITION, request["FlowDefinitionName"])
    return drop_none(
        {
            "FlowDefinitionArn": flow["arn"],
            "FlowDefinitionName": flow["name"],
            "FlowDefinitionStatus": status(flow, context.now()),
            "CreationTime": parse_time(flow["created"]),
            "HumanLoopRequestSource": flow["request_source"],
            "HumanLoopActivationConfig": flow["activation"],
            "HumanLoopConfig": flow["loop_config"],
            "OutputConfig": flow["output"],
            "RoleArn": flow["role_arn"],
        }
    )


def list_flow_definitions(request: Request, context: Context) -> Answer:
    """List flow definitions, by default newest first and ten a page."""
    resources.require_a2i(context)
    flows = resources.all_of(context, resources.FLOW_DEFINITION)
    page, token = list_page(flows, read_sagemaker_query(request))
    summaries = [
        {
            "FlowDefinitionName": flow["name"],
            "FlowDefinitionArn": flow["arn"],
            "FlowDefinitionStatus": status(flow, context.now()),
            "CreationTime": parse_time(flow["created"]),
        }
        for flow in page
    ]
    return drop_none({"FlowDefinitionSummaries": summaries, "NextToken": token})


def status(flow: Document, now: datetime) -> str:
    """Return Initializing or Active, the status at `now`."""
    ready = parse_time(flow["created"]) + timedelta(seconds=INITIALIZING_SECONDS)
    return INITIALIZING if now < ready else ACTIVE


def _check_times(loop_config: dict[str, Any]) -> None:
    availability = loop_config.get("TaskAvailabilityLifetimeInSeconds", LONGEST_AVAILABILITY)
    task = loop_config.get("TaskTimeLimitInSeconds", DEFAULT_TASK)
    for name, seconds, longest in (
        ("TaskAvailabilityLifetimeInSeconds", availability, LONGEST_AVAILABILITY),
        ("TaskTimeLimitInSeconds", task, LONGEST_TASK),
    ):
        if seconds > longest:
            raise ServiceError(
                "ValidationException", f"{name} is {seconds}; at most {longest} is allowed."
            )

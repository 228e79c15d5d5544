"""Task UIs, flows and loops of the human review tests."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.local_aws.bedrock_data import ACCOUNT, until
from tests.studio.endpoint_fixture import RunningEndpoint

ROLE = f"arn:aws:iam::{ACCOUNT}:role/storyboard-review"
TEAM = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:workteam/private-crowd/local-reviewers"
TEMPLATE = """
<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <input type="hidden" name="decisions" value="[]">
  <h1>{{ task.input.title }}</h1>
  {% for picture in task.input.pictures %}
  <img src="{{ picture.uri | grant_read_access }}" alt="{{ picture.caption }}">
  {% endfor %}
  <script>const pictures = {{ task.input.pictures | to_json | skip_autoescape }};</script>
</crowd-form>
"""


@dataclass(frozen=True)
class ReviewDesk:
    """An endpoint with an Active flow definition whose output goes to `bucket`."""

    endpoint: RunningEndpoint
    bucket: str
    flow_arn: str

    @property
    def runtime(self) -> Any:
        """A client of the A2I runtime."""
        return self.endpoint.client("sagemaker-a2i-runtime")

    def start(self, content: Mapping[str, Any] | None = None) -> str:
        """Start a loop with this input; return its name."""
        name = f"loop-{uuid.uuid4().hex[:12]}"
        given = {"pictures": [], "title": "Pictures"} if content is None else content
        self.runtime.start_human_loop(
            HumanLoopName=name,
            FlowDefinitionArn=self.flow_arn,
            HumanLoopInput={"InputContent": json.dumps(given)},
        )
        return name

    def describe(self, name: str) -> dict[str, Any]:
        """DescribeHumanLoop."""
        answer: dict[str, Any] = self.runtime.describe_human_loop(HumanLoopName=name)
        return answer

    def answer(self, name: str, worker: str, content: Any) -> requests.Response:
        """Answer a loop as a scripted reviewer does."""
        sent = {"workerId": worker, "answerContent": content}
        return self.script("POST", f"loops/{name}/answers", json=sent)

    def script(self, method: str, path: str, **details: Any) -> requests.Response:
        """Send a request to the portal's JSON interface with the bearer token."""
        return requests.request(
            method,
            f"{self.endpoint.url}/_localaws/portal/api/{path}",
            headers={"Authorization": f"Bearer {portal_token(self.endpoint)}"},
            timeout=10,
            **details,
        )


def portal_token(endpoint: RunningEndpoint) -> str:
    """Return the token in the address that the endpoint prints."""
    (token,) = parse_qs(urlsplit(endpoint.ready["portal_url"]).query)["token"]
    return token


def open_desk(
    endpoint: RunningEndpoint,
    bucket: str,
    template: str = TEMPLATE,
    **loop_config: Any,
) -> ReviewDesk:
    """Create a task UI and a flow definition; `loop_config` changes its HumanLoopConfig."""
    sagemaker = endpoint.client("sagemaker")
    unique = uuid.uuid4().hex[:12]
    ui = sagemaker.create_human_task_ui(
        HumanTaskUiName=f"ui-{unique}", UiTemplate={"Content": template}
    )
    flow = sagemaker.create_flow_definition(
        **flow_request(f"flow-{unique}", ui["HumanTaskUiArn"], bucket, **loop_config)
    )
    until(
        lambda: sagemaker.describe_flow_definition(FlowDefinitionName=f"flow-{unique}"),
        lambda answer: answer["FlowDefinitionStatus"] == "Active",
    )
    return ReviewDesk(endpoint, bucket, flow["FlowDefinitionArn"])


def flow_request(name: str, ui_arn: str, bucket: str, **loop_config: Any) -> dict[str, Any]:
    """Return a CreateFlowDefinition request."""
    return {
        "FlowDefinitionName": name,
        "RoleArn": ROLE,
        "OutputConfig": {"S3OutputPath": f"s3://{bucket}/answers/"},
        "HumanLoopConfig": {
            "WorkteamArn": TEAM,
            "HumanTaskUiArn": ui_arn,
            "TaskTitle": "Approve pictures",
            "TaskDescription": "Say which pictures show the character",
            "TaskCount": 1,
            **loop_config,
        },
    }

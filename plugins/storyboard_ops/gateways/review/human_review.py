"""Call Amazon A2I: task templates, flow definitions, human loops and their answers.

Sources: SageMaker API reference (CreateHumanTaskUi, CreateFlowDefinition), Augmented AI runtime
API reference (StartHumanLoop, ListHumanLoops, DescribeHumanLoop), A2I output data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from storyboard_ops.domain.base_record import canonical_json, faults_of
from storyboard_ops.domain.bounded_text import read_json, shorten
from storyboard_ops.domain.error_tree import AnswerUnusable, BadInput, NameTaken, NotFound
from storyboard_ops.domain.input_limits import MOST_RECORD_ITEMS, MOST_SHOWN_VALUE
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.review_records import Decision, ReviewerAnswer
from storyboard_ops.gateways.aws.calls import call_unless
from storyboard_ops.gateways.aws.errors import translated
from storyboard_ops.gateways.storage.object_store import ObjectStore

_DECISIONS = TypeAdapter(tuple[Decision, ...])


@dataclass(frozen=True)
class LoopState:
    """A human loop as the service reports it."""

    name: str
    status: str  # InProgress, Completed, Failed, Stopping, Stopped
    failure: str
    output_uri: str  # of the answer; empty until Completed
    created: datetime


class HumanReview:
    """Creates what is missing and adopts what exists: names are derived from content."""

    def __init__(self, sagemaker: Any, a2i_runtime: Any) -> None:
        self._sagemaker = translated("sagemaker", sagemaker)
        self._runtime = translated("sagemaker-a2i-runtime", a2i_runtime)

    def has_flows(self) -> bool:
        """Return whether the account has a flow definition, which only customers of A2I have."""
        found = self._sagemaker.list_flow_definitions(MaxResults=1)
        return bool(found["FlowDefinitionSummaries"])

    def ensure_task_ui(self, name: str, template: str) -> str:
        """Return the ARN of a worker template; creates it when the name is free."""
        try:
            answer = self._sagemaker.create_human_task_ui(
                HumanTaskUiName=name, UiTemplate={"Content": template}
            )
        except NameTaken:
            answer = self._sagemaker.describe_human_task_ui(HumanTaskUiName=name)
        return str(answer["HumanTaskUiArn"])

    def ensure_flow(
        self,
        name: str,
        task_ui_arn: str,
        workteam_arn: str,
        role_arn: str,
        output_uri: str,
        reviewers: int,
    ) -> str:
        """Return the ARN of a flow definition; creates it when the name is free.

        ``reviewers``: how many people answer each task, 1 to 3.
        """
        try:
            answer = self._sagemaker.create_flow_definition(
                FlowDefinitionName=name,
                RoleArn=role_arn,
                OutputConfig={"S3OutputPath": output_uri},
                HumanLoopConfig={
                    "WorkteamArn": workteam_arn,
                    "HumanTaskUiArn": task_ui_arn,
                    "TaskTitle": "Approve pictures of characters",
                    "TaskDescription": "Approve or reject each picture and fix its caption.",
                    "TaskCount": reviewers,
                },
            )
        except NameTaken:
            answer = self._sagemaker.describe_flow_definition(FlowDefinitionName=name)
        return str(answer["FlowDefinitionArn"])

    def flow_status(self, name: str) -> str:
        """Return the flow's status: Initializing, Active, Failed or Deleting."""
        found = self._sagemaker.describe_flow_definition(FlowDefinitionName=name)
        return str(found["FlowDefinitionStatus"])

    def start_loop(self, name: str, flow_arn: str, content: dict[str, Any]) -> None:
        """Start a human loop; an existing one of that name is adopted."""
        call_unless(
            NameTaken,
            self._runtime.start_human_loop,
            HumanLoopName=name,
            FlowDefinitionArn=flow_arn,
            HumanLoopInput={"InputContent": json.dumps(content)},
        )

    def stop_loop(self, name: str) -> None:
        """Stop a human loop, so that workers no longer see its pictures."""
        self._runtime.stop_human_loop(HumanLoopName=name)

    def find_loop(self, name: str) -> LoopState | None:
        """Find a human loop by name; None when it does not exist."""
        try:
            found = self._runtime.describe_human_loop(HumanLoopName=name)
        except NotFound:
            return None
        return LoopState(
            name=name,
            status=found["HumanLoopStatus"],
            failure=" ".join(filter(None, (found.get("FailureCode"), found.get("FailureReason")))),
            output_uri=found.get("HumanLoopOutput", {}).get("OutputS3Uri", ""),
            created=found["CreationTime"],
        )


def read_answers(objects: ObjectStore, loop_name: str, output_uri: str) -> list[ReviewerAnswer]:
    """Read the decisions of every reviewer of a loop.

    Raises AnswerUnusable naming the loop and the reviewer whose answer cannot be read.
    """
    try:
        answers = objects.json(S3Uri.parse(output_uri))["humanAnswers"]
    except (BadInput, KeyError, TypeError) as error:
        raise AnswerUnusable(
            f"The answers of human loop {loop_name} in {output_uri} are not in A2I's format; clear "
            "open_review to start a new loop."
        ) from error
    return [_answer(loop_name, answer) for answer in answers]


def write_answers(objects: ObjectStore, uri: S3Uri, answers: Iterable[ReviewerAnswer]) -> str:
    """Write answers from outside A2I in A2I's output format; returns the URI as text."""
    document = {
        "humanLoopName": uri.name.removesuffix(".json"),
        "humanAnswers": [
            {
                "workerId": answer.reviewer,
                "submissionTime": answer.submitted_at,
                "answerContent": {"decisions": _DECISIONS.dump_json(answer.decisions).decode()},
            }
            for answer in answers
        ],
    }
    return objects.put(uri, canonical_json(document).encode(), "application/json")


def _answer(loop_name: str, answer: dict[str, Any]) -> ReviewerAnswer:
    try:
        reviewer = shorten(str(answer.get("workerId", "unknown")), MOST_SHOWN_VALUE)
        submitted_at = str(answer.get("submissionTime", ""))
        given = read_json(
            answer["answerContent"]["decisions"],
            "Its list of decisions",
            most_items=MOST_RECORD_ITEMS,
        )
        decisions = _DECISIONS.validate_python(given)
    except (AttributeError, KeyError, TypeError, BadInput, ValidationError) as error:
        raise AnswerUnusable(
            f"The answer of reviewer {reviewer} in human loop {loop_name} cannot be read; clear "
            f"open_review to start a new loop. {_reason(error)}"
        ) from error
    return ReviewerAnswer(
        loop=loop_name,
        reviewer=reviewer,
        submitted_at=submitted_at,
        decisions=decisions,
    )


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(faults_of(error, "decisions"))
    return shorten(str(error))

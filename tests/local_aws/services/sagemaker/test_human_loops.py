"""Human loops: answers, output, failures, expiry, stopping, restart."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.bedrock_data import until
from tests.local_aws.review_data import ReviewDesk, open_desk
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint


@pytest.fixture
def desk(local_endpoint: RunningEndpoint, bucket: str) -> ReviewDesk:
    return open_desk(local_endpoint, bucket)


def output_of(desk: ReviewDesk, name: str) -> tuple[str, dict[str, Any]]:
    """Return URI and content of a completed loop's output."""
    uri = desk.describe(name)["HumanLoopOutput"]["OutputS3Uri"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = desk.endpoint.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return uri, json.loads(body)


def test_an_answer_completes_the_loop_and_is_written_as_a2i_does(desk: ReviewDesk) -> None:
    content = {"title": "Pictures", "pictures": [{"image_id": "a"}]}
    name = desk.start(content)
    assert desk.describe(name)["HumanLoopStatus"] == "InProgress"

    stored = desk.answer(name, "ana", {"decisions": '[{"image_id": "a"}]'})

    assert stored.status_code == 201
    loop = desk.describe(name)
    assert loop["HumanLoopStatus"] == "Completed"
    uri, output = output_of(desk, name)
    flow = desk.flow_arn.rpartition("/")[2]
    created = loop["CreationTime"].strftime("%Y/%m/%d/%H/%M/%S")
    assert uri == f"s3://{desk.bucket}/answers/{flow}/{created}/{name}/output.json"
    assert set(output) == {"flowDefinitionArn", "humanAnswers", "humanLoopName", "inputContent"}
    assert (output["flowDefinitionArn"], output["humanLoopName"]) == (desk.flow_arn, name)
    assert output["inputContent"] == content
    (given,) = output["humanAnswers"]
    assert given["answerContent"] == {"decisions": '[{"image_id": "a"}]'}
    assert given["workerId"] == "ana"
    identity = given["workerMetadata"]["identityData"]
    assert identity["identityProviderType"] == "Cognito"
    for stamp in (given["acceptanceTime"], given["submissionTime"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stamp)


def test_as_many_reviewers_answer_as_the_flow_asks_for(
    local_endpoint: RunningEndpoint, bucket: str
) -> None:
    desk = open_desk(local_endpoint, bucket, TaskCount=2)
    name = desk.start()

    assert desk.answer(name, "ana", {"vote": "yes"}).status_code == 201
    assert desk.describe(name)["HumanLoopStatus"] == "InProgress"
    twice = desk.answer(name, "ana", {"vote": "no"})
    assert (twice.status_code, twice.json()["error"]) == (
        409,
        "ana has answered this task already.",
    )
    assert desk.answer(name, "ben", {"vote": "no"}).status_code == 201

    answers = output_of(desk, name)[1]["humanAnswers"]
    assert [(each["workerId"], each["answerContent"]["vote"]) for each in answers] == [
        ("ana", "yes"),
        ("ben", "no"),
    ]
    assert desk.answer(name, "cleo", {"vote": "no"}).status_code == 409


def test_a_used_loop_name_conflicts(desk: ReviewDesk) -> None:
    name = desk.start()

    with pytest.raises(desk.runtime.exceptions.ConflictException):
        desk.runtime.start_human_loop(
            HumanLoopName=name,
            FlowDefinitionArn=desk.flow_arn,
            HumanLoopInput={"InputContent": "{}"},
        )


@pytest.mark.parametrize(
    "content", ["{not json", '"text"', "[]", '{"a": "' + "é" * 1_600_000 + '"}']
)
def test_the_input_must_be_a_json_object_of_three_mebibytes(desk: ReviewDesk, content: str) -> None:
    with pytest.raises(ClientError, match="InputContent") as caught:
        desk.runtime.start_human_loop(
            HumanLoopName="never-started",
            FlowDefinitionArn=desk.flow_arn,
            HumanLoopInput={"InputContent": content},
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_an_unknown_flow_definition_is_refused(desk: ReviewDesk) -> None:
    with pytest.raises(ClientError, match="does not exist or is not Active"):
        ReviewDesk(desk.endpoint, desk.bucket, desk.flow_arn + "x").start()


@pytest.mark.parametrize("code", ["ValidationError", "InternalError", "Expired"])
def test_a_loop_fails_when_a_fault_orders_it(desk: ReviewDesk, code: str) -> None:
    fault = {"kind": "fail", "operation": "StartHumanLoop", "code": code, "message": "Test."}
    desk.endpoint.admin("PUT", "faults", {"faults": [fault]})
    name = desk.start()
    desk.endpoint.admin("DELETE", "faults")

    loop = until(lambda: desk.describe(name), lambda loop: loop["HumanLoopStatus"] == "Failed")

    assert (loop["FailureCode"], loop["FailureReason"]) == (code, "Test.")
    assert desk.answer(name, "ana", {}).status_code == 409


def test_a_loop_expires(local_endpoint: RunningEndpoint, bucket: str) -> None:
    desk = open_desk(local_endpoint, bucket, TaskAvailabilityLifetimeInSeconds=1)
    name = desk.start()

    loop = until(lambda: desk.describe(name), lambda loop: loop["HumanLoopStatus"] == "Failed")

    assert loop["FailureCode"] == "Expired"
    assert "HumanLoopOutput" not in loop


def test_a_stopped_loop_can_be_deleted(desk: ReviewDesk) -> None:
    name = desk.start()
    with pytest.raises(ClientError, match="stop it before deleting it"):
        desk.runtime.delete_human_loop(HumanLoopName=name)

    with desk.endpoint.stopped_clock():
        desk.runtime.stop_human_loop(HumanLoopName=name)
        assert desk.describe(name)["HumanLoopStatus"] == "Stopping"
    until(lambda: desk.describe(name), lambda loop: loop["HumanLoopStatus"] == "Stopped")
    with pytest.raises(ClientError, match="only one that is InProgress can be stopped"):
        desk.runtime.stop_human_loop(HumanLoopName=name)
    desk.runtime.delete_human_loop(HumanLoopName=name)
    with pytest.raises(desk.runtime.exceptions.ResourceNotFoundException):
        desk.describe(name)


def test_loops_are_listed_by_flow_page_by_page(desk: ReviewDesk) -> None:
    names = [desk.start() for _ in range(3)]
    started = [desk.describe(name)["CreationTime"] for name in names]

    pages = desk.runtime.get_paginator("list_human_loops").paginate(
        FlowDefinitionArn=desk.flow_arn, SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    listed = [[loop["HumanLoopName"] for loop in page["HumanLoopSummaries"]] for page in pages]

    assert listed == [names[:2], names[2:]]
    between = desk.runtime.list_human_loops(
        FlowDefinitionArn=desk.flow_arn,
        CreationTimeAfter=started[0].replace(microsecond=0),
    )
    assert {loop["HumanLoopStatus"] for loop in between["HumanLoopSummaries"]} == {"InProgress"}


def test_each_loop_is_billed(desk: ReviewDesk) -> None:
    def objects() -> float:
        lines = desk.endpoint.admin("GET", "bill")["lines"]
        return sum(line["quantity"] for line in lines if line["item"] == "human_loop_object")

    before = objects()
    desk.start()

    assert objects() == before + 1


def test_a_kill_loses_no_loop_and_no_answer(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data") as endpoint:
        endpoint.client("s3").create_bucket(Bucket="kept")
        desk = open_desk(endpoint, "kept", TaskCount=2)
        name = desk.start({"title": "Pictures", "pictures": []})
        desk.answer(name, "ana", {"vote": "yes"})
        endpoint.kill()

    with running_endpoint(tmp_path / "data") as endpoint:
        desk = ReviewDesk(endpoint, "kept", desk.flow_arn)
        desk.answer(name, "ben", {"vote": "no"})

        answers = output_of(desk, name)[1]["humanAnswers"]
        assert [each["workerId"] for each in answers] == ["ana", "ben"]

"""Leases by moved time: what a run keeps, what it cannot release, and what is swept afterwards."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from storyboard_ops.domain.error_tree import JobFailed, ReleaseFailed, StoryboardError
from storyboard_ops.domain.money.paid_usage import Receipt
from storyboard_ops.domain.training.model_facts import Claim, TrainedModel
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.money.claims import claim
from storyboard_ops.steps.release import release_resources
from storyboard_ops.steps.release.release_resources import confirm_released, release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.bedrock.customize_model import (
    finish_customization,
    start_customization,
)
from storyboard_ops.steps.training.bedrock.provide_capacity import finish_capacity, start_capacity
from tests.steps.money.test_paid_resources import training_set, wait_for
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.moved_time import MovedTime, moved_time
from tests.studio.studio_fixture import Studio


@pytest.fixture
def time(tmp_path) -> Iterator[MovedTime]:
    with moved_time(tmp_path / "data") as moved:
        yield moved


def trained(tools: ToolBox) -> TrainedModel:
    """A model customized on six pictures."""
    job = start_customization(tools, training_set(tools, records=6))
    return wait_for(finish_customization, tools, job)


def test_no_commitment_is_bought_unless_a_parameter_names_one(time):
    asked = []
    bedrock = time.studio.client("bedrock")
    name = "provide-client-params.bedrock.CreateProvisionedModelThroughput"
    bedrock.meta.events.register(name, lambda params, **_: asked.append(dict(params)))
    tools = time.tools()
    model = trained(tools)
    start_capacity(tools, model)
    assert "commitmentDuration" not in asked[0]
    release_everything(tools)

    committed = time.tools(commitment="OneMonth")
    wait_for(finish_capacity, committed, start_capacity(committed, model))
    assert asked[1]["commitmentDuration"] == "OneMonth"
    receipt = release_everything(committed)  # it cannot be deleted, and that is on purpose
    line = next(line for line in receipt.resources if line.kept_until)
    month_later = datetime.fromisoformat(line.created_at) + timedelta(days=30)
    assert line.kept_until == iso(month_later)
    assert line.amount == 30 * 24, "the whole term is paid"


def test_capacity_that_is_kept_outlives_the_run_and_is_swept_when_its_time_is_over(time):
    tools = time.tools(keep_capacity_until=time.clock() + timedelta(hours=10))
    model = trained(tools)
    wait_for(finish_capacity, tools, start_capacity(tools, model))
    receipt = release_everything(tools)
    assert confirm_released(tools).still_billing == (), "the run is green"
    line = next(line for line in receipt.resources if line.kind == "provisioned throughput")
    assert (line.kept, line.deleted_at) == (True, "")
    assert line.kept_until == iso(tools.settings.keep_capacity_until)

    time.pass_hours(9)
    assert time.sweep().counts == {"leased": 2}
    assert time.billing() == ["model_unit_hour", "month"]
    time.pass_hours(2)
    assert time.sweep().counts == {
        "leased": 1,
        "released": 1,
    }
    assert time.billing() == ["month"], "the model is kept, as keep_model says"

    late = release_everything(tools)  # somebody clears the teardown afterwards
    line = next(line for line in late.resources if line.kind == "provisioned throughput")
    assert (line.kept, line.note) == (False, "found gone by this moment")


def test_capacity_kept_for_less_than_its_lease_is_swept_when_that_time_is_over(time):
    tools = time.tools(keep_capacity_until=time.clock() + timedelta(hours=1), lease_h=24)
    wait_for(finish_capacity, tools, start_capacity(tools, trained(tools)))
    assert release_everything(tools).still_billing == ()
    time.pass_hours(1.01)
    assert time.sweep().counts == {"leased": 1, "released": 1}
    assert time.billing() == ["month"], "only the model is left"


def test_a_release_waits_for_capacity_that_cannot_be_deleted_while_it_is_made(tmp_path):
    slow = ("--customization-seconds", "0.2", "--throughput-seconds", "600")
    with running_endpoint(tmp_path / "data", slow) as endpoint:
        time = MovedTime(Studio.opened(endpoint))
        tools = time.tools(keep_model=False)
        start_capacity(tools, trained(tools))
        refusal = {
            "kind": "error",
            "operation": "DeleteProvisionedModelThroughput",
            "code": "ConflictException",
            "times": 1,
        }
        time.order_faults(refusal)
        receipt = release_everything(tools)
        assert receipt.still_billing == ()
        bedrock = time.studio.client("bedrock")
        assert bedrock.list_provisioned_model_throughputs()["provisionedModelSummaries"] == []


@pytest.mark.logs_errors
def test_what_cannot_be_settled_for_any_reason_does_not_keep_the_rest(time, monkeypatch):
    def refuse(tools: ToolBox, claimed: Claim) -> None:
        raise StoryboardError("the bucket refuses to delete an object")

    tools = time.tools(keep_model=False)
    wait_for(finish_capacity, tools, start_capacity(tools, trained(tools)))
    claim(tools, "custom labels inference", "detector")
    monkeypatch.setitem(release_resources.SETTLE, "provisioned throughput", refuse)
    with pytest.raises(ReleaseFailed, match="the bucket refuses"):
        release_everything(tools)
    assert tools.read_record("receipt.json", Receipt) is not None
    monkeypatch.undo()
    assert release_everything(tools).still_billing == ()
    assert time.billing() == []


@pytest.mark.logs_errors
def test_a_release_that_fails_twice_goes_on_with_the_rest_and_the_sweep_gets_what_is_left(time):
    tools = time.tools(keep_model=False)
    wait_for(finish_capacity, tools, start_capacity(tools, trained(tools)))
    refusal = {
        "kind": "error",
        "operation": "DeleteProvisionedModelThroughput",
        "code": "AccessDeniedException",
        "times": 2,
    }
    time.order_faults(refusal)
    for _ in range(2):
        with pytest.raises(ReleaseFailed, match="provisioned throughput storyboard-capacity-"):
            release_everything(tools)
        receipt = tools.read_record("receipt.json", Receipt)
        assert [arn.split(":")[5].split("/")[0] for arn in receipt.still_billing] == [
            "provisioned-model"
        ]
    assert time.billing() == ["model_unit_hour", "month"]

    time.pass_hours(tools.settings.lease_h + tools.settings.training_timeout_h + 1)
    report = time.sweep()
    assert report.counts == {"released": 2}
    assert time.billing() == []


def test_a_retry_renews_the_lease_of_what_it_adopts(time):
    tools = time.tools()
    model = trained(tools)
    start_capacity(tools, model)
    time.pass_hours(3)
    start_capacity(tools, model)
    time.pass_hours(3)
    assert "released" not in time.sweep().counts
    time.pass_hours(2)
    assert time.sweep().counts["released"] == 1


def test_capacity_that_has_failed_is_deleted_and_bought_anew_by_a_clear(time):
    tools = time.tools()
    model = trained(tools)
    fault = {"kind": "fail", "operation": "CreateProvisionedModelThroughput", "times": 1}
    time.order_faults(fault)
    first = start_capacity(tools, model)
    time.pass_hours(1)
    with pytest.raises(JobFailed, match=f"{first} is Failed"):
        finish_capacity(tools, first)
    second = start_capacity(tools, model)
    assert second != first
    assert wait_for(finish_capacity, tools, second).name == second
    listed = time.studio.client("bedrock").list_provisioned_model_throughputs()
    assert len(listed["provisionedModelSummaries"]) == 1

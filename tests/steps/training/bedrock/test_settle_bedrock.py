"""What Bedrock bills for capacity, jobs and models, and how a run ends each of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import (
    ReleaseFailed,
    ServiceError,
)
from storyboard_ops.domain.money.paid_usage import PaidResource
from storyboard_ops.domain.money.resource_lease import EXPIRES_TAG
from storyboard_ops.domain.training.model_facts import Claim
from storyboard_ops.domain.utc_time import iso, iso_millis
from storyboard_ops.steps.money import claims as paid_claims
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.bedrock import settle_bedrock
from tests.fakes.memory_bedrock import MemoryBedrock
from tests.studio.trainers.bedrock_run import CAP, JOB, NOON, Run, later, throughput_line


@pytest.mark.parametrize(
    ("seconds", "started"), [(0, 1), (1, 1), (3_600, 1), (3_601, 2), (7_200, 2), (9_000, 3)]
)
def test_capacity_is_billed_by_the_hour_that_it_has_begun(
    run: Run, bedrock: MemoryBedrock, seconds: int, started: int
) -> None:
    bedrock.add_throughput("cap", NOON, modelUnits=2)
    tools = later(run(), seconds=seconds)
    line = throughput_line(tools, bedrock)
    assert line.amount == 2 * started
    assert line.note == f"model units: 2, started hours: {started}"
    assert line.hours == round(seconds / 3_600, 4)
    assert (line.bills, line.kept, line.kept_until, line.usd_per_unit) == (True, False, "", 60.5)
    (booked,) = tools.booked()
    assert (booked.unit, booked.amount) == ("model_unit_hour", 2 * started)


def test_capacity_that_is_gone_is_billed_until_then(run: Run, bedrock: MemoryBedrock) -> None:
    bedrock.add_throughput("cap", NOON)
    tools = later(run(keep_capacity_until=NOON + timedelta(days=3)), hours=9)
    line = throughput_line(tools, bedrock, deleted_at=iso(NOON + timedelta(hours=2)))
    assert (line.amount, line.hours, line.kept) == (2, 2.0, False)


@pytest.mark.parametrize(
    ("commitment", "days", "hours"), [("OneMonth", 30, 720), ("SixMonths", 180, 4_320)]
)
def test_a_committed_term_is_paid_whole_and_kept(
    run: Run, bedrock: MemoryBedrock, commitment: str, days: int, hours: int
) -> None:
    bedrock.add_throughput("cap", NOON)
    line = throughput_line(run(commitment=commitment), bedrock)
    assert (line.amount, line.kept) == (hours, True)
    assert line.kept_until == iso(NOON + timedelta(days=days))
    assert line.note.endswith(
        "; kept on purpose: release_capacity deletes it when that time is over"
    )
    over = throughput_line(later(run(commitment=commitment), days=days, hours=1), bedrock)
    assert (over.amount, over.kept) == (hours + 1, False)


def test_a_model_is_billed_for_its_share_of_a_month_of_730_hours(
    run: Run, bedrock: MemoryBedrock
) -> None:
    bedrock.add_model("model", NOON)
    claimed = Claim(kind="custom model", name="model", owner="run-1", claimed_at=iso_millis(NOON))
    tools = later(run(keep_model=True), hours=73)
    settle_bedrock.settle_model(tools, claimed)
    (line,) = paid_claims.receipt_lines(tools)
    assert (line.unit, line.amount, line.hours) == ("month", 0.1, 73.0)
    assert (line.kept, line.deleted_at, line.bills) == (True, "", True)
    assert line.note == "kept on purpose (keep_model): storage, about 1.95 USD a month"
    throwaway = later(run(keep_model=False), hours=73)
    settle_bedrock.settle_model(throwaway, claimed)
    (line,) = paid_claims.receipt_lines(throwaway)
    assert (line.kept, line.deleted_at) == (False, iso(NOON + timedelta(hours=73)))
    assert (line.note, bedrock.models) == ("", {})


def job_line(tools: ToolBox, bedrock: MemoryBedrock) -> PaidResource:
    job = settle_bedrock.BedrockControl(bedrock).find_job("job")
    assert job is not None
    return settle_bedrock.write_job_line(tools, job)


def test_a_job_is_billed_once_for_the_pictures_it_has_seen_or_at_most_for_them(
    run: Run, bedrock: MemoryBedrock
) -> None:
    tools = later(run(step_count=10, batch_size=8), hours=2)
    bedrock.add_job("job", NOON)
    line = job_line(tools, bedrock)
    assert (line.bills, line.amount, line.hours, line.usd_per_unit) == (True, 80, 2.0, 0.005)
    assert line.note.startswith("InProgress; billed once for at most the pictures seen")
    bedrock.jobs["job"] |= {"status": "Completed", "endTime": NOON + timedelta(minutes=30)}
    line = job_line(tools, bedrock)
    assert (line.bills, line.hours) == (False, 0.5)
    assert line.note.startswith("Completed; billed once for the pictures seen")


@pytest.mark.parametrize(
    ("status", "calls"),
    [("InProgress", ["stop_model_customization_job"]), ("Completed", []), ("Failed", [])],
)
def test_only_a_job_that_runs_is_stopped(
    run: Run, bedrock: MemoryBedrock, status: str, calls: list[str]
) -> None:
    bedrock.add_job("job", NOON, status=status)
    settle_bedrock.settle_job(run(), JOB)
    assert bedrock.calls == calls
    assert [line.kind for line in paid_claims.receipt_lines(run())] == ["customization job"]


def test_a_job_that_does_not_stop_in_time_is_a_failure(
    run: Run, bedrock: MemoryBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle_bedrock, "RELEASE_SECONDS", 0)
    bedrock.add_job("job", NOON, status="Stopping")
    with pytest.raises(ReleaseFailed, match="job has not stopped within 0 s"):
        settle_bedrock.settle_job(run(), JOB)
    assert bedrock.calls == [], "it was told to stop already"


def test_a_stopped_job_is_given_five_minutes_and_capacity_half_an_hour(
    run: Run, bedrock: MemoryBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def wait_until(done: Callable[[], bool], seconds: float) -> bool:
        waits.append(seconds)
        return done()

    monkeypatch.setattr(settle_bedrock, "wait_until", wait_until)
    bedrock.add_job("job", NOON)
    bedrock.add_throughput("cap", NOON)
    settle_bedrock.settle_job(run(), JOB)
    settle_bedrock.settle_throughput(run(), CAP)
    assert waits == [300, 1_800]


def test_capacity_that_stays_is_a_failure(
    run: Run, bedrock: MemoryBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle_bedrock, "DELETE_SECONDS", 0)
    bedrock.add_throughput("cap", NOON, status="Creating")
    bedrock.refusals = {"delete_provisioned_model_throughput": ["ConflictException"]}
    with pytest.raises(ReleaseFailed, match="still exists after 0 s"):
        settle_bedrock.settle_throughput(run(), CAP)
    settle_bedrock.settle_throughput(run(), CAP)
    assert bedrock.throughputs == {}
    (line,) = paid_claims.receipt_lines(run())
    assert (line.deleted_at, line.kept) == (iso(NOON), False)


def test_capacity_that_another_deletes_first_is_gone(
    run: Run, bedrock: MemoryBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is listed once more as it is being deleted, and then no longer."""
    monkeypatch.setattr(settle_bedrock, "DELETE_SECONDS", 0)
    bedrock.add_throughput("cap", NOON)
    write_line = settle_bedrock.write_throughput_line

    def write_and_lose(*args: Any, **facts: Any) -> Any:
        bedrock.throughputs.clear()
        return write_line(*args, **facts)

    monkeypatch.setattr(settle_bedrock, "write_throughput_line", write_and_lose)
    settle_bedrock.settle_throughput(run(), CAP)
    (line,) = paid_claims.receipt_lines(run())
    assert line.deleted_at == iso(NOON)


@pytest.mark.parametrize(
    ("status", "code"),
    [("InService", "ConflictException"), ("Creating", "AccessDeniedException")],
)
def test_a_refusal_is_waited_out_only_while_capacity_changes(
    run: Run, bedrock: MemoryBedrock, status: str, code: str
) -> None:
    bedrock.add_throughput("cap", NOON, status=status)
    bedrock.refusals = {"delete_provisioned_model_throughput": [code]}
    with pytest.raises(ServiceError, match=code):
        settle_bedrock.settle_throughput(run(), CAP)


def test_kept_capacity_gets_the_lease_that_was_asked_for_and_stays(
    run: Run, bedrock: MemoryBedrock
) -> None:
    until = NOON + timedelta(hours=3)
    arn = bedrock.add_throughput("cap", NOON)
    settle_bedrock.settle_throughput(run(keep_capacity_until=until), CAP)
    assert bedrock.tags[arn][EXPIRES_TAG] == iso(until)
    assert "cap" in bedrock.throughputs


def test_what_others_have_deleted_is_struck_off_once(run: Run, bedrock: MemoryBedrock) -> None:
    bedrock.add_throughput("cap", NOON)
    bedrock.add_throughput("other", NOON)
    throughput_line(run(), bedrock)
    throughput_line(run(), bedrock, name="other")
    bedrock.throughputs.clear()
    settle_bedrock.settle_throughput(later(run(), hours=1), CAP)
    gone = {line.name: (line.deleted_at, line.note) for line in paid_claims.receipt_lines(run())}
    assert gone["cap"] == (iso(NOON + timedelta(hours=1)), "found gone by this moment")
    assert gone["other"][0] == ""
    settle_bedrock.settle_throughput(later(run(), hours=2), CAP)
    (again,) = (line for line in paid_claims.receipt_lines(run()) if line.name == "cap")
    assert again.deleted_at == iso(NOON + timedelta(hours=1)), "it was gone by then"

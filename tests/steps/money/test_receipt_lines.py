"""What stands on a receipt: started hours, shares of a month, terms, and what still bills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import (
    GateClosed,
    JobFailed,
    JobStopped,
    NotFinished,
    ReceiptMissing,
    ReleaseFailed,
    ServiceError,
    StillBilling,
    StoryboardError,
)
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.money.paid_usage import PaidResource, Receipt, Usage
from storyboard_ops.domain.money.resource_lease import EXPIRES_TAG
from storyboard_ops.domain.preflight.preflight_report import Check, PreflightReport
from storyboard_ops.domain.review.review_records import CostConsent
from storyboard_ops.domain.training.model_facts import Capacity, Claim, CustomizedModel
from storyboard_ops.domain.utc_time import iso, iso_millis
from storyboard_ops.gateways.money.pricing import cost_of
from storyboard_ops.steps.money import claims as paid_claims
from storyboard_ops.steps.money import cost_gate
from storyboard_ops.steps.release.release_resources import confirm_released, release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training import customize_model, provide_capacity, settle
from tests.material import factories
from tests.studio.memory_bedrock import MemoryBedrock
from tests.studio.memory_bucket import MemoryBucket

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MODEL = CustomizedModel(
    job_arn="", job_name="job", model_arn="arn:model", base_model_id="nova", images_seen=80
)
DATASET = TrainingSet(
    images=ManifestRef(uri="s3://b/images.jsonl", count=0, sha256="0" * 64),
    training_uri="s3://b/train.jsonl",
    training_sha256="1" * 64,
    training=6,
    evaluation=0,
)

Run = Callable[..., ToolBox]


@pytest.fixture
def bedrock() -> MemoryBedrock:
    return MemoryBedrock(NOON)


@pytest.fixture
def run(bedrock: MemoryBedrock) -> Run:
    """Opens the tool box of a run at noon."""
    services: dict[str, Any] = {"s3": MemoryBucket(), "bedrock": bedrock}

    def opened(run_key: str = "run-1", **params: Any) -> ToolBox:
        given = {"role_arn": "arn:aws:iam::123456789012:role/R", **params}
        return ToolBox(run_key, factories.settings(**given), services.__getitem__, lambda: NOON)

    return opened


def later(tools: ToolBox, **by: float) -> ToolBox:
    return replace(tools, clock=lambda: NOON + timedelta(**by))


def written(tools: ToolBox, name: str, record: Any) -> None:
    tools.objects.put(tools.run_root / name, canonical_json(record).encode(), "application/json")


def throughput_line(tools: ToolBox, bedrock: MemoryBedrock, deleted_at: str = "") -> PaidResource:
    found = settle.BedrockControl(bedrock).find_throughput("cap")
    assert found is not None
    return settle.write_throughput_line(tools, found, deleted_at)


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


def test_capacity_is_kept_up_to_its_moment_and_not_at_it(run: Run) -> None:
    until = NOON + timedelta(hours=1)
    tools = run(keep_capacity_until=until)
    assert paid_claims.kept_until(tools, NOON) == until
    assert paid_claims.kept_until(later(tools, minutes=59), NOON) == until
    assert paid_claims.kept_until(later(tools, hours=1), NOON) is None
    assert paid_claims.kept_until(run(), NOON) is None


@pytest.mark.parametrize(("lease_h", "hours"), [(4, 10), (24, 24)])
def test_capacity_carries_the_later_of_its_lease_and_of_what_it_is_kept_for(
    run: Run, bedrock: MemoryBedrock, lease_h: float, hours: int
) -> None:
    tools = run(lease_h=lease_h, keep_capacity_until=NOON + timedelta(hours=10))
    provide_capacity.start_capacity(tools, MODEL)
    (tags,) = bedrock.tags.values()
    assert tags[EXPIRES_TAG] == iso(NOON + timedelta(hours=hours))


def test_each_purchase_after_a_release_has_a_name_of_its_own(
    run: Run, bedrock: MemoryBedrock
) -> None:
    tools = run()
    names = []
    for _ in range(3):
        names.append(provide_capacity.start_capacity(tools, MODEL))
        throughput_line_of(tools, bedrock, names[-1])
        bedrock.throughputs.clear()
    assert len(set(names)) == 3
    assert [line.name for line in paid_claims.receipt_lines(tools)].count(names[0]) == 1


def throughput_line_of(tools: ToolBox, bedrock: MemoryBedrock, name: str) -> None:
    found = settle.BedrockControl(bedrock).find_throughput(name)
    assert found is not None
    settle.write_throughput_line(tools, found, deleted_at=iso(NOON))


def test_failed_capacity_is_deleted_and_bought_under_the_next_name(
    run: Run, bedrock: MemoryBedrock
) -> None:
    first = provide_capacity.start_capacity(run(), MODEL)
    bedrock.throughputs[first]["status"] = "Failed"
    second = provide_capacity.start_capacity(run(), MODEL)
    assert second != first
    assert list(bedrock.throughputs) == [second]


@pytest.mark.parametrize("other", [{"modelUnits": 2}, {"modelArn": "arn:other"}], ids=str)
def test_capacity_of_other_inputs_is_not_adopted(
    run: Run, bedrock: MemoryBedrock, other: dict[str, Any]
) -> None:
    name = provide_capacity.start_capacity(run(), MODEL)
    bedrock.throughputs[name] |= other
    with pytest.raises(GateClosed, match="exists with other inputs"):
        provide_capacity.start_capacity(run(), MODEL)


@pytest.mark.parametrize("code", ["ConflictException", "AccessDeniedException"])
def test_a_purchase_that_is_refused_is_claimed_and_raises(
    run: Run, bedrock: MemoryBedrock, code: str
) -> None:
    bedrock.refusals = {"create_provisioned_model_throughput": [code]}
    tools = run()
    with pytest.raises(ServiceError, match=code):
        provide_capacity.start_capacity(tools, MODEL)
    assert [record.kind for record in paid_claims.claims(tools)] == ["provisioned throughput"]


def test_capacity_that_is_not_in_service_is_not_drawn_with(
    run: Run, bedrock: MemoryBedrock
) -> None:
    with pytest.raises(JobStopped, match="cap no longer exists"):
        provide_capacity.finish_capacity(run(), "cap")
    bedrock.add_throughput("cap", NOON, status="Creating", failureMessage="no room")
    with pytest.raises(NotFinished, match=r"cap is Creating\. no room"):
        provide_capacity.finish_capacity(run(), "cap")


def test_capacity_in_service_is_remembered_for_the_drawing(
    run: Run, bedrock: MemoryBedrock
) -> None:
    arn = bedrock.add_throughput("cap", NOON, modelUnits=2)
    tools = run()
    capacity = Capacity(
        arn=arn, name="cap", model_arn="arn:model", model_units=2, created_at=iso_millis(NOON)
    )
    assert provide_capacity.finish_capacity(tools, "cap") == capacity
    assert tools.read_record("model/capacity.json", Capacity) == capacity
    assert [line.name for line in paid_claims.receipt_lines(tools)] == ["cap"]


def test_a_model_is_billed_for_its_share_of_a_month_of_730_hours(
    run: Run, bedrock: MemoryBedrock
) -> None:
    bedrock.add_model("model", NOON)
    claimed = Claim(kind="custom model", name="model", owner="run-1", claimed_at=iso_millis(NOON))
    tools = later(run(keep_model=True), hours=73)
    settle.settle_model(tools, claimed)
    (line,) = paid_claims.receipt_lines(tools)
    assert (line.unit, line.amount, line.hours) == ("month", 0.1, 73.0)
    assert (line.kept, line.deleted_at, line.bills) == (True, "", True)
    assert line.note == "kept on purpose (keep_model): storage, about 1.95 USD a month"
    throwaway = later(run(keep_model=False), hours=73)
    settle.settle_model(throwaway, claimed)
    (line,) = paid_claims.receipt_lines(throwaway)
    assert (line.kept, line.deleted_at) == (False, iso(NOON + timedelta(hours=73)))
    assert (line.note, bedrock.models) == ("", {})


def job_line(tools: ToolBox, bedrock: MemoryBedrock) -> PaidResource:
    job = settle.BedrockControl(bedrock).find_job("job")
    assert job is not None
    return settle.write_job_line(tools, job)


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


JOB = Claim(kind="customization job", name="job", owner="run-1", claimed_at=iso_millis(NOON))
CAP = Claim(kind="provisioned throughput", name="cap", owner="run-1", claimed_at=iso_millis(NOON))


@pytest.mark.parametrize(
    ("status", "calls"),
    [("InProgress", ["stop_model_customization_job"]), ("Completed", []), ("Failed", [])],
)
def test_only_a_job_that_runs_is_stopped(
    run: Run, bedrock: MemoryBedrock, status: str, calls: list[str]
) -> None:
    bedrock.add_job("job", NOON, status=status)
    settle.settle_job(run(), JOB)
    assert bedrock.calls == calls
    assert [line.kind for line in paid_claims.receipt_lines(run())] == ["customization job"]


def test_a_job_that_does_not_stop_in_time_is_a_failure(
    run: Run, bedrock: MemoryBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "RELEASE_SECONDS", 0)
    bedrock.add_job("job", NOON, status="Stopping")
    with pytest.raises(ReleaseFailed, match="job has not stopped within 0 s"):
        settle.settle_job(run(), JOB)
    assert bedrock.calls == [], "it was told to stop already"


def test_capacity_that_stays_is_a_failure(
    run: Run, bedrock: MemoryBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "DELETE_SECONDS", 0)
    bedrock.add_throughput("cap", NOON, status="Creating")
    bedrock.refusals = {"delete_provisioned_model_throughput": ["ConflictException"]}
    with pytest.raises(ReleaseFailed, match="still exists after 0 s"):
        settle.settle_throughput(run(), CAP)
    settle.settle_throughput(run(), CAP)
    assert bedrock.throughputs == {}
    (line,) = paid_claims.receipt_lines(run())
    assert (line.deleted_at, line.kept) == (iso(NOON), False)


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
        settle.settle_throughput(run(), CAP)


def test_kept_capacity_gets_the_lease_that_was_asked_for_and_stays(
    run: Run, bedrock: MemoryBedrock
) -> None:
    until = NOON + timedelta(hours=3)
    arn = bedrock.add_throughput("cap", NOON)
    settle.settle_throughput(run(keep_capacity_until=until), CAP)
    assert bedrock.tags[arn][EXPIRES_TAG] == iso(until)
    assert "cap" in bedrock.throughputs


def test_what_others_have_deleted_is_struck_off_once(run: Run, bedrock: MemoryBedrock) -> None:
    bedrock.add_throughput("cap", NOON)
    bedrock.add_throughput("other", NOON)
    throughput_line(run(), bedrock)
    throughput_line_kept(run(), bedrock)
    bedrock.throughputs.clear()
    settle.settle_throughput(later(run(), hours=1), CAP)
    gone = {line.name: (line.deleted_at, line.note) for line in paid_claims.receipt_lines(run())}
    assert gone["cap"] == (iso(NOON + timedelta(hours=1)), "found gone by this moment")
    assert gone["other"][0] == ""
    settle.settle_throughput(later(run(), hours=2), CAP)
    (again,) = (line for line in paid_claims.receipt_lines(run()) if line.name == "cap")
    assert again.deleted_at == iso(NOON + timedelta(hours=1)), "it was gone by then"


def throughput_line_kept(tools: ToolBox, bedrock: MemoryBedrock) -> None:
    found = settle.BedrockControl(bedrock).find_throughput("other")
    assert found is not None
    settle.write_throughput_line(tools, found)


def test_claims_are_given_back_in_the_order_in_which_things_can_go(run: Run) -> None:
    tools = run()
    kinds = ("face collection", "custom labels model", "custom model", "customization job",
             "custom labels inference", "provisioned throughput")  # fmt: skip
    for kind in kinds:
        paid_claims.claim(tools, kind, "late")
        paid_claims.claim(later(tools, minutes=-1), kind, "early")
    given_back = [(record.kind, record.name) for record in paid_claims.claims(tools)]
    assert given_back == [(kind, name) for kind in reversed(kinds) for name in ("early", "late")]


def test_a_claim_that_is_handed_on_remembers_who_made_it(run: Run) -> None:
    first, second, third = run("run-1"), run("run-2"), run("run-3")
    paid_claims.claim(first, "custom labels model", "film")
    (made,) = paid_claims.claims(first)
    assert (made.owner, made.made_by, made.begun) == ("run-1", "", True)
    paid_claims.transfer_claim(first, made, "run-2")
    (got,) = paid_claims.claims(second)
    assert (got.owner, got.made_by) == ("run-2", "run-1")
    paid_claims.transfer_claim(second, got, "run-3")
    (last,) = paid_claims.claims(third)
    assert (last.owner, last.made_by) == ("run-3", "run-1")


def test_the_receipt_lists_the_oldest_line_first_and_a_purchase_once(run: Run) -> None:
    tools = run()
    for name, hour in (("b", 2), ("a", 2), ("c", 1)):
        created = iso(NOON + timedelta(hours=hour))
        line = PaidResource(
            kind="custom model", name=name, arn=name, owner="run-1", created_at=created, bills=True
        )
        assert paid_claims.write_line(tools, line) == line
        paid_claims.write_line(tools, line.model_copy(update={"note": "again"}))
    assert [(line.name, line.note) for line in paid_claims.receipt_lines(tools)] == [
        ("c", "again"), ("a", "again"), ("b", "again"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "bills"),
    [
        ({}, True),
        ({"deleted_at": iso(NOON)}, False),
        ({"kept": True}, False),
        ({"bills": False}, False),
    ],
    ids=str,
)
def test_what_still_bills_is_neither_deleted_nor_kept(
    run: Run, facts: dict[str, Any], bills: bool
) -> None:
    tools = run()
    line = {"kind": "custom model", "name": "m", "arn": "arn:m", "owner": "run-1", "bills": True}
    paid_claims.write_line(tools, PaidResource(**{**line, "created_at": iso(NOON), **facts}))
    if bills:
        with pytest.raises(ReleaseFailed, match="arn:m still bills"):
            release_everything(tools)
    else:
        release_everything(tools)
    receipt = tools.read_record("receipt.json", Receipt)
    assert receipt is not None
    assert receipt.still_billing == (("arn:m",) if bills else ())


def test_a_release_is_confirmed_when_the_service_knows_no_capacity_but_what_is_kept(
    run: Run, bedrock: MemoryBedrock
) -> None:
    tools = run()
    with pytest.raises(ReceiptMissing, match="There is no receipt"):
        confirm_released(tools)
    paid_claims.claim(tools, "provisioned throughput", "cap")
    release_everything(tools)
    assert confirm_released(tools).resources == ()
    bedrock.add_throughput("cap", NOON)
    with pytest.raises(StillBilling, match="Still billing, though the receipt says otherwise: cap"):
        confirm_released(tools)
    keeping = run(keep_capacity_until=NOON + timedelta(hours=1))
    release_everything(keeping)
    assert confirm_released(keeping).resources[0].kept


def test_a_job_is_asked_for_with_its_parameters_as_text_and_its_leases(
    run: Run, bedrock: MemoryBedrock
) -> None:
    params = {"step_count": 10, "batch_size": 8, "learning_rate": 1e-5, "lease_h": 4}
    tools = run(**params, training_timeout_h=24, keep_model=False)
    name = customize_model.start_customization(tools, DATASET)
    asked = bedrock.jobs[name]["asked"]
    assert asked["hyperParameters"] == {
        "stepCount": "10", "batchSize": "8", "learningRate": "0.00001",
    }  # fmt: skip
    ends = {
        kind: {tag["key"]: tag["value"] for tag in asked[kind]}[EXPIRES_TAG]
        for kind in ("jobTags", "customModelTags")
    }
    assert ends == {
        "jobTags": iso(NOON + timedelta(hours=24)),
        "customModelTags": iso(NOON + timedelta(hours=28)),
    }
    kinds = [record.kind for record in paid_claims.claims(tools)]
    assert kinds == ["customization job", "custom model"]


@pytest.mark.parametrize("status", ["Failed", "Stopped", "Stopping"])
def test_a_job_that_ended_badly_is_tried_anew_under_another_name(
    run: Run, bedrock: MemoryBedrock, status: str
) -> None:
    first = customize_model.start_customization(run(), DATASET)
    bedrock.jobs[first]["status"] = status
    second = customize_model.start_customization(run(), DATASET)
    assert second != first
    bedrock.jobs[second]["status"] = "Completed"
    assert customize_model.start_customization(run(), DATASET) == second


@pytest.mark.parametrize(
    "other",
    [{"trainingDataConfig": {"s3Uri": "s3://b/other.jsonl"}}, {"baseModelArn": "another-model"}],
    ids=str,
)
def test_a_job_of_other_inputs_is_not_adopted(
    run: Run, bedrock: MemoryBedrock, other: dict[str, Any]
) -> None:
    name = customize_model.start_customization(run(), DATASET)
    bedrock.jobs[name] |= other
    with pytest.raises(GateClosed, match="exists with other inputs"):
        customize_model.start_customization(run(), DATASET)


@pytest.mark.parametrize("code", ["ConflictException", "AccessDeniedException"])
def test_a_job_that_is_refused_is_claimed_and_raises(
    run: Run, bedrock: MemoryBedrock, code: str
) -> None:
    bedrock.refusals = {"create_model_customization_job": [code]}
    with pytest.raises(ServiceError, match=code):
        customize_model.start_customization(run(), DATASET)
    assert len(paid_claims.claims(run())) == 2


def test_what_a_run_trains_is_stopped_when_nobody_waits_for_it(
    run: Run, bedrock: MemoryBedrock
) -> None:
    customize_model.start_customization(run(), DATASET)
    bedrock.add_job("another", NOON)
    customize_model.stop_customization(run())
    assert bedrock.calls[-1] == "stop_model_customization_job"
    customize_model.stop_customization(run())
    assert bedrock.calls.count("stop_model_customization_job") == 1, "it runs no more"
    assert bedrock.jobs["another"]["status"] == "InProgress"


@pytest.mark.parametrize(
    ("status", "error"),
    [("InProgress", NotFinished), ("Failed", JobFailed), ("Stopped", JobStopped)],
)
def test_a_job_that_has_not_completed_gives_no_model(
    run: Run, bedrock: MemoryBedrock, status: str, error: type[StoryboardError]
) -> None:
    with pytest.raises(JobStopped, match="job no longer exists"):
        customize_model.finish_customization(run(), "job")
    bedrock.add_job("job", NOON, status=status, failureMessage="five pictures at least")
    with pytest.raises(error, match=rf"job is {status}\. five pictures at least"):
        customize_model.finish_customization(run(), "job")


def test_a_model_tells_how_many_pictures_it_has_seen(run: Run, bedrock: MemoryBedrock) -> None:
    bedrock.add_job("job", NOON, status="Completed", outputModelArn="arn:model")
    tools = run(step_count=20, batch_size=8)
    model = customize_model.finish_customization(tools, "job")
    assert (model.images_seen, model.model_arn) == (160, "arn:model")
    assert tools.read_record("model/model.json", CustomizedModel) == model


CANVAS = "amazon.nova-canvas-v1:0"
ESTIMATE = (
    Usage(service="rekognition", item="DetectLabels", unit="image", amount=1_000),
    Usage(service="bedrock", item=CANVAS, unit="training_image", amount=80),
    Usage(service="bedrock", item=CANVAS, unit="model_unit_hour", amount=2),
    Usage(service="bedrock", item="unknown", unit="image", amount=5),
)


def estimated(tools: ToolBox, usd: float) -> ToolBox:
    """A run whose preflight has estimated a sum."""
    report = PreflightReport(
        checks=(), estimate=ESTIMATE, estimate_usd=usd, price_table_date="2026-11-22"
    )
    written(tools, cost_gate.PREFLIGHT, report)
    return tools


@pytest.mark.parametrize(
    ("usd", "over_budget", "asked"),
    [(10, "ask", None), (10.01, "ask", 10.01), (10.01, "refuse", None), (9.99, "ask", None)],
)
def test_exactly_the_budget_needs_no_consent(
    run: Run, usd: float, over_budget: str, asked: float | None
) -> None:
    facts = cost_gate.cost_facts(estimated(run(budget_usd=10, over_budget=over_budget), usd))
    assert facts.consent_usd == asked


def test_costs_are_put_in_the_words_of_people(run: Run) -> None:
    facts = cost_gate.cost_facts(estimated(run(budget_usd=10), 122.4))
    assert [(line.what, line.usd) for line in facts.lines] == [
        ("frames, detection, captions and review", 1.0),
        ("training: 80 pictures seen", 0.4),
        ("hosting the model: model unit hours, 2", 121.0),
    ]
    assert cost_gate.cost_sentence(facts).startswith(
        "The costs (frames, detection, captions and review, about 1.00 USD; training: 80 "
        "pictures seen, about 0.40 USD; hosting the model: model unit hours, 2, about 121.00 USD) "
        "add up to an estimated 122.40 USD by the prices of 2026-11-22; the budget is 10.00 USD."
    )
    nothing = cost_gate.cost_sentence(cost_gate.cost_facts(run("run-2")))
    assert nothing == "No cost was estimated for this run."


def test_a_yes_holds_for_exactly_the_sum(run: Run) -> None:
    tools = estimated(run(budget_usd=10, over_budget="ask"), 61.2)
    yes = CostConsent(usd=61.2, agreed=True, by="ana", at=iso(NOON), where="approval page")
    assert cost_gate.record_consent(tools, yes) == yes
    assert cost_gate.current_consent(tools) == yes
    estimated(tools, 61.21)
    assert cost_gate.current_consent(tools) is None
    with pytest.raises(GateClosed, match=r"The yes was to 61\.20 USD, but the cost is 61\.21 USD"):
        cost_gate.record_consent(tools, yes)


def test_a_refused_preflight_stops_whoever_goes_on(run: Run) -> None:
    tools = run()
    cost_gate.require_passed_preflight(tools)
    refused = Check(name="rights", state="fail", finding="no right to train", remedy="Add it.")
    written(tools, cost_gate.PREFLIGHT, PreflightReport(checks=(refused,)))
    with pytest.raises(GateClosed, match="no right to train"):
        cost_gate.require_passed_preflight(tools)


def test_the_cost_of_usages_leaves_out_what_has_no_price() -> None:
    usd, unpriced = cost_of(ESTIMATE)
    assert usd == pytest.approx(1.0 + 0.4 + 121.0)
    assert [usage.item for usage in unpriced] == ["unknown"]
    tiny = Usage(service="bedrock", item=CANVAS, unit="training_image", amount=0.00032)
    assert cost_of([tiny])[0] == 0.000002  # 0.0000016 USD, to a millionth


def test_a_stopped_job_is_given_five_minutes_and_capacity_half_an_hour(
    run: Run, bedrock: MemoryBedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def wait_until(done: Callable[[], bool], seconds: float) -> bool:
        waits.append(seconds)
        return done()

    monkeypatch.setattr(settle, "wait_until", wait_until)
    bedrock.add_job("job", NOON)
    bedrock.add_throughput("cap", NOON)
    settle.settle_job(run(), JOB)
    settle.settle_throughput(run(), CAP)
    assert waits == [300, 1_800]

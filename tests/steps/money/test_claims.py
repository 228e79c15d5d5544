"""Claims, their order and their owners; the receipt's lines; until when capacity is kept."""

from __future__ import annotations

from datetime import timedelta

from storyboard_ops.domain.money.paid_usage import PaidResource
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.money import claims as paid_claims
from tests.studio.trainers.bedrock_run import NOON, Run, later


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


def test_capacity_is_kept_up_to_its_moment_and_not_at_it(run: Run) -> None:
    until = NOON + timedelta(hours=1)
    tools = run(keep_capacity_until=until)
    assert paid_claims.kept_until(tools, NOON) == until
    assert paid_claims.kept_until(later(tools, minutes=59), NOON) == until
    assert paid_claims.kept_until(later(tools, hours=1), NOON) is None
    assert paid_claims.kept_until(run(), NOON) is None

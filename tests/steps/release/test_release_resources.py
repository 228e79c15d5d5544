"""What still bills stays on the receipt, and a release is confirmed by the services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import (
    ReceiptMissing,
    ReleaseFailed,
    StillBilling,
)
from storyboard_ops.domain.money.paid_usage import PaidResource, Receipt
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.money import claims as paid_claims
from storyboard_ops.steps.release.release_resources import confirm_released, release_everything
from tests.fakes.memory_bedrock import MemoryBedrock
from tests.studio.trainers.bedrock_run import NOON, Run


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

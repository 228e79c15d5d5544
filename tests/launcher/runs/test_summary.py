"""The summary of a run: who is in the panels, what still bills, what was kept on purpose."""

import pytest

from launcher.runs.summary import RunFacts, describe_billing, summarize

MODEL = {"kind": "custom model", "deleted_at": "", "bills": True, "kept": True, "kept_until": ""}
CAPACITY = {"kind": "provisioned throughput", "deleted_at": "2026-11-23", "bills": True}
KEPT = {**MODEL, "kind": "provisioned throughput", "kept_until": "2026-11-24T08:00:00+00:00"}


@pytest.mark.parametrize(
    ("receipt", "line"),
    [
        ({}, "unknown: no receipt"),
        ({"still_billing": [], "resources": [CAPACITY]}, "nothing: everything released"),
        (
            {"still_billing": [], "resources": [CAPACITY, MODEL]},
            "nothing by the hour; kept on purpose: custom model (storage)",
        ),
        (
            {"still_billing": [], "resources": [MODEL, KEPT]},
            "on purpose: provisioned throughput until 2026-11-24T08:00:00+00:00",
        ),
        ({"still_billing": ["arn:x", "arn:y"], "resources": []}, "arn:x, arn:y"),
    ],
)
def test_what_still_bills(receipt, line):
    assert describe_billing(receipt) == line


@pytest.mark.parametrize("said", ["No figure for likeness. Mira: no picture was held out.", None])
def test_the_likeness_of_the_panels_or_why_there_is_none(said):
    consistency = {} if said is None else {"summary": said}
    lines = dict(summarize(RunFacts([], [], [], consistency, {})))
    assert lines["likeness of panels"] == (said or "not measured")

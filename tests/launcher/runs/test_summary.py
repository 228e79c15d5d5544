"""The summary of a run: who is in the panels, what still bills, what was kept on purpose."""

from types import SimpleNamespace

import pytest

from launcher.runs.summary import RunFacts, describe_billing, read_facts, summarize
from storyboard_ops.domain.manifest_codec import encode_manifest
from tests.material import factories

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


def test_a_panel_with_the_wrong_characters_is_counted_as_the_report_counts_it(tmp_path):
    """Marks are in the choice, which is made after the drawing."""
    marked = factories.panel(1, marks=("Mira is in the picture without being asked for.",))
    chosen = encode_manifest("panels", "a" * 64, [marked, factories.panel(2)])
    (tmp_path / "storyboard").mkdir()
    (tmp_path / "storyboard/chosen.jsonl").write_bytes(chosen)
    facts = read_facts(SimpleNamespace(get_returned=lambda task: []), None, tmp_path)
    lines = dict(summarize(facts))
    assert lines["storyboard panels"] == "1 of 2, 1 shows the wrong characters"

"""What a run reports: frames, drops, calls, tokens, money; each once, whatever is retried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from storyboard_ops.domain.error_tree import Throttled
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.monitoring.metrics import Metric
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.studio.studio_fixture import Studio

MODEL = "amazon.nova-pro-v1:0"
Reports = list[tuple[str, float, dict[str, str]]]


def tokens(read: int, written: int) -> tuple[Usage, ...]:
    amounts = (("input_token", read), ("output_token", written))
    return tuple(Usage(service="bedrock", item=MODEL, unit=u, amount=a) for u, a in amounts)


@pytest.fixture
def reports() -> Reports:
    return []


@pytest.fixture
def tools(studio: Studio, reports: Reports) -> ToolBox:
    def emit(metric: Metric, value: float, labels: Mapping[str, str] = {}, /) -> None:
        reports.append((metric.name.removeprefix("storyboard."), value, dict(labels)))

    return replace(studio.tools(), emit=emit)


def test_samples_report_frames_and_their_drops_once(tools: ToolBox, reports: Reports) -> None:
    made = Made([], {"kept": 7, "dropped": {"black": 2, "blurred": 1}})
    for _ in range(2):  # the second time the manifest is found
        find_or_make(tools.manifests, tools.run_root / "s.jsonl", "samples", "d", lambda _: made)
    assert reports == [
        ("frames_sampled_total", 10, {}),
        ("pictures_dropped_total", 2, {"item": "frame", "reason": "black"}),
        ("pictures_dropped_total", 1, {"item": "frame", "reason": "blurred"}),
    ]


def test_pictures_report_their_drops(tools: ToolBox, reports: Reports) -> None:
    tools.manifests.commit(tools.run_root / "i.jsonl", "images", "d", [], {"dropped": {"copy": 3}})
    tools.manifests.commit(tools.run_root / "j.jsonl", "board_items", "d", [])
    assert reports == [("pictures_dropped_total", 3, {"item": "picture", "reason": "copy"})]


def test_a_booking_reports_tokens_and_money_by_the_price_table(
    tools: ToolBox, reports: Reports
) -> None:
    tools.book("captions", tokens(1_000_000, 100_000))
    assert reports == [
        ("tokens_total", 1_000_000, {"model": MODEL, "direction": "input"}),
        ("tokens_total", 100_000, {"model": MODEL, "direction": "output"}),
        ("spent_usd_total", pytest.approx(0.8 + 0.32), {"service": "bedrock"}),
    ]


def test_a_repeated_booking_reports_only_what_was_added(tools: ToolBox, reports: Reports) -> None:
    tools.book("captions", tokens(1_000, 100))
    reports.clear()
    tools.book("captions", tokens(1_000, 100))
    assert reports == []
    tools.book("captions", tokens(1_500, 100))
    assert reports[0] == ("tokens_total", 500, {"model": MODEL, "direction": "input"})
    assert [name for name, *_ in reports] == ["tokens_total", "spent_usd_total"]


def test_calls_are_reported_when_they_answered_and_not_when_they_were_found(
    tools: ToolBox, reports: Reports
) -> None:
    for _ in range(2):
        with tools.booking("captions"):
            for question in ("one", "two"):
                tools.answers.ask("bedrock.converse", question, lambda: ("yes", tokens(10, 1)))
    calls = [report for report in reports if report[0] == "paid_calls_total"]
    assert calls == [("paid_calls_total", 2, {"operation": "bedrock.converse"})]


def test_calls_before_an_outage_are_reported(tools: ToolBox, reports: Reports) -> None:
    def refuse() -> tuple[str, tuple[Usage, ...]]:
        raise Throttled("too many calls")

    with pytest.raises(Throttled), tools.booking("captions"):
        tools.answers.ask("bedrock.converse", "one", lambda: ("yes", tokens(10, 1)))
        tools.answers.ask("bedrock.converse", "two", refuse)
    assert ("paid_calls_total", 1, {"operation": "bedrock.converse"}) in reports
    assert ("tokens_total", 10, {"model": MODEL, "direction": "input"}) in reports


def test_without_a_collector_nothing_is_read_or_reported(studio: Studio) -> None:
    quiet = studio.tools()
    quiet.book("captions", tokens(1_000, 100))
    quiet.book("captions", tokens(2_000, 100))
    assert quiet.booked() == tokens(2_000, 100)

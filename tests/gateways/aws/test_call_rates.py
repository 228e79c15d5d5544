"""No second in which more calls start than the account allows, and rates from the right source."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.gateways.aws import call_rates
from storyboard_ops.gateways.aws.call_rates import CallWindow, account_rates, pace_calls, rate_table
from storyboard_ops.steps.detection.custom_inference import INFERENCE_UNITS
from tests.material.factories import noise
from tests.studio.studio_fixture import Studio


class Clock:
    """Time that passes only while somebody sleeps, or as a test says."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Quotas:
    """Service Quotas with a few quotas of its own, or an error."""

    def __init__(self, quotas: dict[str, float] | None = None, error: str = "") -> None:
        self.quotas = quotas or {}
        self.error = error

    def get_paginator(self, _: str) -> Quotas:
        return self

    def paginate(self, ServiceCode: str) -> list[dict[str, Any]]:  # noqa: N803
        if self.error:
            raise ClientError({"Error": {"Code": self.error}}, "ListServiceQuotas")
        return [{"Quotas": [{"QuotaName": n, "Value": v}]} for n, v in self.quotas.items()]


@given(
    st.floats(0.2, 60), st.lists(st.floats(0, 0.4), min_size=1, max_size=150)
)  # pauses of the callers between two calls
def test_no_window_holds_more_calls_than_allowed(per_second: float, pauses: list[float]) -> None:
    clock = Clock()
    window = CallWindow(per_second, clock=clock, sleep=clock.sleep)
    starts = []
    for pause in pauses:
        clock.now += pause
        window.wait()
        starts.append(clock.now)
    calls = max(1, int(per_second))
    for earlier, later in zip(starts, starts[calls:], strict=False):
        assert later - earlier >= calls / per_second - 1e-9


def test_whoever_is_in_time_does_not_wait() -> None:
    clock = Clock()
    window = CallWindow(5, clock=clock, sleep=clock.sleep)
    for _ in range(20):
        window.wait()
        clock.now += 0.2
    assert clock.now == pytest.approx(104)


def rate_under(throttle: Callable[[float, random.Random], bool], seconds: int = 60) -> float:
    """Calls let through a second, after a while, of a service that throttles like this."""
    clock, dice, through = Clock(), random.Random(7), []
    window = CallWindow(50, clock=clock, sleep=clock.sleep)
    while clock.now < 100 + seconds:
        window.wait()
        throttled = throttle(clock.now, dice)
        window.record_answer(throttled)
        if not throttled:
            through.append(clock.now)
    return sum(at >= 100 + seconds / 2 for at in through) / (seconds / 2)


def test_without_throttling_all_of_the_rate_is_used() -> None:
    assert rate_under(lambda now, dice: False) == pytest.approx(50, abs=1)


def test_a_share_that_is_always_throttled_does_not_stop_the_calls() -> None:
    """One call in five takes a place, five come back a second: of 25 calls 20 are let through."""
    assert rate_under(lambda now, dice: dice.random() < 0.2) == pytest.approx(20, abs=2)


def test_what_others_leave_of_the_account_is_used() -> None:
    """A service that lets 20 calls through in every second of ours."""
    taken: Counter[int] = Counter()

    def throttle(now: float, dice: random.Random) -> bool:
        taken[int(now)] += 1
        return taken[int(now)] > 20

    assert rate_under(throttle) == pytest.approx(20, abs=2)


def test_the_rate_comes_back_after_a_busy_time() -> None:
    assert rate_under(lambda now, dice: now < 110 and dice.random() < 0.9) == pytest.approx(
        50, 0.05
    )


class Process:
    """One of several processes that call a service as fast as their window lets them."""

    def __init__(self, sharers: int) -> None:
        self.clock = Clock()
        self.window = CallWindow(50, sharers, clock=self.clock, sleep=self.clock.sleep)


def rates_of(processes: int, sharers: int, seconds: int = 120) -> tuple[float, float]:
    """Calls let through and sent a second, after a while, where the service takes 50 of all."""
    sent, taken = Counter[int](), Counter[int]()
    running = [Process(sharers) for _ in range(processes)]
    while (one := min(running, key=lambda each: each.clock.now)).clock.now < 100 + seconds:
        one.window.wait()
        second = int(one.clock.now)
        sent[second] += 1
        one.window.record_answer(throttled=taken[second] >= 50)
        taken[second] += taken[second] < 50
    late = range(100 + seconds // 2, 100 + seconds)
    return tuple(sum(calls[s] for s in late) / len(late) for calls in (taken, sent))


@pytest.mark.parametrize(("processes", "sharers"), [(1, 1), (1, 4), (2, 4), (4, 4), (8, 4), (3, 1)])
def test_processes_share_the_rate_without_knowing_of_each_other(
    processes: int, sharers: int
) -> None:
    """One that is alone gets all of it; many get it together, and few calls are throttled."""
    through, sent = rates_of(processes, sharers)
    assert through >= 0.95 * 50
    assert sent <= (1.1 + 0.1 * processes / sharers) * 50


def test_processes_that_begin_together_keep_within_the_rate() -> None:
    """Those of the pool; before any answer has told them of each other."""
    running = [Process(4) for _ in range(4)]
    first_second = 0
    for one in running:
        while one.clock.now < 101:
            one.window.wait()
            first_second += one.clock.now < 101
    assert first_second <= 50


def test_threads_share_a_window() -> None:
    waits: list[float] = []
    window = CallWindow(100, clock=lambda: 100.0, sleep=waits.append)

    def call() -> None:
        for _ in range(30):
            window.wait()

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waits == [1.0] * 50  # 150 calls: the last 50 wait for the second window


def test_the_account_has_the_last_word(studio: Studio) -> None:
    """Names as Service Quotas has them; others keep the table's rate."""
    quotas = Quotas(
        {
            "Transactions per second per account for the DetectLabels operation": 12.0,
            "Transactions per second per account for the Amazon Rekognition Image operation "
            "DetectModerationLabels": 7.0,
            "Maximum number of faces in a collection": 20_000_000.0,
        }
    )
    rates = account_rates(quotas, studio.client("rekognition"))
    assert (rates["DetectLabels"], rates["DetectModerationLabels"]) == (12, 7)
    assert rates["DetectFaces"] == 100


def test_rates_of_the_endpoint(studio: Studio) -> None:
    rates = account_rates(studio.client("service-quotas"), studio.client("rekognition"))
    assert rates["DetectLabels"] == 50
    assert rates["CreateCollection"] == 5


def test_a_custom_model_is_asked_as_fast_as_its_inference_units_answer(studio: Studio) -> None:
    """Five calls a second each; Service Quotas does not know them."""
    rates = account_rates(studio.client("service-quotas"), studio.client("rekognition"))
    assert rates["DetectCustomLabels"] == 5 * INFERENCE_UNITS


@pytest.mark.parametrize("error", ["AccessDeniedException", "ServiceException"])
def test_without_service_quotas_the_table_holds(
    error: str, studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    rates = account_rates(Quotas(error=error), studio.client("rekognition"))
    assert rates == rate_table().rates_for("rekognition", "us-east-1")
    assert "quotas/aws-calls.yaml, dated 2026-" in caplog.text


def test_a_small_region_has_small_rates() -> None:
    assert rate_table().rates_for("rekognition", "eu-central-1")["DetectLabels"] == 5
    assert rate_table().rates_for("bedrock-runtime", "us-east-1") == {}


def test_every_attempt_of_a_client_waits_its_turn(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A retry is a call as well, and a client that is handed over twice waits once."""
    waits: list[str] = []

    class Counted(CallWindow):
        def wait(self) -> None:
            waits.append("wait")

    monkeypatch.setattr(call_rates, "_windows", {})
    monkeypatch.setattr(call_rates, "CallWindow", Counted)
    client = studio.endpoint.client("rekognition", retries={"total_max_attempts": 3})
    pace_calls(client, {"DetectLabels": 50.0})
    pace_calls(client, {"DetectLabels": 50.0})
    fault = {"kind": "error", "service": "rekognition", "operation": "DetectLabels",
             "code": "ProvisionedThroughputExceededException", "times": 2}  # fmt: skip
    studio.endpoint.admin("PUT", "faults", {"faults": [fault]})
    try:
        client.detect_labels(Image={"Bytes": noise(80, 80)})
        client.list_collections()
    finally:
        studio.endpoint.admin("DELETE", "faults")
    assert waits == ["wait"] * 3

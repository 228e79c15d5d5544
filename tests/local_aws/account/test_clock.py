"""The clock: states and bills follow its offset."""

import urllib.error
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.local_aws.bedrock_data import NOVA_CANVAS
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint

SLOW = ("--throughput-seconds", "600")


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[RunningEndpoint]:
    """An endpoint of this module's own, so that no other test sees its clock."""
    with running_endpoint(tmp_path / "data", SLOW) as running:
        yield running


def test_capacity_is_in_service_and_billed_by_the_moved_clock(endpoint: RunningEndpoint) -> None:
    bedrock = endpoint.client("bedrock")
    arn = bedrock.create_provisioned_model_throughput(
        modelUnits=1, provisionedModelName="clocked", modelId=NOVA_CANVAS
    )["provisionedModelArn"]

    def status() -> str:
        found = bedrock.get_provisioned_model_throughput(provisionedModelId=arn)
        return str(found["status"])

    assert status() == "Creating"
    endpoint.move_clock(hours=5)
    assert status() == "InService"
    bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)
    endpoint.move_clock(hours=5)
    [line] = [line for line in endpoint.admin("GET", "bill")["lines"] if line["resource"] == arn]
    assert line["quantity"] == pytest.approx(5 - 600 / 3600, abs=0.01)


def test_a_stopped_clock_moves_only_when_it_is_moved(endpoint: RunningEndpoint) -> None:
    with endpoint.stopped_clock():
        first, again = (datetime.fromisoformat(now(endpoint)) for _ in range(2))
        endpoint.move_clock(hours=2)
        moved = datetime.fromisoformat(now(endpoint))
    assert (first, again) == (again, moved - timedelta(hours=2))
    assert now(endpoint) != now(endpoint)


def now(endpoint: RunningEndpoint) -> str:
    return str(endpoint.admin("GET", "clock")["now"])


def test_it_goes_on_ahead_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_endpoint(data) as endpoint:
        endpoint.move_clock(hours=100)
    with running_endpoint(data) as endpoint:
        clock = endpoint.admin("GET", "clock")
    assert clock["ahead_seconds"] == 360_000
    ahead = datetime.fromisoformat(clock["now"]) - datetime.now(UTC)
    assert ahead.total_seconds() == pytest.approx(360_000, abs=60)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"ahead_seconds": "soon"},
        {"ahead_seconds": 1e300},
        {"ahead_seconds": 0, "stopped": "yes"},
        [],
    ],
)
def test_a_time_that_cannot_be_read_is_refused(
    local_endpoint: RunningEndpoint, document: object
) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        local_endpoint.admin("PUT", "clock", document)

"""A studio in which time is moved and not waited for: the endpoint's clock and the product's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from storyboard_ops.domain.money.sweep_report import SweepReport
from storyboard_ops.steps.release.release_expired import release_expired
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.studio.endpoint_fixture import FAST, running_endpoint
from tests.studio.studio_fixture import Studio


@dataclass
class MovedTime:
    """An account of its own in which it is ``hours`` later than it is."""

    studio: Studio
    hours: float = 0.0

    def clock(self) -> datetime:
        """The time there."""
        return datetime.now(UTC) + timedelta(hours=self.hours)

    def pass_hours(self, hours: float) -> None:
        """Let it be later, for the endpoint and the product."""
        self.hours += hours
        self.studio.endpoint.move_clock(hours)

    def tools(self, **params: Any) -> ToolBox:
        """A tool box that goes by this time."""
        return replace(self.studio.tools(run_key="run-moved", **params), clock=self.clock)

    def sweep(self) -> SweepReport:
        """What ``release_capacity`` does at this time."""
        return release_expired(self.studio.client, [self.studio.workspace], self.clock)

    def billing(self) -> list[str]:
        """What the endpoint's meter charges by the hour or month now, by unit."""
        running = self.studio.endpoint.admin("GET", "bill")["running"]
        return sorted(line["unit"] for line in running)

    def order_faults(self, *faults: dict[str, Any]) -> None:
        """Put these faults of the endpoint in force, in place of others."""
        self.studio.endpoint.admin("PUT", "faults", {"faults": list(faults)})


@contextmanager
def moved_time(data: Path) -> Iterator[MovedTime]:
    """An endpoint over the folder ``data``, stopped when the block ends."""
    with running_endpoint(data, FAST) as endpoint:
        yield MovedTime(Studio.opened(endpoint))

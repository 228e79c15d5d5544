"""The clock that states and bills follow: the machine's, set ahead as far as a test orders.

What it does not: signatures, S3 and SQS go by the machine's own clock, as their clients do.
"""

from datetime import UTC, datetime, timedelta

from local_aws.storage.state_store import StateStore

KIND = "clock"
AHEAD = "ahead"


class Clock:
    """Time that can be moved and outlives a restart; read on every call."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        kept = state.get(KIND, AHEAD)
        self._ahead = timedelta(seconds=kept["seconds"] if kept else 0.0)

    @property
    def ahead_seconds(self) -> float:
        """How far it is ahead of the machine's clock."""
        return self._ahead.total_seconds()

    def set_ahead(self, seconds: float) -> None:
        """Run this many seconds ahead of the machine's clock; 0 goes with it again."""
        self._state.put(KIND, AHEAD, {"seconds": seconds})
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC) + self._ahead

"""The clock of states and bills: the machine's clock plus an offset, which tests can set and stop.

Signatures, S3 and SQS use the machine's own clock, as their clients do.
"""

from datetime import UTC, datetime, timedelta

from local_aws.storage.state_store import StateStore

KIND = "clock"
AHEAD = "ahead"


class Clock:
    """A clock whose offset is stored across restarts and read on every call."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        kept = state.get(KIND, AHEAD)
        self._ahead = timedelta(seconds=kept["seconds"] if kept else 0.0)
        self._stopped_at: datetime | None = None

    @property
    def ahead_seconds(self) -> float:
        """Seconds by which this clock is ahead of the machine's."""
        return self._ahead.total_seconds()

    def set_ahead(self, seconds: float) -> None:
        """Set the offset to the machine's clock, in seconds; 0 removes it."""
        self._state.put(KIND, AHEAD, {"seconds": seconds})
        self._ahead = timedelta(seconds=seconds)

    @property
    def stopped(self) -> bool:
        """Whether only `set_ahead` moves it."""
        return self._stopped_at is not None

    def stop(self) -> None:
        """Stand still until `run` or a restart."""
        self._stopped_at = self._stopped_at or datetime.now(UTC)

    def run(self) -> None:
        """Follow the machine's clock again."""
        self._stopped_at = None

    def now(self) -> datetime:
        """Return the time, timezone-aware, in UTC."""
        return (self._stopped_at or datetime.now(UTC)) + self._ahead

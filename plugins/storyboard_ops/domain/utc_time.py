"""Get and format moments: time zone aware, in UTC, as ISO 8601."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the current time, time zone aware."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Format as ``2026-11-23T08:00:00+00:00``, to the second, for people to read."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def iso_millis(moment: datetime) -> str:
    """Format as ``2026-11-23T08:00:00.125+00:00``, where creation times identify a resource."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def hours_between(earlier: str, later: str) -> float:
    """Return the hours between two moments in ISO 8601, never below 0."""
    seconds = (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
    return max(0.0, seconds / 3600)

"""What documents and answers of the control planes share: times, and members without a value."""

from datetime import datetime
from typing import Any


def parse_time(text: str) -> datetime:
    """Parse a stored ISO 8601 text into a timezone-aware time."""
    return datetime.fromisoformat(text)


def drop_none(members: dict[str, Any]) -> dict[str, Any]:
    """Return `members` without those that are None."""
    return {name: value for name, value in members.items() if value is not None}

"""Leases: tags with owner and end on every resource that bills while it exists.

``release_capacity`` depends on nothing else: it finds resources past their lease in the account,
without any record of the run that created them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.utc_time import iso

OWNER_TAG, RUN_TAG, EXPIRES_TAG = "storyboard:owner", "storyboard:run", "storyboard:expires"
OWNER = "storyboard-pipeline"
#: Longest ``lease_h`` of a run, in hours.
LONGEST_LEASE_H = 168
#: Written instead of a moment on resources kept on purpose, such as a customized model.
NEVER = "never"


class Lease(Record):
    """The run that owns a resource, and how long it may exist."""

    run: str  # run key
    expires: datetime | None  # None: it is kept on purpose

    def is_over(self, now: datetime) -> bool:
        """Return whether the lease has expired, so the resource may be deleted."""
        return self.expires is not None and self.expires <= now

    @property
    def tags(self) -> dict[str, str]:
        """The lease as tags."""
        end = NEVER if self.expires is None else iso(self.expires)
        return {OWNER_TAG: OWNER, RUN_TAG: self.run, EXPIRES_TAG: end}


def is_ours(tags: Mapping[str, str]) -> bool:
    """Return whether the pipeline created the resource with these tags."""
    return tags.get(OWNER_TAG) == OWNER


def read_lease(tags: Mapping[str, str]) -> Lease:
    """Parse the lease in tags; raises BadInput when its end is missing or malformed."""
    text = tags.get(EXPIRES_TAG)
    if text == NEVER:
        return Lease(run=tags.get(RUN_TAG, ""), expires=None)
    try:
        expires = datetime.fromisoformat(text or "")
    except ValueError as error:
        raise BadInput(
            f"The tag {EXPIRES_TAG} is {text!r}: write a moment like 2026-11-23T08:00:00+00:00, "
            f"or {NEVER!r}."
        ) from error
    if expires.tzinfo is None:
        expires = expires.replace(tzinfo=UTC)
    return Lease(run=tags.get(RUN_TAG, ""), expires=expires)


def extend_lease(own: Lease, tags: Mapping[str, str]) -> Lease:
    """Return the lease for an adopted resource: the run's own or, if it ends later, the tagged one.

    So a run never shortens the lease of another run that uses the same resource.
    """
    try:
        found = read_lease(tags)
    except BadInput:
        return own
    # "Never" marks an idle resource that costs nothing; once it is used again, its lease ends.
    if own.expires and found.expires and found.expires > own.expires:
        return found
    return own

"""Leases: tags on everything that bills while it exists, saying whose it is and until when.

They are all that ``release_capacity`` goes by: it finds what is past its lease in the account, with
no record of the run that made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.utc_time import iso

OWNER_TAG, RUN_TAG, EXPIRES_TAG = "storyboard:owner", "storyboard:run", "storyboard:expires"
OWNER = "storyboard-pipeline"
#: Written in place of a moment on what is kept on purpose, such as a customized model.
NEVER = "never"


class Lease(Record):
    """Whose a resource is and how long it may live."""

    run: str  # run key
    expires: datetime | None  # None: it is kept on purpose

    def is_over(self, now: datetime) -> bool:
        """Whether it may be deleted."""
        return self.expires is not None and self.expires <= now

    @property
    def tags(self) -> dict[str, str]:
        """The tags that say so."""
        end = NEVER if self.expires is None else iso(self.expires)
        return {OWNER_TAG: OWNER, RUN_TAG: self.run, EXPIRES_TAG: end}


def is_ours(tags: Mapping[str, str]) -> bool:
    """Whether the pipeline has made the resource that carries these tags."""
    return tags.get(OWNER_TAG) == OWNER


def read_lease(tags: Mapping[str, str]) -> Lease:
    """The lease that tags tell of; raises BadInput when it has no end that can be understood."""
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


def extended(own: Lease, tags: Mapping[str, str]) -> Lease:
    """The lease of what a run adopts: its own, or the one that the tags tell of if it ends later.

    So a run never cuts the lease of another that uses the same thing.
    """
    try:
        found = read_lease(tags)
    except BadInput:
        return own
    # "Never" is on what rests and costs nothing: what is used again has an end.
    if own.expires and found.expires and found.expires > own.expires:
        return found
    return own

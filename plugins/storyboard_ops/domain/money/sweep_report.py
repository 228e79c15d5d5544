"""Report of ``release_capacity``: the resources it found and their outcome."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.error_tree import ReleaseFailed

#: released: deleted or stopped now. leased: ours, within its lease. malformed: ours, but the end of
#: its lease is unreadable; it is left alone. failed: it could not be deleted or stopped.
Outcome = Literal["released", "leased", "malformed", "failed"]


class SweptResource(Record):
    """One resource that the pipeline created."""

    kind: str
    name: str
    arn: str
    outcome: Outcome
    run: str = ""  # key of the run that created it
    expires_at: str = ""  # ISO 8601, "never", or empty where it could not be read
    reason: str = ""  # why it is malformed or failed


class SweepReport(Record):
    """All resources that one sweep found."""

    resources: tuple[SweptResource, ...]
    others: int = 0  # resources of other owners, which are not examined

    def with_outcome(self, *outcomes: Outcome) -> tuple[SweptResource, ...]:
        """Return the resources with one of these outcomes."""
        return tuple(one for one in self.resources if one.outcome in outcomes)

    @property
    def counts(self) -> dict[str, int]:
        """Number of resources by outcome."""
        return dict(Counter(one.outcome for one in self.resources))

    def raise_for_failures(self) -> None:
        """Raise ReleaseFailed naming every resource that needs a person."""
        left = self.with_outcome("failed", "malformed")
        if left:
            lines = [f"  {one.kind} {one.name} {one.arn}: {one.reason}" for one in left]
            raise ReleaseFailed(
                f"{len(left)} of {len(self.resources)} resources could not be released and may "
                "continue to bill. Fix their tag or the permissions, or delete them in the "
                "console:\n" + "\n".join(lines)
            )

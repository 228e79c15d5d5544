"""Report of ``release_capacity``: the resources it found and their outcome."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.error_tree import ReleaseFailed

#: released: deleted or stopped now. leased: ours, within its lease. malformed: tagged as ours, but
#: the end of its lease is unreadable. failed: it could not be examined, deleted or stopped.
#: unrecognized: it has the name or the tags of ours, but none of the workspaces knows it. overdue:
#: unrecognized, and past the lease in its tags for so long that nobody seems to release it. All but
#: the released are left alone.
Outcome = Literal["released", "leased", "malformed", "failed", "unrecognized", "overdue"]
#: Outcomes that need a person.
NEEDS_PERSON: tuple[Outcome, ...] = ("failed", "malformed", "overdue")


class SweptResource(Record):
    """One resource that the pipeline created, or that looks like it."""

    kind: str
    name: str
    arn: str
    outcome: Outcome
    run: str = ""  # key of the run that created it, by its tags
    expires_at: str = ""  # ISO 8601, "never", or empty where it could not be read
    claimed_at: str = ""  # ISO 8601, by the run's claim; empty without one
    reason: str = ""  # why it is neither released nor leased


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
        left = self.with_outcome(*NEEDS_PERSON)
        if left:
            lines = [f"  {one.kind} {one.name} {one.arn}: {one.reason}" for one in left]
            raise ReleaseFailed(
                f"{len(left)} of {len(self.resources)} resources were not released and may "
                "continue to bill. Fix their tags, the permissions or the workspaces in "
                "include/deployment.yaml, or delete them in the console:\n" + "\n".join(lines)
            )

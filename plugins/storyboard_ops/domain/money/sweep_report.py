"""What ``release_capacity`` found in the account, and what became of it."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.error_tree import ReleaseFailed

#: released: deleted or stopped now. leased: ours, and within its lease. malformed: ours, but nobody
#: can tell until when; it is left alone. failed: it should be gone and is not.
Outcome = Literal["released", "leased", "malformed", "failed"]


class SweptResource(Record):
    """One resource of ours."""

    kind: str
    name: str
    arn: str
    outcome: Outcome
    run: str = ""  # key of the run that made it
    expires_at: str = ""  # ISO 8601, "never", or empty where it could not be read
    reason: str = ""  # of a malformed lease or a failure


class SweepReport(Record):
    """Everything of ours that one sweep has seen."""

    resources: tuple[SweptResource, ...]
    others: int = 0  # resources of other owners; they are not looked at any closer

    def of(self, *outcomes: Outcome) -> tuple[SweptResource, ...]:
        """The resources that met one of these ends."""
        return tuple(one for one in self.resources if one.outcome in outcomes)

    @property
    def counts(self) -> dict[str, int]:
        """How many resources met which end."""
        return dict(Counter(one.outcome for one in self.resources))

    def raise_for_failures(self) -> None:
        """Raise ReleaseFailed naming everything that needs a person."""
        left = self.of("failed", "malformed")
        if left:
            lines = [f"  {one.kind} {one.name} {one.arn}: {one.reason}" for one in left]
            raise ReleaseFailed(
                f"{len(left)} of {len(self.resources)} could not be dealt with and may go on "
                "billing. Mend the tag or the rights, or delete it in the console:\n"
                + "\n".join(lines)
            )

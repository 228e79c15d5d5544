"""Report of preflight: one line per check, with a remedy where one is needed."""

from __future__ import annotations

from typing import Literal

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.money.paid_usage import Usage, sum_usages
from storyboard_ops.domain.preflight.estimate_basis import EstimateBasis
from storyboard_ops.domain.review.desk_choice import DeskChoice
from storyboard_ops.domain.training.trainer_choice import TrainerChoice

State = Literal["pass", "warn", "fail"]


class Finding(Record):
    """What a check before money is spent found, and what to do about it."""

    state: State
    finding: str
    remedy: str = ""

    def named(self, name: str) -> Check:
        """Return the finding as a line of the report."""
        return Check(name=name, **self.model_dump())


class Check(Finding):
    """A line of the report: a check by its name, and its finding."""

    name: str


def passed(finding: str) -> Finding:
    """Return the finding of a check that allows the run."""
    return Finding(state="pass", finding=finding)


def warned(finding: str, remedy: str = "") -> Finding:
    """Return a finding that people should know before the run."""
    return Finding(state="warn", finding=finding, remedy=remedy)


def failed(finding: str, remedy: str = "") -> Finding:
    """Return a finding that stops the run."""
    return Finding(state="fail", finding=finding, remedy=remedy)


class PreflightReport(Record):
    """All checks of a run, and its estimated cost."""

    checks: tuple[Check, ...]
    estimate: tuple[Usage, ...] = ()
    basis: EstimateBasis | None = None  # None: nothing was estimated
    estimate_usd: float = 0.0
    estimate_hours: float = 0.0  # of work; waits for people are not included
    unpriced: tuple[Usage, ...] = ()  # of the estimate, not in the sum
    price_table_date: str = ""
    desk: DeskChoice | None = None  # None: the run has no review, or its desk is not known
    trainer: TrainerChoice | None = None  # None: not known
    script_sha256: str = ""  # of the script that was priced

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.state == "fail")

    @property
    def cost_sentence(self) -> str:
        """What the run is expected to cost, as a sentence; empty without an estimate."""
        if not self.estimate:
            return ""
        if self.unpriced:
            without, items = len(sum_usages(self.unpriced)), len(sum_usages(self.estimate))
            return (
                f"What the whole run costs is not known: {without} of its {items} items have no "
                "sourced price."
            )
        return (
            f"The whole run is estimated at {self.estimate_usd:,.2f} USD by the prices of "
            f"{self.price_table_date}."
        )

    def table(self) -> str:
        """Format the checks as aligned text, for the task log and the terminal."""
        rows = [(check.state.upper(), check.name, check.finding) for check in self.checks]
        if self.cost_sentence:
            rows.append(("", "estimate", self.cost_sentence))
        width = max(len(name) for _, name, _ in rows)
        below = "\n" + " " * (width + 8)  # keep findings of several lines in their column
        return "\n".join(
            f"{state:4}  {name:{width}}  {finding.replace(chr(10), below)}"
            for state, name, finding in rows
        )

    def raise_for_failures(
        self, verdict: str = "Preflight refuses to start; nothing has been paid."
    ) -> None:
        """Raise GateClosed with the verdict and every failed check with its remedy."""
        if self.failed:
            lines = [f"  {check.name}: {check.finding} {check.remedy}" for check in self.failed]
            raise GateClosed(f"{verdict}\n" + "\n".join(lines))

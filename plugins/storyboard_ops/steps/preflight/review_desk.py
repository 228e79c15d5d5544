"""Choose the review desk of a run, once and before anything is paid; every call is free.

AWS documents that A2I is closed to new customers, but not how it refuses them. So the product
chooses A2I only where the account shows that it has it: a flow definition exists, and there is a
private work team to review. See docs/decisions/0067-the-review-desk.md.
"""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.error_tree import NotPermitted, RequestRefused
from storyboard_ops.domain.preflight.preflight_report import (
    Finding,
    PreflightReport,
    failed,
    passed,
    warned,
)
from storyboard_ops.domain.review.desk_choice import DeskChoice
from storyboard_ops.domain.settings.review import ReviewSection
from storyboard_ops.gateways.aws import account as account_facts
from storyboard_ops.gateways.review.human_review import HumanReview
from storyboard_ops.steps.money.cost_gate import PREFLIGHT
from storyboard_ops.steps.preflight.account.role_checks import check_trust
from storyboard_ops.steps.review.open_review import review_role_arn
from storyboard_ops.steps.run.earlier_runs import settings_of_run
from storyboard_ops.steps.run.tool_box import ToolBox

#: Answers of an account or a role that cannot use A2I. Any other error decides nothing.
UNAVAILABLE = (NotPermitted, RequestRefused)
ON_PARAMETER = "as the parameter review_desk says"
LET_PEOPLE_REVIEW = "To review on the approval page of the Airflow UI, set review_desk to page."


def choose_desk(tools: ToolBox[ReviewSection]) -> tuple[DeskChoice, Finding]:
    """Return the desk of a run, and what was found about it.

    What the preflight of this run has recorded earlier stays, even if the account has changed: the
    review may be open there. Raises ServiceError when the account gives no answer.
    """
    if tools.settings.review_desk != "choose":
        choice = DeskChoice(desk=tools.settings.review_desk, why=ON_PARAMETER)
        return choice, _check(tools, choice)
    if recorded := _recorded_choice(tools):
        return recorded, _check(tools, recorded)
    probe = probe_a2i(tools)
    if probe.state == "pass":
        why = f"chosen because the account has Amazon A2I: {_without_period(probe)}"
        choice = DeskChoice(desk="a2i", why=why)
    else:
        why = f"chosen because Amazon A2I cannot be used: {_without_period(probe)}"
        choice = DeskChoice(desk="page", why=why)
    return choice, passed(f"{choice}.")


def probe_a2i(tools: ToolBox[ReviewSection]) -> Finding:
    """Find out whether reviews can open on A2I; a warning where only creating them would show it.

    Raises ServiceError when the account gives no answer.
    """
    try:
        has_flows = HumanReview(
            tools.clients("sagemaker"), tools.clients("sagemaker-a2i-runtime")
        ).has_flows()
        team = _check_team(tools)
        role = check_trust(tools, review_role_arn(tools), "sagemaker.amazonaws.com")
    except UNAVAILABLE as error:
        return failed(
            f"A2I refuses this account or role ({error.fault}).",
            f"{LET_PEOPLE_REVIEW} If the account has A2I, add the rights of include/iam.",
        )
    for found in (team, role):
        if found.state == "fail":
            return found
    if not has_flows:
        return warned(
            "the account has no flow definition, and A2I takes no new customers.",
            f"Set review_desk to a2i only if the account has A2I. {LET_PEOPLE_REVIEW}",
        )
    return team


def _check_team(tools: ToolBox[ReviewSection]) -> Finding:
    teams = account_facts.private_workteams(tools.clients("sagemaker"))
    wanted = tools.settings.workteam_arn
    if (wanted and wanted in teams) or (not wanted and len(teams) == 1):
        return passed(f"team {wanted or teams[0]}.")
    found = ", ".join(teams) or "none"
    return failed(
        f"workteam_arn is {wanted!r}; private work teams of the account: {found}.",
        f"Set workteam_arn to one of them, or create one. {LET_PEOPLE_REVIEW}",
    )


def _check(tools: ToolBox[ReviewSection], choice: DeskChoice) -> Finding:
    """Check a desk that is decided already."""
    if choice.desk == "a2i":
        probe = probe_a2i(tools)
        return probe.model_copy(update={"finding": f"{choice}; {probe.finding}"})
    if choice.desk == "without_people":
        return warned(
            f"{choice}: the pipeline approves the pictures itself, and no person sees them.",
            "Set review_desk to choose to let people approve.",
        )
    return passed(f"{choice}.")


def _recorded_choice(tools: ToolBox[Any]) -> DeskChoice | None:
    """Return the desk that this run's preflight recorded when it passed."""
    settings = settings_of_run(tools.workspace, tools.objects, tools.run_key)
    if not isinstance(settings, ReviewSection) or settings.review_desk == "choose":
        return None
    report = tools.read_record(PREFLIGHT, PreflightReport)
    if report and report.desk and report.desk.desk == settings.review_desk:
        return report.desk
    return DeskChoice(desk=settings.review_desk, why="as an earlier preflight of this run recorded")


def _without_period(found: Finding) -> str:
    return found.finding.rstrip(".")

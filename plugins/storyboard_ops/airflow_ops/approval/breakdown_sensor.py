"""Wait until people have approved the breakdown of the script, without occupying a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

from storyboard_ops.airflow_ops.approval.page_wait import PageProgress, PageWait
from storyboard_ops.airflow_ops.approval.paths import breakdown_page
from storyboard_ops.airflow_ops.task_bridge import tool_box
from storyboard_ops.core.text.visible import isolated

if TYPE_CHECKING:
    from storyboard_ops.steps.run.tool_box import ToolBox


class BreakdownApprovalSensor(PageWait):
    """Hold the run until people have finished the breakdown; pass at once where nobody is asked.

    Then the run draws the panels that they have approved.

    :param breakdown: the XCom of ``break_down_script``: counts, and whether people are asked.
    """

    template_fields = ("breakdown",)
    ui_color = "#d7e8d3"
    what, waits_again = "breakdown", "wait_for_breakdown"
    page = staticmethod(breakdown_page)

    def __init__(self, *, breakdown: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.breakdown = breakdown

    def execute(self, context: Context) -> dict[str, int]:
        if not self.breakdown["asked"]:
            self.log.info("Nobody is asked about the panels of this run.")
            return {"panels": self.breakdown["panels"]}
        return self.wait_for_page(context, tool_box())

    def read_progress(self, tools: ToolBox[Any]) -> PageProgress:
        """Return how many scenes are approved, and who finished the breakdown, if any."""
        from storyboard_ops.steps.storyboard.breakdown.desk import open_breakdown_desk

        desk = open_breakdown_desk(tools)
        state = desk.state()
        counts = {
            "scenes": len(desk.board.scenes),
            "open": desk.undecided(state),
            "panels": len(desk.breakdown(state).panels),
        }
        words = "{open} of {scenes} scenes open, {panels} panels".format(**counts)
        return PageProgress(words, counts, state.closed)

    def finished(self, tools: ToolBox[Any], progress: PageProgress) -> dict[str, int]:
        """Give the approved panels to the tasks that follow."""
        from storyboard_ops.steps.storyboard.breakdown.desk import open_breakdown_desk

        open_breakdown_desk(tools).settle()
        return progress.counts

    def question(self, title: str, page: str, why: str) -> tuple[str, str]:
        """Return subject and text of the required action."""
        return (
            f"Approve the panels of {isolated(title)}",
            f"The script is broken down into panels; edit and approve them on the "
            f"[breakdown page]({page}). When you finish there, the run continues by itself. ",
        )

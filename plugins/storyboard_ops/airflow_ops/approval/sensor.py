"""Wait for people's approval, at any desk, without occupying a worker.

One deferred trigger polls A2I for all human loops of the run. For the approval page the task waits
in Airflow's ``awaiting_input``, which needs neither worker nor triggerer; finishing the review
there resumes it. See docs/decisions/0061-the-wait-for-people.md.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context
from airflow.sdk.exceptions import TaskDeferralTimeout

from storyboard_ops.airflow_ops.approval.page_wait import PageProgress, PageWait, Wait
from storyboard_ops.airflow_ops.approval.paths import review_page
from storyboard_ops.airflow_ops.approval.trigger import HumanLoopsTrigger
from storyboard_ops.airflow_ops.task_bridge import AWS_CONN_ID, tool_box
from storyboard_ops.core.text.visible import isolated
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.error_tree import JobFailed, NotFinished
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.review.review_records import HumanLoop, OpenedReview
from storyboard_ops.steps.run.under_way import begin_wait, end_wait

if TYPE_CHECKING:
    from storyboard_ops.steps.run.tool_box import ToolBox


class HumanApprovalSensor(PageWait):
    """Hold the run until people have finished the review; pass at once without people.

    :param loops: ManifestRef of the opened review as a dict, the XCom of ``open_review``.
    """

    template_fields = ("loops",)
    ui_color = "#d7e8d3"
    page = staticmethod(review_page)

    def __init__(self, *, loops: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.loops = loops

    def execute(self, context: Context) -> dict[str, int]:
        tools = tool_box()
        manifest = tools.manifests.read(self._ref, HumanLoop, "human_loops")
        opened = OpenedReview.model_validate(manifest.header.summary)
        if opened.desk != "without_people" and self._is_decided(tools, opened):
            return {"pictures": opened.pictures}
        if opened.desk == "a2i":
            wait = self.new_wait(tools)
            begin_wait(tools, self.task_id)
            self.log.info("Waiting for people: %s", _where(opened, len(manifest.records)))
            self._defer_to_loops(tools, wait, opened, manifest.records)
        if opened.desk == "page":
            return self.wait_for_page(context, tools, opened.why)
        self.log.info("The review desk is %s; no people review.", opened.desk)
        return {"pictures": opened.pictures}

    @property
    def _ref(self) -> ManifestRef:
        return ManifestRef.model_validate(self.loops)

    def _is_decided(self, tools: ToolBox[Any], opened: OpenedReview) -> bool:
        """Return whether earlier runs decided about every picture, so that nobody is asked."""
        if opened.asked or (opened.desk == "page" and self.read_progress(tools).closed is None):
            return False
        self.log.info(
            "Nothing is new: people decided about all %d pictures in earlier runs. To be asked "
            "again, start a run with carry_over: nothing; on the approval page, reopen the review "
            "when this run has ended.",
            opened.pictures,
        )
        return True

    # -- A2I

    def _defer_to_loops(
        self,
        tools: ToolBox[Any],
        wait: Wait,
        opened: OpenedReview,
        loops: tuple[HumanLoop, ...],
    ) -> None:
        self.defer(
            trigger=HumanLoopsTrigger(
                flow_definition_arn=opened.flow_definition_arn,
                loop_names=[loop.name for loop in loops],
                created_after=opened.asked_since,
                poll_seconds=tools.settings.poll_seconds,
                aws_conn_id=AWS_CONN_ID,
                remind_at=wait.remind_at,
            ),
            method_name="execute_complete",
            kwargs={"wait": asdict(wait)},
            timeout=max(timedelta(0), datetime.fromisoformat(wait.deadline) - tools.clock()),
        )

    def _remind_of_loops(self, wait: Wait, ended: int) -> None:
        """Remind people of loops that nobody has answered, and wait for the rest of the time."""
        tools = tool_box()
        manifest = tools.manifests.read(self._ref, HumanLoop, "human_loops")
        opened = OpenedReview.model_validate(manifest.header.summary)
        words = f"{ended} of {pluralize(len(manifest.records), 'human loop')} answered"
        self.remind(wait, words, opened.portal)
        self._defer_to_loops(tools, replace(wait, remind_at=""), opened, manifest.records)

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context
    ) -> Any:
        """Resume after the wait; raises NotFinished, which is not retried, when it timed out."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralTimeout as error:
            raise NotFinished(
                "Some human loops were not answered within "
                f"{tool_box().settings.review_timeout_h:g} hours (review_timeout_h). Given answers "
                "are kept, and the other loops stay open until they are ten days old: clear "
                "wait_for_approval to wait again."
            ) from error

    def execute_complete(
        self, context: Context, event: dict[str, Any], wait: dict[str, str] | None = None
    ) -> dict[str, int]:
        """Return the number of answered loops, or remind people and wait again.

        Raises JobFailed naming the loops without an answer.
        """
        if wait and "states" not in event:
            self._remind_of_loops(Wait(**wait), event["ended"])
        end_wait(tool_box())
        states: dict[str, str] = event["states"]
        bad = sorted(name for name, state in states.items() if state != "Completed")
        if bad:
            raise JobFailed(
                f"{len(bad)} of {len(states)} human loops ended without an answer: "
                + ", ".join(f"{name} ({states[name]})" for name in bad)
                + ". Clear open_review to open them again; the other answers are kept."
            )
        self.log.info("All %d human loops are answered.", len(states))
        return {"loops": len(states)}

    # -- The approval page

    def read_progress(self, tools: ToolBox[Any]) -> PageProgress:
        """Return the totals, and who finished the review, if any; log progress by character."""
        from storyboard_ops.core.review.state import overall
        from storyboard_ops.steps.review.desk import open_desk_of_run

        desk = open_desk_of_run(tools, self._ref)
        state = desk.state()
        by_character = desk.progress(state)
        for character, progress in by_character.items():
            self.log.info("%s: %s", character, progress)
        total = overall(by_character)
        counts = {"approved": total.approved, "rejected": total.rejected, "open": total.open}
        return PageProgress(str(total), counts, state.closed)

    def question(self, title: str, page: str, why: str) -> tuple[str, str]:
        """Return subject and text of the required action."""
        return (
            f"Approve the pictures of {isolated(title)}",
            f"Decide about the pictures on the [approval page]({page}). When you finish the "
            "review there, the run continues by itself. "
            + (f"The desk is the page, {isolated(why)}. " if why else ""),
        )


def _where(opened: OpenedReview, loops: int) -> str:
    """Return where people answer, as the wait shows it."""
    where = opened.portal or "the worker portal of Amazon A2I"
    return f"{where}, {pluralize(loops, 'human loop')}"

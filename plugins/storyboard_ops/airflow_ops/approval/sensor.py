"""Wait for people's approval, at any desk, without occupying a worker.

One deferred trigger polls A2I for all human loops of the run. For the approval page the task waits
in Airflow's ``awaiting_input``, which needs neither worker nor triggerer; finishing the review
there resumes it. See docs/decisions/0061-the-wait-for-people.md.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import TaskAwaitingInput, TaskDeferralTimeout
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from storyboard_ops.airflow_ops.approval.paths import FINISHED, address, review_page
from storyboard_ops.airflow_ops.approval.trigger import HumanLoopsTrigger
from storyboard_ops.airflow_ops.refusals import without_traceback
from storyboard_ops.airflow_ops.task_bridge import AWS_CONN_ID, tool_box
from storyboard_ops.core.text.visible import isolated
from storyboard_ops.domain.error_tree import JobFailed, NotFinished, Outage
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.review.review_records import Closing, HumanLoop, OpenedReview
from storyboard_ops.domain.settings.run import RunSettings

if TYPE_CHECKING:
    from storyboard_ops.core.review.state import Progress
    from storyboard_ops.steps.run.tool_box import ToolBox

#: How often the sensor checks the review: to log progress, and in case a finish did not wake it.
CHECK_INTERVAL = timedelta(minutes=10)


@dataclass(frozen=True)
class Wait:
    """A wait on the approval page, as the arguments of the parked task keep it."""

    title: str
    deadline: str  # ISO 8601
    why: str = ""  # why this desk
    remind_at: str = ""  # ISO 8601; empty: nobody is reminded, or they were


def _base_url() -> str:
    return str(conf.get("api", "base_url", fallback=""))


def _page_of(context: Context) -> str:
    run = context["dag_run"]
    return address(_base_url(), review_page(_base_url(), run.dag_id, run.run_id))


class HumanApprovalSensor(BaseOperator):
    """Hold the run until people have finished the review; pass at once without people.

    :param loops: ManifestRef of the opened review as a dict, the XCom of ``open_review``.
    """

    template_fields = ("loops",)
    ui_color = "#d7e8d3"

    def __init__(self, *, loops: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.loops = loops

    @without_traceback
    def execute(self, context: Context) -> dict[str, int]:
        tools = tool_box()
        manifest = tools.manifests.read(self._ref, HumanLoop, "human_loops")
        opened = OpenedReview.model_validate(manifest.header.summary)
        timeout = timedelta(hours=tools.settings.review_timeout_h)
        if opened.desk != "without_people" and self._is_decided(tools, opened):
            return {"pictures": opened.pictures}
        if opened.desk == "a2i":
            self._defer_to_loops(opened, manifest.records, tools.settings.poll_seconds, timeout)
        if opened.desk == "page":
            now, remind_after = tools.clock(), timedelta(hours=tools.settings.remind_after_h)
            wait = Wait(
                title=tools.production.production,
                deadline=(now + timeout).isoformat(),
                why=opened.why,
                remind_at=(now + remind_after).isoformat() if remind_after else "",
            )
            self.log.info("Waiting for people: %s", _page_of(context))
            return self._check_review(context, wait)
        self.log.info("The review desk is %s; no people review.", opened.desk)
        return {"pictures": opened.pictures}

    @property
    def _ref(self) -> ManifestRef:
        return ManifestRef.model_validate(self.loops)

    def _is_decided(self, tools: ToolBox[RunSettings], opened: OpenedReview) -> bool:
        """Return whether earlier runs decided about every picture, so that nobody is asked."""
        if opened.asked or (opened.desk == "page" and self._progress(tools)[1] is None):
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
        opened: OpenedReview,
        loops: tuple[HumanLoop, ...],
        poll_seconds: float,
        timeout: timedelta,
    ) -> None:
        self.log.info(
            "Waiting for people: %d human loops in the worker portal of Amazon A2I.", len(loops)
        )
        self.defer(
            trigger=HumanLoopsTrigger(
                flow_definition_arn=opened.flow_definition_arn,
                loop_names=[loop.name for loop in loops],
                created_after=opened.asked_since,
                poll_seconds=poll_seconds,
                aws_conn_id=AWS_CONN_ID,
            ),
            method_name="execute_complete",
            timeout=timeout,
        )

    @without_traceback
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

    @without_traceback
    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, int]:
        """Return the number of answered loops; raises JobFailed naming those without an answer."""
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

    @without_traceback
    def resume_wait(self, context: Context, event: dict[str, Any], **wait: str) -> dict[str, int]:
        """Check again after the page, a person in Airflow's required actions, or time woke it."""
        return self._check_review(context, Wait(**wait))

    def _check_review(self, context: Context, wait: Wait) -> dict[str, int]:
        """Return the totals when the review is finished, else wait in ``awaiting_input``.

        The question is posted before the log is read: a review that is finished in between
        answers it, and Airflow then resumes the task at once. It is posted during an outage too,
        because Airflow does not let a task wait whose question is answered.
        """
        deadline = datetime.fromisoformat(wait.deadline)
        self._post_question(context, wait.title, deadline, wait.why)
        pause = CHECK_INTERVAL
        try:
            tools = tool_box()
            total, closed = self._progress(tools)
            if closed:
                self.log.info("%s finished the review: %s.", closed.by, total)
                return {"approved": total.approved, "rejected": total.rejected, "open": total.open}
            pause = min(CHECK_INTERVAL, self._time_left(tools, deadline, total))
            wait = self._remind_in_time(context, wait, tools.clock(), total)
        except Outage as error:
            self.log.warning("The review cannot be read now; checking again later: %s", error)
        raise TaskAwaitingInput(
            method_name="resume_wait",
            kwargs=asdict(wait),
            timeout=pause,
        )

    def _remind_in_time(self, context: Context, wait: Wait, now: datetime, total: Progress) -> Wait:
        """Remind people once, when it is time; returns the wait that goes on."""
        if not wait.remind_at or now < datetime.fromisoformat(wait.remind_at):
            return wait
        from storyboard_ops.airflow_ops.approval.reminder import remind

        subject = f"A review waits for people: {isolated(wait.title)}"
        until = f"{datetime.fromisoformat(wait.deadline):%-d %B %Y, %H:%M} UTC"
        remind(subject, f"{total}. The run waits until {until}.", _page_of(context))
        return replace(wait, remind_at="")

    def _progress(self, tools: ToolBox[RunSettings]) -> tuple[Progress, Closing | None]:
        """Return the totals, and who finished the review, if any; log progress by character."""
        from storyboard_ops.core.review.state import overall
        from storyboard_ops.steps.review.desk import open_desk_of_run

        desk = open_desk_of_run(tools, self._ref)
        state = desk.state()
        by_character = desk.progress(state)
        for character, progress in by_character.items():
            self.log.info("%s: %s", character, progress)
        return overall(by_character), state.closed

    def _time_left(
        self, tools: ToolBox[RunSettings], deadline: datetime, total: Progress
    ) -> timedelta:
        """Return the time left for the review; raises NotFinished when there is none."""
        left = deadline - tools.clock()
        if left <= timedelta(0):
            raise NotFinished(
                f"The review was not finished within {tools.settings.review_timeout_h:g} hours "
                f"(review_timeout_h): {total}. Every decision is kept: clear wait_for_approval to "
                "wait again."
            )
        return left

    def _post_question(
        self, context: Context, title: str, deadline: datetime, why: str = ""
    ) -> None:
        run = context["dag_run"]
        page = review_page(_base_url(), run.dag_id, run.run_id)
        upsert_hitl_detail(
            ti_id=context["ti"].id,
            options=[FINISHED],
            subject=f"Approve the pictures of {isolated(title)}",
            body=(
                f"Decide about the pictures on the [approval page]({page}). When you finish the "
                "review there, the run continues by itself. "
                + (f"The desk is the page, {isolated(why)}. " if why else "")
                + f"It waits until {deadline:%-d %B %Y, %H:%M} UTC."
            ),
            defaults=[FINISHED],
            params={},
        )

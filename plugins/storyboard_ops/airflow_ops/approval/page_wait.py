"""Wait for a page on which people decide, in Airflow's ``awaiting_input``.

That needs neither worker nor triggerer; finishing on the page resumes the task. See
docs/decisions/0061-the-wait-for-people.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.sdk import Context
from airflow.sdk.exceptions import TaskAwaitingInput
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from storyboard_ops.airflow_ops.approval.paths import FINISHED, address
from storyboard_ops.airflow_ops.refusals import without_traceback
from storyboard_ops.airflow_ops.task_bridge import tool_box
from storyboard_ops.airflow_ops.tasks.kinds import MINUTES, REVIEWERS, PipelineOperator
from storyboard_ops.core.text.visible import isolated
from storyboard_ops.domain.error_tree import NotFinished, Outage
from storyboard_ops.domain.review.review_records import Closing
from storyboard_ops.steps.run.under_way import begin_wait, end_wait

if TYPE_CHECKING:
    from storyboard_ops.steps.run.tool_box import ToolBox

#: How often the task checks the log: to log progress, and in case a finish did not wake it.
CHECK_INTERVAL = timedelta(minutes=10)


@dataclass(frozen=True)
class Wait:
    """A wait for a page, as the arguments of the parked task keep it."""

    title: str
    deadline: str  # ISO 8601
    why: str = ""  # why this desk
    remind_at: str = ""  # ISO 8601; empty: nobody is reminded, or they were


@dataclass(frozen=True)
class PageProgress:
    """How far people are, in words and in numbers, and who has finished."""

    words: str
    counts: dict[str, int]
    closed: Closing | None


class PageWait(PipelineOperator):
    """A task that waits until people have finished on a page."""

    KIND = {"owner": REVIEWERS, "execution_timeout": MINUTES}
    #: What is waited for, and the task to clear to wait again.
    what, waits_again = "review", "wait_for_approval"
    #: Returns the path of the page, given Airflow's base URL, the DAG and the run.
    page: Callable[[str, str, str], str]

    def read_progress(self, tools: ToolBox[Any]) -> PageProgress:
        """Return how far people are."""
        raise NotImplementedError

    def question(self, title: str, page: str, why: str) -> tuple[str, str]:
        """Return subject and text of the required action, which leads to the page."""
        raise NotImplementedError

    def finished(self, tools: ToolBox[Any], progress: PageProgress) -> dict[str, int]:
        """Do what is to be done when people have finished; returns the task's result."""
        return progress.counts

    def wait_for_page(self, context: Context, tools: ToolBox[Any], why: str = "") -> dict[str, int]:
        """Return the result when people have finished, else wait in ``awaiting_input``."""
        self.log.info("Waiting for people: %s", self._address(context))
        begin_wait(tools, self.task_id)
        return self._check_page(context, self.new_wait(tools, why))

    def new_wait(self, tools: ToolBox[Any], why: str = "") -> Wait:
        """Return a wait that begins now."""
        now, settings = tools.clock(), tools.settings
        remind_after = timedelta(hours=settings.remind_after_h)
        return Wait(
            title=tools.production.production,
            deadline=(now + timedelta(hours=settings.review_timeout_h)).isoformat(),
            why=why,
            remind_at=(now + remind_after).isoformat() if remind_after else "",
        )

    @without_traceback
    def resume_wait(self, context: Context, event: dict[str, Any], **wait: str) -> dict[str, int]:
        """Check again after the page, a person in Airflow's required actions, or time woke it."""
        return self._check_page(context, Wait(**wait))

    def _check_page(self, context: Context, wait: Wait) -> dict[str, int]:
        """Return the result when the page is finished, else wait in ``awaiting_input``.

        The question is posted before the log is read: a review that is finished in between
        answers it, and Airflow then resumes the task at once. It is posted during an outage too,
        because Airflow does not let a task wait whose question is answered.
        """
        deadline = datetime.fromisoformat(wait.deadline)
        self._post_question(context, wait.title, deadline, wait.why)
        pause = CHECK_INTERVAL
        try:
            tools = tool_box()
            progress = self.read_progress(tools)
            if progress.closed:
                self.log.info(
                    "%s finished the %s: %s.", progress.closed.by, self.what, progress.words
                )
                end_wait(tools)
                return self.finished(tools, progress)
            pause = min(CHECK_INTERVAL, self._time_left(tools, deadline, progress))
            wait = self._remind_in_time(context, wait, tools.clock(), progress)
        except Outage as error:
            self.log.warning(
                "The %s cannot be read now; checking again later: %s", self.what, error
            )
        raise TaskAwaitingInput(method_name="resume_wait", kwargs=asdict(wait), timeout=pause)

    def _remind_in_time(
        self, context: Context, wait: Wait, now: datetime, progress: PageProgress
    ) -> Wait:
        """Remind people once, when it is time; returns the wait that goes on."""
        if not wait.remind_at or now < datetime.fromisoformat(wait.remind_at):
            return wait
        self.remind(wait, progress.words, self._address(context))
        return replace(wait, remind_at="")

    def remind(self, wait: Wait, words: str, link: str) -> None:
        """Remind people of a wait; ``words``: how far they are."""
        from storyboard_ops.airflow_ops.reminder import remind

        subject = f"A {self.what} waits for people: {isolated(wait.title)}"
        until = f"{datetime.fromisoformat(wait.deadline):%-d %B %Y, %H:%M} UTC"
        remind(subject, f"{words}. The run waits until {until}.", link)

    def _time_left(
        self, tools: ToolBox[Any], deadline: datetime, progress: PageProgress
    ) -> timedelta:
        """Return the time left for people; raises NotFinished when there is none."""
        left = deadline - tools.clock()
        if left <= timedelta(0):
            raise NotFinished(
                f"The {self.what} was not finished within {tools.settings.review_timeout_h:g} "
                f"hours (review_timeout_h): {progress.words}. Every decision is kept: clear "
                f"{self.waits_again} to wait again."
            )
        return left

    def _post_question(self, context: Context, title: str, deadline: datetime, why: str) -> None:
        subject, body = self.question(title, self._path(context), why)
        upsert_hitl_detail(
            ti_id=context["ti"].id,
            options=[FINISHED],
            subject=subject,
            body=f"{body}It waits until {deadline:%-d %B %Y, %H:%M} UTC.",
            defaults=[FINISHED],
            params={},
        )

    def _path(self, context: Context) -> str:
        run = context["dag_run"]
        return type(self).page(_base_url(), run.dag_id, run.run_id)

    def _address(self, context: Context) -> str:
        return address(_base_url(), self._path(context))


def _base_url() -> str:
    return str(conf.get("api", "base_url", fallback=""))

"""Train a model, provide what serves it, draw with it: idempotent, deferred, stopped with the task.

The provider's operators start a second paid job on retry, because they generate a new name. Here
names derive from the inputs, so that a retry, a cleared task or a restart adopts what exists. Each
operator asks the run's trainer or the model's painter; what they wait for is a ``Wait``.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context, TriggerRule
from airflow.sdk.exceptions import (
    AirflowRescheduleException,
    AirflowSkipException,
    TaskDeferralTimeout,
)

from storyboard_ops.airflow_ops.heavy_tasks import heavy_executor
from storyboard_ops.airflow_ops.task_bridge import tool_box
from storyboard_ops.airflow_ops.tasks.kinds import ATTENDED_JOB, MINUTES, PipelineOperator
from storyboard_ops.airflow_ops.training.triggers import trigger_of
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import NotFinished, QuotaExhausted
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel, Wait
from storyboard_ops.domain.utc_time import utc_now
from storyboard_ops.gateways.deployment_file import read_deployment
from storyboard_ops.steps.training.trainers import trainer_of

if TYPE_CHECKING:
    from storyboard_ops.steps.storyboard.painter import Painter

#: Keys of what was waited for in the events of the provider's triggers.
NAMES = ("job_name", "provisioned_model_id")
#: A task that finds a limit of the account used up starts again after the pause, outside a worker.
QUOTA_PAUSE, QUOTA_PATIENCE = timedelta(minutes=5), timedelta(hours=24)


class JobOperator(PipelineOperator):
    """Start or adopt work of a service, defer until it has ended, and return its result."""

    KIND = {"execution_timeout": ATTENDED_JOB}
    ui_color = "#f4e3c1"
    #: Parameter of the run that limits the wait, for messages; empty: none does.
    limited_by = ""

    @abstractmethod
    def start(self) -> Record:
        """Start or adopt the work; returns a Wait, or the result when nothing is waited for."""

    @abstractmethod
    def finish(self, name: str) -> Record:
        """Return the result, or another Wait when other work was started in its place."""

    @abstractmethod
    def stop(self) -> None:
        """Stop the work, because nobody waits for it any more."""

    def execute(self, context: Context) -> dict[str, Any]:
        try:
            started = self.start()
        except QuotaExhausted as error:
            self._wait_for_room(context, error)
            raise
        return self._return_or_wait(started, context)

    def _wait_for_room(self, context: Context, error: QuotaExhausted) -> None:
        """Start the task again later, when other runs may have ended; return after long enough."""
        now, began = utc_now(), context["ti"].get_first_reschedule_date(context)
        if began and now - began > QUOTA_PATIENCE:
            return
        self.log.warning(
            "Waiting for room in the account; the next look is in 5 minutes: %s", error
        )
        raise AirflowRescheduleException(now + QUOTA_PAUSE)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        if event["status"] != "success":
            self.stop()  # the wait can end before the job
        # The event only says that the wait is over; the service says how the job ended.
        name = next(event[key] for key in NAMES if key in event)
        return self._return_or_wait(self.finish(name), context)

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context
    ) -> Any:
        """Resume after the wait; when it timed out, stop the job and raise NotFinished."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralTimeout as error:
            self.stop()
            if not self.limited_by:
                raise
            hours = getattr(tool_box().settings, self.limited_by)
            raise NotFinished(
                f"{self.task_id} has not ended within {hours} hours ({self.limited_by}) and was "
                f"stopped. Raise it, or give it less to do, and clear {self.task_id}."
            ) from error

    def on_kill(self) -> None:
        self.stop()

    def _return_or_wait(self, result: Record, context: Context) -> dict[str, Any]:
        while isinstance(result, Wait) and result.attended:
            time.sleep(tool_box().settings.poll_seconds)
            result = self.finish(result.name)
        if not isinstance(result, Wait):
            return result.model_dump(mode="json")
        context["ti"].xcom_push(key="job_name", value=result.name)  # visible while it runs
        self.defer(
            trigger=trigger_of(result, tool_box().settings.poll_seconds),
            method_name="execute_complete",
            timeout=timedelta(hours=result.hours),
        )


def place_of_jobs() -> dict[str, str]:
    """Return queue and pool of the tasks whose work may be on the studio's own machine."""
    gpu = read_deployment().gpu
    placed = {"queue": gpu.queue, "pool": gpu.pool} if gpu else {}
    return {name: value for name, value in placed.items() if value}


def place_of_drawing() -> dict[str, str | None]:
    """Return where panels are drawn: at the studio's own machine; without one, as a heavy task."""
    if read_deployment().gpu:
        return {**place_of_jobs()}
    return {"executor": heavy_executor()}


class CustomizeModelOperator(JobOperator):
    """Train a model on the approved dataset with the run's trainer; returns a TrainedModel.

    :param dataset: TrainingSet as a dict, usually the XCom of ``apply_review``.
    """

    template_fields = ("dataset",)
    limited_by = "training_timeout_h"

    def __init__(self, *, dataset: Any, **kwargs: Any) -> None:
        super().__init__(**{**place_of_jobs(), **kwargs})
        self.dataset = dataset

    def execute(self, context: Context) -> dict[str, Any]:
        if not tool_box().settings.draws:
            raise AirflowSkipException(
                "trainer is dataset_only: the approved dataset is the result of this run."
            )
        return super().execute(context)

    def start(self) -> Record:
        return trainer_of(tool_box()).start(TrainingSet.model_validate(self.dataset))

    def finish(self, name: str) -> Record:
        dataset = TrainingSet.model_validate(self.dataset)
        return trainer_of(tool_box()).finish(dataset, name)

    def stop(self) -> None:
        trainer_of(tool_box()).stop()


class ProvisionThroughputOperator(JobOperator):
    """Buy capacity that serves the model; returns a Capacity.

    Skipped where a job draws, or there is nothing to draw.

    The teardown ``release_throughput`` deletes it, whatever happened.

    :param model: TrainedModel as a dict, usually the XCom of ``customize_model``.
    """

    KIND = {"execution_timeout": MINUTES}
    template_fields = ("model",)

    def __init__(self, *, model: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model = model

    def start(self) -> Record:
        require_panels()
        painter, model = painter_for(self.model)
        if reason := painter.why_nothing_is_provided(model):
            raise AirflowSkipException(reason)
        return painter.provide(model)

    def finish(self, name: str) -> Record:
        return painter_for(self.model)[0].provided(name)

    def stop(self) -> None:
        """Leave the capacity to the teardown, which also knows what a killed task has bought."""


class DrawStoryboardOperator(JobOperator):
    """Draw the panels of the script with a trained model; returns a ManifestRef.

    Skipped where there is no panel.

    :param model: TrainedModel as a dict, usually the XCom of ``customize_model``.
    :param capacity: Capacity as a dict; None where its task was skipped.
    """

    template_fields = ("model", "capacity")
    limited_by = "lease_h"

    def __init__(self, *, model: Any, capacity: Any, **kwargs: Any) -> None:
        # Capacity is skipped where a job draws, and both are where nothing is trained.
        kwargs.setdefault("trigger_rule", TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
        super().__init__(**{**place_of_drawing(), **kwargs})
        self.model = model
        self.capacity = capacity

    def start(self) -> Record:
        require_panels()
        capacity = Capacity.model_validate(self.capacity) if self.capacity else None
        painter, model = painter_for(self.model)
        return painter.start(model, capacity)

    def finish(self, name: str) -> Record:
        painter, model = painter_for(self.model)
        return painter.finish(model, name)

    def stop(self) -> None:
        painter_for(self.model)[0].stop()


def require_panels() -> None:
    """Raise AirflowSkipException when the run has no panel to draw."""
    if not tool_box().production.storyboard:
        raise AirflowSkipException(
            "There is nothing to draw: the production has no storyboard, and the run names no "
            "script. The approved dataset, the model and the report are its results."
        )


def painter_for(model: Any) -> tuple[Painter, TrainedModel]:
    """Return what draws with a model, given as a dict, and the model."""
    # Imported here, because Airflow must not load OpenCV whenever it parses a DAG file.
    from storyboard_ops.steps.storyboard.painters import painter_of

    trained = TrainedModel.model_validate(model)
    return painter_of(tool_box(), trained), trained

"""What every task of a DAG says about itself: group, owner, time limit, documentation.

The time limits end tasks that hang: a decoder that waits for bytes, a machine that swaps. They are
far above what a task of the kind takes, because a task that is ended begins again. A wait outside a
worker, for people or for a job, does not count: its limit is a parameter of the run.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from airflow.sdk import BaseOperator, TaskGroup

from storyboard_ops.airflow_ops.refusals import without_traceback

#: Who is asked when a task waits or has failed.
PIPELINE, REVIEWERS, PRODUCERS = "pipeline", "reviewers", "producers"

#: A check, or a few documents and calls.
MINUTES = timedelta(hours=1)
#: All material of a run, or a range of a film: four hours of it, decoded at a sixth of its speed.
MATERIAL = timedelta(hours=24)
#: A job that the worker itself attends: training_timeout_h is at most 240 hours.
ATTENDED_JOB = timedelta(hours=264)

#: Limits of whole runs, above the sum of everything that a run may wait for: three times ten days
#: for people, and ten for a job; or the job alone. A run beyond it waits for nothing any more.
#: Airflow then skips what is left, the release too: ``release_capacity`` releases by the leases.
WITH_THREE_WAITS, WITH_ONE_JOB = timedelta(days=60), timedelta(days=21)

#: Groups of the graphs, by id: title, and what happens there.
STAGES: Mapping[str, tuple[str, str]] = {
    "find_characters": ("Find characters", "Sample the films, and find the characters in them."),
    "dataset": ("Dataset", "Cut pictures, drop near-duplicates, write captions, choose."),
    "people": ("People approve", "Ask people about the pictures, and publish what they approve."),
    "script": ("Script", "Break the script down into panels, which people approve."),
    "train": ("Train", "Agree to the cost, and train a model on the approved pictures."),
    "storyboard": ("Storyboard", "Draw the panels, and measure how like the characters they are."),
    "wrap_up": ("Wrap up", "Write the report, and release everything that bills."),
}


def stage(name: str) -> TaskGroup:
    """Return a group of ``STAGES`` for a DAG; it leaves the ids of its tasks as they are."""
    title, tooltip = STAGES[name]
    return TaskGroup(name, group_display_name=title, tooltip=tooltip, prefix_group_id=False)


class PipelineOperator(BaseOperator):
    """A task of the pipeline, documented by its docstring, whose refusals have no traceback."""

    #: Options that tasks of the class have unless the DAG sets others.
    KIND: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("execute", "execute_complete", "resume_execution"):
            if name in vars(cls):
                setattr(cls, name, without_traceback(vars(cls)[name]))

    def __init__(self, **kwargs: Any) -> None:
        documented = {"doc_md": inspect.getdoc(type(self)), **self.KIND, **kwargs}
        documented["doc_md"] = str(documented["doc_md"]).partition("\n:param ")[0].rstrip()
        super().__init__(**documented)

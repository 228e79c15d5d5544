"""A decorator for tasks that call a step: it converts arguments and results by annotation.

Steps take and return records; XCom carries JSON. A task is a function with annotations::

    @step_task
    def write_captions(tools: ToolBox, images: ManifestRef) -> ManifestRef:
        from storyboard_ops.steps.dataset.write_captions import write_captions

        return write_captions(tools, images)

In the DAG it takes every argument but ``tools``. Steps are imported inside the tasks, because
Airflow parses a DAG file every few seconds and must not load OpenCV, NumPy and the decoder then.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any, get_origin, get_type_hints, overload

from airflow.sdk import task
from pydantic import TypeAdapter

from storyboard_ops.airflow_ops.metrics import emitter
from storyboard_ops.airflow_ops.refusals import without_traceback
from storyboard_ops.airflow_ops.task_bridge import tool_box
from storyboard_ops.domain.monitoring.metrics import STEP_DURATION
from storyboard_ops.steps.run.tool_box import ToolBox

#: The parameter that the task fills in.
TOOLS = "tools"


@overload
def step_task(function: Callable[..., Any], /) -> Any: ...
@overload
def step_task(
    *, open_tools: Callable[[], ToolBox] = tool_box, **task_options: Any
) -> Callable[[Callable[..., Any]], Any]: ...
def step_task(
    function: Callable[..., Any] | None = None,
    /,
    *,
    open_tools: Callable[[], ToolBox] = tool_box,
    **task_options: Any,
) -> Any:
    """Turn a function that calls a step into an Airflow task.

    :param function: its annotations define the conversion from and to XCom; a parameter ``tools``
        receives the run's tool box.
    :param open_tools: returns the tool box.
    :param task_options: options of Airflow's ``@task``.
    """
    if function is None:
        return partial(_make_task, open_tools=open_tools, task_options=task_options)
    return _make_task(function, open_tools, task_options)


def _make_task(
    function: Callable[..., Any],
    open_tools: Callable[[], ToolBox],
    task_options: Mapping[str, Any],
) -> Any:
    signature = inspect.signature(function)
    parameters = [one for name, one in signature.parameters.items() if name != TOOLS]
    in_dag = signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)

    @wraps(function)
    @without_traceback
    def run(*args: Any, **kwargs: Any) -> Any:
        hints = get_type_hints(function)
        given = in_dag.bind(*args, **kwargs).arguments
        converted = {name: from_xcom(value, hints[name]) for name, value in given.items()}
        if TOOLS in signature.parameters:
            converted[TOOLS] = open_tools()
        with _timing(function.__name__):
            result = function(**converted)
        return TypeAdapter(hints["return"]).dump_python(result, mode="json")

    run.__signature__ = in_dag  # type: ignore[attr-defined]
    run.__annotations__ = {}
    # What a task returns is for the tasks after it; its log ends with a sentence.
    options = {"multiple_outputs": False, "show_return_value_in_logs": False, **task_options}
    options.setdefault("doc_md", function.__doc__)  # Airflow leaves it out of mapped tasks
    return task(**options)(run)


@contextmanager
def _timing(step: str) -> Iterator[None]:
    """Report how long a step took, also one that failed."""
    began = time.perf_counter()
    try:
        yield
    finally:
        emitter()(STEP_DURATION, time.perf_counter() - began, {"step": step})


def from_xcom(value: Any, annotation: Any) -> Any:
    """Convert a value of XCom to the type of an annotation.

    Raises ValidationError when the value does not fit. A list may be given as Airflow's lazy
    sequence, or as the bare value that Airflow passes for a mapped group with a single instance.
    """
    if get_origin(annotation) is list:
        value = [value] if isinstance(value, Mapping) else list(value)
    return TypeAdapter(annotation).validate_python(value)

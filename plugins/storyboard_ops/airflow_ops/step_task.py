"""One decorator for all tasks that call a step: it converts arguments and results by annotation.

Steps take and return records; XCom carries JSON. A task is a function with annotations::

    @step_task
    def crop_characters(tools: ToolBox, detections: list[ManifestRef]) -> ManifestRef:
        from storyboard_ops.steps.dataset.crop_characters import crop_characters

        return crop_characters(tools, detections)

In the DAG it takes everything but ``tools``. Steps are imported inside the tasks: Airflow parses a
DAG file every few seconds, and OpenCV, NumPy and the decoder must not be loaded then.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any, get_origin, get_type_hints

from airflow.sdk import task
from pydantic import TypeAdapter

from storyboard_ops.airflow_ops.task_bridge import tool_box
from storyboard_ops.steps.run.tool_box import ToolBox

#: The parameter that the task fills by itself.
TOOLS = "tools"


def step_task(
    function: Callable[..., Any] | None = None,
    *,
    open_tools: Callable[[], ToolBox] = tool_box,
    **task_options: Any,
) -> Any:
    """Make an Airflow task of a function that calls a step.

    :param function: its annotations say what XCom is converted to and from; a parameter ``tools``
        receives the run's tool box.
    :param open_tools: what opens the tool box.
    :param task_options: options of Airflow's ``@task``.
    """
    if function is None:
        return partial(step_task, open_tools=open_tools, **task_options)
    signature = inspect.signature(function)
    parameters = [one for name, one in signature.parameters.items() if name != TOOLS]
    in_dag = signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        hints = get_type_hints(function)
        given = in_dag.bind(*args, **kwargs).arguments
        converted = {name: from_xcom(value, hints[name]) for name, value in given.items()}
        if TOOLS in signature.parameters:
            converted[TOOLS] = open_tools()
        return TypeAdapter(hints["return"]).dump_python(function(**converted), mode="json")

    run.__signature__ = in_dag  # type: ignore[attr-defined]
    run.__annotations__ = {}
    return task(multiple_outputs=False, **task_options)(run)


def from_xcom(value: Any, annotation: Any) -> Any:
    """Convert a value of XCom to what an annotation asks for.

    Raises ValidationError when the value does not fit. A list is read from Airflow's lazy sequence,
    and from the bare value that Airflow passes for a mapped group with a single instance.
    """
    if get_origin(annotation) is list:
        value = [value] if isinstance(value, Mapping) else list(value)
    return TypeAdapter(annotation).validate_python(value)

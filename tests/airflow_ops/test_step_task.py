"""Tasks convert XCom to records and back by the annotations of the function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from storyboard_ops.airflow_ops.step_task import from_xcom, step_task
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.steps.run.tool_box import ToolBox

FIELDS = {"uri": "s3://studio/a.jsonl", "count": 2, "sha256": "0" * 64}
REF = ManifestRef.model_validate(FIELDS)
TOOLS: Any = object()


def opened() -> ToolBox:
    return TOOLS


@step_task(open_tools=opened)
def merge(tools: ToolBox, refs: list[ManifestRef], name: str) -> ManifestRef:
    """Merge manifests."""
    assert tools is TOOLS
    assert refs == [REF, REF]
    return REF.model_copy(update={"uri": name})


@step_task
def count(refs: list[ManifestRef]) -> dict[str, int]:
    return {"refs": len(refs)}


def test_arguments_become_records_and_the_result_becomes_json() -> None:
    answer = merge.function(refs=[FIELDS, FIELDS], name="s3://studio/b.jsonl")
    assert answer == {**FIELDS, "uri": "s3://studio/b.jsonl"}


def test_a_task_without_tools_opens_none() -> None:
    assert count.function([FIELDS]) == {"refs": 1}


def test_a_lazy_sequence_of_xcom_is_read() -> None:
    def lazy() -> Iterator[dict[str, Any]]:
        yield from (FIELDS, FIELDS)

    assert from_xcom(lazy(), list[ManifestRef]) == [REF, REF]


def test_the_bare_value_of_a_single_mapped_instance_is_a_list_of_one() -> None:
    assert from_xcom(FIELDS, list[ManifestRef]) == [REF]


@pytest.mark.parametrize("value", [{**FIELDS, "rows": []}, {"uri": "s3://studio/a.jsonl"}, None])
def test_what_is_not_a_reference_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        from_xcom(value, ManifestRef)


def test_the_dag_sees_the_parameters_without_the_tools() -> None:
    with pytest.raises(TypeError, match="tools"):
        merge(tools=TOOLS, refs=[], name="")

"""A DAG run through the REST API, against recorded answers."""

from __future__ import annotations

import pytest
import responses
from responses import matchers

from launcher.errors import UsageError
from launcher.runs import dag_run
from launcher.runs.dag_run import DagRun
from tests.launcher.recorded_answers import API, RUN, answer_tasks, row

#: As jsonschema writes it.
REFUSED = "9999 is greater than 1000\n\nFailed validating 'maximum' in schema:\n    {}"


@responses.activate
def test_refused_parameters_are_a_bad_input_with_airflows_message(
    dag_run_on_client: DagRun,
) -> None:
    responses.patch(f"{API}/dags/film", json={})
    responses.post(f"{API}/dags/film/dagRuns", status=400, json={"detail": REFUSED})
    with pytest.raises(UsageError, match=r"refused the parameters: 9999 is greater than 1000$"):
        dag_run.trigger(dag_run_on_client.stack, "r1", {"seed": 9999}, "film")


@responses.activate
def test_runs_that_an_interrupted_launcher_left_are_marked_as_failed(
    dag_run_on_client: DagRun,
) -> None:
    responses.get(f"{API}/dags/film/dagRuns", json={"dag_runs": [{"dag_run_id": "r1"}]})
    marked = responses.patch(RUN, match=[matchers.json_params_matcher({"state": "failed"})])
    assert dag_run.fail_abandoned_runs(dag_run_on_client.stack, "film") == ["r1"]
    assert marked.call_count == 1


@responses.activate
def test_returned_values_are_in_the_order_of_the_map(dag_run_on_client: DagRun) -> None:
    answer_tasks(row("sample", "success", 1), row("sample", "success", 0), row("plan", "success"))
    for index in (0, 1):
        responses.get(
            f"{RUN}/taskInstances/sample/xcomEntries/return_value",
            json={"value": {"shard": index}},
            match=[matchers.query_param_matcher({"map_index": str(index)})],
        )
    assert dag_run_on_client.get_returned("sample") == [{"shard": 0}, {"shard": 1}]

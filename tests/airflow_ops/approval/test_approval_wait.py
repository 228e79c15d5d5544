"""The wait for people on the approval page, in Airflow's awaiting_input, over a real server.

The DAG of these tests is the stretch around the review alone: open, wait, apply, agree to the cost.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import pytest
from airflow.sdk import DAG, dag, task
from airflow.utils.state import DagRunState

from storyboard_ops.airflow_ops.approval.cost_operator import (
    NO,
    CostApprovalOperator,
    consent_option,
)
from storyboard_ops.airflow_ops.approval.paths import FINISHED
from storyboard_ops.airflow_ops.approval.sensor import HumanApprovalSensor
from storyboard_ops.airflow_ops.dag_params import run_params
from storyboard_ops.airflow_ops.task_bridge import run_tools, tool_box
from tests.airflow_ops.approval.api_server_fixture import ApiServer
from tests.films.tiny_film import tiny_production
from tests.steps.review.test_desk import ESTIMATE
from tests.studio.studio_fixture import Studio

PICTURES = 6
DAG_ID = "review_only"
PATIENCE_SECONDS = 60.0


@dag(dag_id=DAG_ID, schedule=None, params=run_params())
def review_only():
    @task
    def open_for_people() -> dict[str, Any]:
        from storyboard_ops.gateways.storage.production_files import load_production
        from storyboard_ops.steps.preflight.check_preflight import write_run
        from storyboard_ops.steps.review.open_review import open_review
        from tests.steps.review.test_review_steps import stored_images

        tools = run_tools()
        write_run(tools, load_production(tools.objects, tools.settings.production), ESTIMATE)
        uri = tools.run_root / "dataset/candidates.jsonl"
        images = stored_images(tools, PICTURES)
        candidates = tools.manifests.commit(uri, "images", "d", images)
        return open_review(tools, candidates).model_dump(mode="json")

    @task
    def apply(loops: dict[str, Any]) -> int:
        from storyboard_ops.domain.manifest_codec import ManifestRef
        from storyboard_ops.steps.review.apply_review import apply_review

        tools = tool_box()
        candidates = tools.manifests.latest(tools.run_root / "dataset/candidates.jsonl")
        assert candidates is not None
        reviewed = apply_review(tools, candidates[0], ManifestRef.model_validate(loops))
        return int(tools.manifests.header(reviewed).summary["approved"])

    opened: Any = open_for_people()
    waited = HumanApprovalSensor(task_id="wait_for_approval", loops=opened)
    opened >> waited >> apply(opened) >> CostApprovalOperator(task_id="approve_cost")


class Run:
    """What people do with the run of the DAG, over HTTP."""

    def __init__(self, server: ApiServer) -> None:
        self.server = server

    def api(self, user: str, method: str, path: str, body: Any = None) -> Any:
        """A call of Airflow's own REST API."""
        answer = self.server.browser(user).request(
            method, f"{self.server.url}/api/v2/dags/{DAG_ID}/{path}", json=body, timeout=20
        )
        answer.raise_for_status()
        return answer.json()

    @cached_property
    def run_id(self) -> str:
        """The run that goes on now; there is one at a time."""
        self.wait_until(lambda: bool(self._running()))
        return str(self._running()[0]["dag_run_id"])

    def _running(self) -> list[dict[str, Any]]:
        return list(self.api("ana", "GET", "dagRuns?state=running")["dag_runs"])

    def state(self, task_id: str) -> str:
        run = self.run_id
        return str(self.api("ana", "GET", f"dagRuns/{run}/taskInstances/{task_id}")["state"])

    def wait_until(self, question: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not question():
            assert time.monotonic() < deadline, "it did not come about in time"
            time.sleep(0.3)

    def wait_until_parked(self, task_id: str) -> None:
        self.wait_until(lambda: self._is_parked(task_id))

    def _is_parked(self, task_id: str) -> bool:
        return self.state(task_id) == "awaiting_input"

    def answer(self, user: str, task_id: str, option: str) -> None:
        """Answer a required action as the list in Airflow's UI does."""
        path = f"dagRuns/{self.run_id}/taskInstances/{task_id}/-1/hitlDetails"
        self.api(user, "PATCH", path, {"chosen_options": [option], "params_input": {}})

    def asks(self, task_id: str) -> bool:
        """Whether the task's required action is still, or again, to be answered."""
        path = f"dagRuns/{self.run_id}/taskInstances/{task_id}/-1/hitlDetails"
        return not self.api("ana", "GET", path)["response_received"]

    def page(self, user: str, path: str, body: Any = None) -> Any:
        """A call of the approval page."""
        browser = self.server.browser(user)
        root = f"{self.server.url}/storyboard/runs/{DAG_ID}/{self.run_id}"
        if body is None:
            answer = browser.get(f"{root}/{path}", timeout=20)
        else:
            token = browser.get(f"{root}/board", timeout=20).json()["token"]
            headers = {"X-Review-Token": token}
            answer = browser.post(f"{root}/{path}", json=body, headers=headers, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def approve_all(self, user: str, rejected: int = 0) -> None:
        board = self.page(user, "board")
        decisions = [
            {
                "image_id": item["id"],
                "based_on": 0,
                "decision": "reject" if number < rejected else "approve",
                "reason": "blurred" if number < rejected else "",
            }
            for number, item in enumerate(board["items"])
        ]
        self.page(user, "decisions", {"id": str(uuid.uuid4()), "decisions": decisions})

    def finish(self, user: str, consent_usd: float | None = None) -> None:
        board = self.page(user, "board")
        request = {"id": str(uuid.uuid4()), "based_on": board["version"], "open": 0}
        self.page(user, "finish", {**request, "consent_usd": consent_usd})

    def listed(self, user: str) -> list[dict[str, Any]]:
        """This run in the list of runs that wait for people."""
        answer = self.server.browser(user).get(f"{self.server.url}/storyboard/runs.json")
        return [run for run in answer.json()["runs"] if run["run_id"] == self.run_id]

    def xcom(self, task_id: str) -> Any:
        path = f"dagRuns/{self.run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        return self.api("ana", "GET", path)["value"]


@pytest.fixture
def carry_out(server: ApiServer, studio: Studio) -> Callable[..., tuple[Any, Run]]:
    """Run the DAG here while people act in a thread; its end, and the run to ask about it."""

    def carried_out(people: Callable[[Run], None], **params: Any) -> tuple[Any, Run]:
        conf = {
            "videos": [f"s3://{studio.bucket}/videos/x.mp4"],
            "workspace": f"s3://{studio.bucket}",
            "production": tiny_production(studio),
            "review_desk": "page",
            **params,
        }
        run, review = Run(server), known_to_airflow(review_only())
        with ThreadPoolExecutor(1) as pool:
            acting = pool.submit(act, people, run)
            ended = review.test(run_conf=conf)
            acting.result()
        return ended, run

    return carried_out


def act(people: Callable[[Run], None], run: Run) -> None:
    """Let people act; when they cannot, end the run, which would wait for them for ever."""
    try:
        people(run)
    except BaseException:
        run.api("adam", "PATCH", f"dagRuns/{run.run_id}", {"state": "failed"})
        raise


def known_to_airflow(dag: DAG) -> DAG:
    """A DAG of a test, as if the DAG processor had read it from a file."""
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.models.dagbundle import DagBundleModel
    from airflow.utils.session import create_session

    with create_session() as session:
        session.merge(DagBundleModel(name="tests"))
    bag = DagBag(os.devnull)
    bag.bag_dag(dag)
    sync_bag_to_db(bag, "tests", None)
    return dag


@pytest.mark.slow
def test_finishing_on_the_page_lets_the_dag_go_on(carry_out):
    def people(run: Run) -> None:
        run.wait_until_parked("wait_for_approval")
        (listed,) = run.listed("vera")
        assert (listed["open"], listed["approved"], listed["state"]) == (PICTURES, 0, "open")
        run.approve_all("ana", rejected=1)
        # Somebody clicks the required action although the review is not finished: it waits on.
        run.answer("ben", "wait_for_approval", FINISHED)
        run.wait_until(lambda: run.asks("wait_for_approval"))
        run.wait_until_parked("wait_for_approval")
        run.finish("ben", consent_usd=61.2)

    ended, run = carry_out(people, budget_usd=1, over_budget="ask")
    assert ended.state == DagRunState.SUCCESS
    assert run.xcom("wait_for_approval") == {"approved": 5, "rejected": 1, "open": 0}
    assert run.xcom("apply") == 5
    given = run.xcom("approve_cost")  # the yes on the page is taken over, nobody is asked again
    assert (given["usd"], given["by"], given["where"]) == (61.2, "ben", "approval page")
    assert run.listed("vera") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "state"),
    [
        (consent_option(61.2), DagRunState.SUCCESS),
        pytest.param(NO, DagRunState.FAILED, marks=pytest.mark.logs_errors),
    ],
    ids=["yes", "no"],
)
def test_on_another_desk_a_required_action_asks_for_the_sum(carry_out, option, state):
    def people(run: Run) -> None:
        run.wait_until_parked("approve_cost")
        run.answer("olga", "approve_cost", option)

    ended, run = carry_out(people, review_desk="without_people", budget_usd=1, over_budget="ask")
    assert ended.state == state
    if state == DagRunState.SUCCESS:
        given = run.xcom("approve_cost")
        assert (given["usd"], given["by"], given["where"]) == (61.2, "olga", "required action")

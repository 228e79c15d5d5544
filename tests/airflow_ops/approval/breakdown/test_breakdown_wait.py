"""The wait for approval of a breakdown, in Airflow; the launcher's script is the people."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from airflow.sdk import dag, task
from airflow.utils.state import DagRunState

from launcher.aws.clouds import SCRIPTED_REVIEWER
from launcher.runs.page_reviewer import PageReviewer
from storyboard_ops.airflow_ops.approval.breakdown_sensor import BreakdownApprovalSensor
from storyboard_ops.airflow_ops.approval.cost_operator import CostApprovalOperator
from storyboard_ops.airflow_ops.dag_params import run_params
from storyboard_ops.airflow_ops.task_bridge import run_tools
from storyboard_ops.airflow_ops.tasks.script import break_down_script
from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.domain.production_sheet import Production
from tests.airflow_ops.approval.api_server_fixture import ApiServer, password
from tests.airflow_ops.approval.test_approval_wait import known_to_airflow
from tests.films.tiny_film import tiny_production
from tests.studio.studio_fixture import Studio

pytestmark = pytest.mark.slow

SCRIPT = "INT. A\n\nMira runs.\n\nMira stops.\n\nEXT. B\n\nMIRA (V.O.)\nI ran.\n\nA tree.\n"


@dag(dag_id="breakdown_only", schedule=None, params=run_params())
def breakdown_only():
    @task
    def preflight() -> None:
        from storyboard_ops.domain.preflight.estimate_basis import EstimateBasis
        from storyboard_ops.domain.preflight.preflight_report import PreflightReport
        from storyboard_ops.gateways.storage.production_files import load_production
        from storyboard_ops.steps.preflight.check_preflight import write_run

        tools = run_tools()
        report = PreflightReport(checks=(), basis=EstimateBasis(frames=10))
        write_run(tools, load_production(tools.objects, tools.settings.production), report)

    broken_down = break_down_script()
    waited = BreakdownApprovalSensor(task_id="wait_for_breakdown", breakdown=broken_down)
    preflight() >> broken_down >> waited >> CostApprovalOperator(task_id="approve_cost")


def carried_out(server: ApiServer, studio: Studio, notes: list[str], **params: Any) -> Any:
    """Run the DAG while the launcher's script answers what waits; returns the ended run."""
    s3 = studio.client("s3")
    s3.put_object(Bucket=studio.bucket, Key="scripts/a.txt", Body=SCRIPT.encode())
    conf = {
        "videos": [f"s3://{studio.bucket}/videos/x.mp4"],
        "workspace": f"s3://{studio.bucket}",
        "production": tiny_production(studio),
        "script": f"s3://{studio.bucket}/scripts/a.txt",
        "trainer": "bedrock",
        "review_desk": "page",
        **params,
    }
    user, stop = SCRIPTED_REVIEWER, threading.Event()
    reviewer = PageReviewer(server.url, user, password(user), notes.append)

    def work() -> None:
        while not stop.wait(0.3):
            reviewer.answer_open_reviews()

    waiting = known_to_airflow(breakdown_only())
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        try:
            return waiting.test(run_conf=conf)
        finally:
            stop.set()
            working.result()


def panels_of(studio: Studio, run: Any) -> list[tuple[str, str]]:
    key = run_key("breakdown_only", run.run_id)
    production = Production.model_validate(studio.read_json(f"runs/{key}/production.json"))
    cards = [card for scene in production.storyboard for card in scene.panels]
    return [(card.shot, card.description) for card in cards]


def test_the_launchers_script_approves_the_panels_and_the_dag_goes_on(
    server: ApiServer, studio: Studio
) -> None:
    notes: list[str] = []
    ended = carried_out(server, studio, notes)
    assert ended.state == DagRunState.SUCCESS
    assert notes == ["A script, not a person, approved the panels of 2 scenes."]
    assert panels_of(studio, ended) == [
        ("010", "Mira runs."),
        ("020", "Mira stops."),
        ("010", "A tree."),
    ]


@pytest.mark.parametrize(
    ("params", "panels"),
    [
        ({"breakdown": "auto"}, ["Mira runs.", "Mira stops.", "A tree."]),
        pytest.param(
            {"breakdown": "plain"},
            ["Mira runs.", "Mira stops.", "A tree."],
            marks=pytest.mark.long,
        ),
        pytest.param({"script": ""}, ["Mira."], marks=pytest.mark.long),
        pytest.param({"trainer": "dataset_only"}, ["Mira."], marks=pytest.mark.long),
    ],
)
def test_where_nobody_is_asked_the_wait_passes_at_once(
    server: ApiServer, studio: Studio, params: dict[str, str], panels: list[str]
) -> None:
    notes: list[str] = []
    ended = carried_out(server, studio, notes, **params)
    assert ended.state == DagRunState.SUCCESS
    assert notes == []
    assert [description for _, description in panels_of(studio, ended)] == panels

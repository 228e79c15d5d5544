"""A run on AWS as it is today, with defaults: from a film to an approved dataset and its receipt.

The endpoint plays 2026-11-29, not the day of the demo: Nova Canvas has ended, and A2I takes no new
customers. Airflow's API server serves the approval page, and the launcher's script is the reviewer.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.models.dagrun import DagRun
from airflow.sdk import DAG
from airflow.utils.state import DagRunState

from launcher.aws.clouds import SCRIPTED_REVIEWER
from launcher.runs.page_reviewer import PageReviewer
from storyboard_ops.domain.image_records import ImageRecord, Panel
from storyboard_ops.domain.models.model_routes import ModelRoutes
from storyboard_ops.domain.money.paid_usage import Receipt
from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.money.pricing import PRICES_VARIABLE, price_table
from storyboard_ops.steps.run.earlier_runs import tools_of_run
from storyboard_ops.steps.run.tool_box import ROUTES, ToolBox
from tests.airflow_ops.approval.api_server_fixture import ApiServer, password, running_api_server
from tests.airflow_ops.conftest import PROJECT
from tests.films.short_film import short_film
from tests.reading.bill_reading import read_bill, read_receipt
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.iam_rights import Account, least_privilege
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.open_training import PLAYS_JOBS, store_weights

pytestmark = pytest.mark.slow

TODAY = "2026-11-29"
TEST_PRICES = Path(__file__).parents[2] / "material" / "test_prices"
SECONDS = (10, 24, 33, 42, 51)
NOVA_PRO, TITAN = "amazon.nova-pro-v1:0", "amazon.titan-embed-image-v1"
#: Region, the identifier by which Nova Pro is called there, and the folder of its prices ("": those
#: of the product).
REGIONS = [
    ("us-east-1", NOVA_PRO, ""),
    ("eu-central-1", f"eu.{NOVA_PRO}", str(TEST_PRICES)),
    ("ap-southeast-2", f"apac.{NOVA_PRO}", str(TEST_PRICES)),
]


@dataclass(frozen=True)
class Customer:
    """An account of today in one region, and Airflow's page in front of it."""

    studio: Studio
    server: ApiServer
    dag: DAG
    film: str

    def run(self, **params: Any) -> DagRun:
        """Run the DAG with the inputs that it requires and these parameters."""
        given = {
            "videos": [self.film],
            "workspace": f"s3://{self.studio.bucket}",
            "production": "paper-lantern",
        }
        with least_privilege(Account.of(self.studio)):
            return self.dag.test(run_conf={**given, **params})

    def tools(self, run: DagRun) -> ToolBox[Any]:
        key = run_key(self.dag.dag_id, run.run_id)
        found = tools_of_run(self.studio.workspace, self.studio.client, key)
        assert found is not None
        return found

    def report(self, run: DagRun) -> PreflightReport:
        key = run_key(self.dag.dag_id, run.run_id)
        return PreflightReport.model_validate(self.studio.read_json(f"runs/{key}/preflight.json"))


@contextmanager
def customer(
    region: str, folder: Path, monkeypatch: pytest.MonkeyPatch, prices: str, *more: str
) -> Iterator[Customer]:
    """Everything that a run of today needs, while the block runs."""
    monkeypatch.setenv(PRICES_VARIABLE, prices)
    arguments = ("--today", TODAY, "--region", region, *more)
    with running_endpoint(folder / "aws", arguments) as endpoint:
        for name, value in endpoint.environment.items():
            monkeypatch.setenv(name, value)
        studio = Studio.opened(endpoint)
        film = studio.upload(short_film(folder / "film.mp4", SECONDS))
        bag = BundleDagBag(
            bundle_path=PROJECT / "dags", bundle_name="dags", dag_folder=str(PROJECT / "dags")
        )
        with running_api_server(folder, endpoint) as server:
            yield Customer(studio, server, bag.dags["train_character_model"], film)


@contextmanager
def scripted_review(server: ApiServer, notes: list[str]) -> Iterator[None]:
    """The launcher's script answers the approval page until the block ends.

    When it cannot, it ends the run, which would wait for it for ever.
    """
    user = SCRIPTED_REVIEWER
    reviewer = PageReviewer(server.url, user, password(user), notes.append)
    stop = threading.Event()

    def work() -> None:
        try:
            while not stop.wait(0.3):
                reviewer.answer_open_reviews()
        except BaseException:
            end_runs(server)
            raise

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        try:
            yield
        finally:
            stop.set()
        working.result()


def end_runs(server: ApiServer) -> None:
    """Mark the runs that go on as failed, as an administrator does in Airflow's UI."""
    browser, runs = (
        server.browser("adam"),
        f"{server.url}/api/v2/dags/train_character_model/dagRuns",
    )
    for run in browser.get(runs, params={"state": "running"}, timeout=20).json()["dag_runs"]:
        browser.patch(f"{runs}/{run['dag_run_id']}", json={"state": "failed"}, timeout=20)


@pytest.mark.long
@pytest.mark.parametrize(("region", "called", "prices"), REGIONS)
def test_a_run_with_defaults_ends_with_an_approved_dataset(
    region, called, prices, tmp_path, monkeypatch, airflow_database
):
    notes: list[str] = []
    with customer(region, tmp_path, monkeypatch, prices) as today:
        with scripted_review(today.server, notes):
            run = today.run(trainer="dataset_only")
        assert run.state == DagRunState.SUCCESS
        tools, report = today.tools(run), today.report(run)

        assert not report.failed
        assert report.desk is not None
        assert report.desk.desk == "page"
        assert "closed to new customers" in report.desk.why
        warned = [check.name for check in report.checks if check.state == "warn"]
        assert warned == (["region"] if prices else [])  # made-up prices are called that

        routes = tools.read_record(ROUTES, ModelRoutes)
        assert routes is not None
        assert {one.called for one in routes.routes} == {called, TITAN}

        (found, _) = tools.manifests.latest(tools.run_root / "review/images.jsonl")
        images = tools.manifests.read(found, ImageRecord, "images").records
        approved = [image for image in images if image.kept]
        assert len(approved) >= 5
        assert {image.review.reviewer for image in images if image.review} == {SCRIPTED_REVIEWER}
        (note,) = notes
        assert note.startswith(f"A script, not a person, answered the page: {len(approved)} appr")
        entry = today.studio.read_json(f"approved/paper-lantern/{tools.run_key}.json")
        assert entry["approved"] == len(approved)

        receipt = tools.read_record("receipt.json", Receipt)
        assert receipt is not None
        assert read_receipt(receipt, price_table(region)) == read_bill(today.studio.endpoint)
        bill = today.studio.endpoint.admin("GET", "bill")
        assert receipt.cost_usd == round(bill["total_usd"], 4)
        assert (receipt.unpriced, receipt.still_billing) == ((), ())
        assert receipt.price_table_date.endswith("made up for tests") == bool(prices)
        assert receipt.cost_usd <= report.estimate_usd
        states = {task.task_id: task.state for task in run.get_task_instances()}
        assert (states["customize_model"], states["confirm_released"]) == ("skipped", "success")
        assert states["write_report"] == "success"


def test_a_run_with_defaults_trains_and_draws_where_weights_are(
    tmp_path, monkeypatch, airflow_database, small_program
):
    """Bedrock customizes nothing any more: the run trains open weights and draws by two jobs."""
    notes: list[str] = []
    with customer("us-east-1", tmp_path, monkeypatch, "", *PLAYS_JOBS) as today:
        store_weights(today.studio)
        with scripted_review(today.server, notes):
            small = {"open_model": "small-flow", "open_steps": 10, "candidates": 2}
            run = today.run(poll_seconds=1, **small)
        states = {task.task_id: task.state for task in run.get_task_instances()}
        assert run.state == DagRunState.SUCCESS, states
        skipped = {task for task, state in states.items() if state == "skipped"}
        assert skipped == {"provision_throughput"}
        tools, report = today.tools(run), today.report(run)
        assert report.trainer is not None
        assert report.trainer.trainer == "sagemaker"

        model = tools.read_record("model/model.json", TrainedModel)
        assert model is not None
        assert (model.trainer, model.base_model_id, model.likeness) == (
            "sagemaker",
            "small-flow",
            0.5,
        )
        (found, _) = tools.manifests.latest(tools.run_root / "storyboard/panels.jsonl")
        panels = tools.manifests.read(found, Panel, "panels").records
        assert {(panel.model_arn, len(panel.candidates)) for panel in panels} == {
            (model.model_arn, 2)
        }

        receipt = tools.read_record("receipt.json", Receipt)
        assert receipt is not None
        kinds = [line.kind for line in receipt.resources]
        assert (kinds.count("training job"), kinds.count("drawing job")) == (1, 1)
        assert (receipt.unpriced, receipt.still_billing) == ((), ())
        told = read_receipt(receipt, price_table("us-east-1"))
        billed = read_bill(today.studio.endpoint)
        for line in (line for line in told if "_hour" in line[2]):
            # SageMaker reports whole seconds of a training.
            assert told[line][0] == pytest.approx(billed[line][0], abs=2 / 3600)
        assert told.keys() == billed.keys()
        assert today.studio.endpoint.admin("GET", "bill")["running"] == []


@pytest.mark.long
def test_a_run_from_prompts_alone_draws_without_a_training(tmp_path, monkeypatch, airflow_database):
    """The cheapest storyboard: Bedrock's present image models, which need no weights and no job."""
    notes: list[str] = []
    with customer("us-east-1", tmp_path, monkeypatch, "") as today:
        with scripted_review(today.server, notes):
            run = today.run(panels_from="prompts", poll_seconds=1)
        states = {task.task_id: task.state for task in run.get_task_instances()}
        assert run.state == DagRunState.SUCCESS, states
        skipped = {task for task, state in states.items() if state == "skipped"}
        assert skipped == {"provision_throughput"}
        tools, report = today.tools(run), today.report(run)
        assert (report.trainer.trainer, report.trainer.why) == (
            "bedrock",
            "chosen because it can work here",
        )
        (found, _) = tools.manifests.latest(tools.run_root / "storyboard/panels.jsonl")
        panels = tools.manifests.read(found, Panel, "panels").records
        assert {(panel.source, panel.failure) for panel in panels} == {("prompts", "")}

        receipt = tools.read_record("receipt.json", Receipt)
        told = read_receipt(receipt, price_table("us-east-1"))
        assert told == read_bill(today.studio.endpoint)
        pictures = {line[1]: amount for line, (amount, *_) in told.items() if "drawn_image" in line}
        assert pictures == {"stability.sd3-5-large-v1:0": len(panels)}
        assert receipt.resources == ()
        assert receipt.cost_usd <= report.estimate_usd

"""A run whose review waits on the approval page, and what people send to it over HTTP."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from airflow.utils.state import DagRunState

from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.review.open_review import open_review
from tests.airflow_ops.approval.api_server_fixture import DAG_ID, ApiServer, RunPages
from tests.films.tiny_film import tiny_production
from tests.steps.review.test_desk import ESTIMATE
from tests.steps.review.test_review_steps import stored_images
from tests.studio.studio_fixture import Studio


class OpenReview(RunPages):
    """A run in Airflow's database whose review waits on the page, and its addresses."""

    def __init__(self, server: ApiServer, studio: Studio, run_id: str = "") -> None:
        self.server = server
        self.studio = studio
        self.run_id = run_id or f"manual__{uuid.uuid4()}"
        self.tools = studio.tools(
            run_key(DAG_ID, self.run_id), review_desk="page", production=tiny_production(studio)
        )
        write_run(
            self.tools,
            load_production(self.tools.objects, self.tools.settings.production),
            ESTIMATE,
        )
        pictures = stored_images(self.tools, 3)
        candidates = self.tools.manifests.commit(
            self.tools.run_root / "dataset/candidates.jsonl", "images", "d", pictures
        )
        open_review(self.tools, candidates)
        add_run(self.run_id, f"s3://{studio.bucket}")

    def log_entries(self) -> int:
        return len(list(self.tools.objects.list(self.tools.run_root / "review/log/")))


def add_run(run_id: str, workspace: str, state: DagRunState = DagRunState.RUNNING) -> None:
    """A DAG run as Airflow's database has it."""
    from airflow.models.dag import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        session.merge(DagBundleModel(name="tests"))
        session.flush()
        if session.get(DagModel, DAG_ID) is None:
            session.add(DagModel(dag_id=DAG_ID, bundle_name="tests", fileloc="dags/x.py"))
            session.flush()
        session.add(
            DagRun(
                dag_id=DAG_ID,
                run_id=run_id,
                run_type="manual",
                state=state,
                conf={"workspace": workspace},
                run_after=datetime.now(UTC),
            )
        )


def set_run_state(run_id: str, state: str) -> None:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import update

    with create_session() as session:
        session.execute(update(DagRun).where(DagRun.run_id == run_id).values(state=state))


def decision(board: dict[str, Any], number: int = 0, **more: Any) -> dict[str, Any]:
    """One save about one picture of a document."""
    item = board["items"][number]
    known = board["decisions"].get(item["id"], {"version": 0})
    return {
        "id": str(uuid.uuid4()),
        "decisions": [
            {
                "image_id": item["id"],
                "based_on": known["version"],
                "decision": "approve",
                "reason": "",
                "caption": "",
                "character": "",
                **more,
            }
        ],
    }

"""A refused run says why: on itself, in a log without a traceback, and in a report."""

from __future__ import annotations

import pytest
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.models.dagrun import DagRun
from airflow.sdk import DAG
from airflow.utils.session import create_session
from sqlalchemy import select

from storyboard_ops.airflow_ops.approval.paths import report_page
from storyboard_ops.airflow_ops.run_notes import compose_note, forget_failure, note_failure
from storyboard_ops.domain.object_keys import run_key
from tests.airflow_ops.conftest import PROJECT
from tests.films.tiny_film import tiny_production
from tests.studio.studio_fixture import QUICK, Studio

pytestmark = [pytest.mark.slow, pytest.mark.logs_errors]


@pytest.fixture(scope="module")
def dag() -> DAG:
    """The DAG as Airflow loads it."""
    folder = PROJECT / "dags"
    file = str(folder / "train_character_model.py")
    bag = BundleDagBag(bundle_path=folder, bundle_name="dags", dag_folder=file)
    return bag.dags["train_character_model"]


def test_the_reason_of_a_refusal_is_on_the_run_and_in_its_report(
    dag: DAG,
    aws: Studio,
    airflow_database: None,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    lost = f"s3://{aws.bucket}/videos/nowhere_1.mp4"
    params = {
        **QUICK,
        "videos": [lost],
        "production": tiny_production(aws),
        "workspace": f"s3://{aws.bucket}",
    }
    run_id = dag.test(run_conf=params).run_id
    with create_session() as session:
        run = session.scalar(select(DagRun).where(DagRun.run_id == run_id))
        assert run is not None
        note_failure(run)
        note = str(run.note)
        run.note = "Ana looks into it."
        note_failure(run)
        assert run.note == "Ana looks into it."
        run.note = note
        forget_failure(run)
        assert run.note == f"[Report]({report_page('', dag.dag_id, run_id)})"
    assert note.startswith("**Failed at preflight.** Preflight refuses to start; nothing has been")
    assert f"1 of 1 cannot be read. {lost}: it does not exist" in note
    assert len(note) <= 1_000
    shown = capfd.readouterr()
    assert "Traceback" not in f"{caplog.text}{shown.out}{shown.err}"
    key = f"runs/{run_key(dag.dag_id, run_id)}/report.html"
    page = aws.client("s3").get_object(Bucket=aws.bucket, Key=key)["Body"].read().decode()
    assert "This run was refused" in page
    assert lost in page


def test_parameters_that_no_run_can_have_are_a_note_and_a_report(
    dag: DAG,
    aws: Studio,
    airflow_database: None,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Airflow's own bounds let this pass: each detector is allowed, but not this one alone."""
    params = {
        **QUICK,
        "videos": [f"s3://{aws.bucket}/videos/film.mp4"],
        "workspace": f"s3://{aws.bucket}",
        "production": "paper-lantern",
        "detectors": ["labels"],
    }
    run_id = dag.test(run_conf=params).run_id
    with create_session() as session:
        run = session.scalar(select(DagRun).where(DagRun.run_id == run_id))
        assert run is not None
        note_failure(run)
        assert "Parameter 'detectors': labels say what is there, not who" in str(run.note)
    shown = capfd.readouterr()
    assert "Traceback" not in f"{caplog.text}{shown.out}{shown.err}"
    key = f"runs/{run_key(dag.dag_id, run_id)}/report.html"
    page = aws.client("s3").get_object(Bucket=aws.bucket, Key=key)["Body"].read().decode()
    assert "This run was refused" in page
    assert "labels say what is there, not who" in page


def test_a_note_fits_its_column_and_names_three_tasks() -> None:
    failed = [(f"task_{n}", "[here](x) " + "a reason " * 100) for n in range(5)]
    note = compose_note(failed, "/storyboard/report")
    assert note.startswith("**Failed at task_0.** \\[here\\](x) a reason")
    assert note.endswith("\n\nand 2 more.\n\n[Report](/storyboard/report)")
    assert len(note) <= 1_000

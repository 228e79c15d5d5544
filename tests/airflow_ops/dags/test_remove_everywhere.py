"""remove_everywhere as Airflow runs it: told first, done when the parameter says so."""

from __future__ import annotations

import json

import pytest
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import DAG
from airflow.utils.state import DagRunState

from storyboard_ops.domain.manifest_codec import encode_manifest
from tests.airflow_ops.conftest import PROJECT
from tests.material import factories
from tests.studio.studio_fixture import Studio

FRAME = "library/v/s/frames/0000001.jpg"
MANIFEST = "library/v/s/samples/0-3.jsonl"


@pytest.fixture(scope="module")
def dag() -> DAG:
    """The DAG as Airflow loads it."""
    folder = PROJECT / "dags"
    file = str(folder / "remove_everywhere.py")
    bag = BundleDagBag(bundle_path=folder, bundle_name="dags", dag_folder=file)
    assert bag.import_errors == {}
    return bag.dags["remove_everywhere"]


@pytest.fixture
def film(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> str:
    """A workspace that holds three samples of a film; Airflow's AWS connection leads there."""
    for name, value in studio.endpoint.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", "aws://")
    frames = [factories.frame(k) for k in range(3)]
    frames[1] = frames[1].model_copy(update={"uri": f"s3://{studio.bucket}/{FRAME}"})
    put = studio.client("s3").put_object
    put(Bucket=studio.bucket, Key=FRAME, Body=b"jpeg")
    put(Bucket=studio.bucket, Key=MANIFEST, Body=encode_manifest("samples", "d", frames))
    return factories.VIDEO_URI


def keys(studio: Studio) -> set[str]:
    listed = studio.client("s3").list_objects_v2(Bucket=studio.bucket).get("Contents", ())
    return {item["Key"] for item in listed}


def test_the_form_explains_itself_and_is_a_dry_run_unless_told(dag):
    assert dag.params.get_param("dry_run").value is True
    assert all(dag.params.get_param(name).description for name in dag.params)


@pytest.mark.slow
def test_a_dry_run_touches_nothing_and_the_real_one_removes(studio, film, dag, airflow_database):
    asked = {
        "workspace": f"s3://{studio.bucket}",
        "film": film,
        "from_s": 1.0,
        "reason": "the licence has ended",
        "requested_by": "dana",
    }
    run = dag.test(run_conf=asked)
    assert run.state == DagRunState.SUCCESS
    assert keys(studio) == {FRAME, MANIFEST}

    assert dag.test(run_conf={**asked, "dry_run": False}).state == DagRunState.SUCCESS
    assert FRAME not in keys(studio)
    body = studio.client("s3").get_object(Bucket=studio.bucket, Key=MANIFEST)["Body"].read()
    assert [json.loads(line).get("k") for line in body.splitlines()[1:]] == [0]
    assert "removed.json" in keys(studio)

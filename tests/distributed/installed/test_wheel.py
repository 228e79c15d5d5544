"""The wheel: what is in it, and a run in an Airflow that has only the wheel."""

from __future__ import annotations

import time
import tomllib
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
import requests

from launcher.state.layout import PROJECT_ROOT
from storyboard_ops.gateways.deployment_file import WORKSPACES_VARIABLE
from storyboard_ops.gateways.include_files import OWN_VARIABLE
from tests.distributed.installed.installed_airflow import InstalledAirflow, NoIndex, build_wheel
from tests.films.short_film import short_film
from tests.studio.studio_fixture import QUICK

DAG_ID = "train_character_model"
START_SECONDS = 240
RUN_SECONDS = 900
ENDED = {"success", "failed"}
DAGS = {
    "draw_storyboard",
    "ingest_video",
    "nightly_retraining",
    "release_capacity",
    "remove_everywhere",
    "train_character_model",
}
Found = TypeVar("Found")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def files_in(*folders: str) -> set[str]:
    """The files of folders of the checkout, as paths beneath it."""
    found = (path for name in folders for path in (PROJECT_ROOT / name).rglob("*"))
    kept = (path for path in found if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(PROJECT_ROOT)) for path in kept}


def test_the_wheel_has_the_package_the_dags_the_data_and_the_training_program(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = {name.removeprefix("plugins/") for name in files_in("plugins/storyboard_ops")}
    data = files_in("dags", "include", "trainer")
    beside = {f"storyboard_ops/installed/{name}" for name in data}
    assert names == package | beside


def test_airflow_finds_the_plugin_of_the_wheel_by_its_entry_point(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (listed,) = (n for n in archive.namelist() if n.endswith(".dist-info/entry_points.txt"))
        points = archive.read(listed).decode()
    assert points.split() == [
        "[airflow.plugins]",
        "storyboard",
        "=",
        "storyboard_ops.airflow_ops.storyboard_plugin:StoryboardPlugin",
    ]


def claimed_versions() -> tuple[str, str]:
    """The oldest Airflow that pyproject.toml allows, and the first that it does not."""
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["project"]
    (claim,) = (d for d in project["dependencies"] if d.startswith("apache-airflow>="))
    oldest, _, limit = claim.removeprefix("apache-airflow>=").partition(",<")
    return oldest, limit


def until(question: Callable[[], Found], seconds: float) -> Found:
    """Ask until the answer is true; a server that does not answer yet says no."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := question():
                return answer
        except requests.RequestException:
            pass
        time.sleep(2)
    raise AssertionError(f"not within {seconds} s")


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("versions", ["oldest", "newest"])
def test_a_run_is_green_in_a_fresh_airflow_with_the_wheel(versions, wheel, studio, tmp_path):
    create = {"oldest": InstalledAirflow.with_oldest, "newest": InstalledAirflow.with_newest}
    root = tmp_path / "studio"
    root.mkdir()
    try:
        airflow = create[versions](root, wheel)
    except NoIndex as error:
        pytest.skip(f"No package index answers: {error}")
    oldest, limit = claimed_versions()
    version = airflow.version("apache-airflow")
    assert version == f"{oldest}.0" if versions == "oldest" else version < limit
    own = root / "own"
    own.mkdir()
    (own / "deployment.yaml").write_text(f"workspaces: {{'s3://{studio.bucket}': {{}}}}\n")
    environment = {**studio.endpoint.environment, OWN_VARIABLE: str(own)}
    environment.pop(WORKSPACES_VARIABLE, None)
    film = studio.upload(short_film(tmp_path / "film.mp4"))
    with airflow.running(environment) as client:
        until(lambda: client.log_in() is None, START_SECONDS)
        for dag_id in DAGS:
            until(partial(client.get_last_parsed, dag_id), START_SECONDS)
        assert client.get_import_errors(since=datetime.min.replace(tzinfo=UTC)) == {}
        client.unpause(DAG_ID)
        conf = {
            **QUICK,
            "videos": [film],
            "workspace": f"s3://{studio.bucket}",
            "production": "paper-lantern",
            "review_desk": "without_people",
            "trainer": "dataset_only",
        }
        client.trigger(DAG_ID, "first", conf)
        until(lambda: client.get_run_state(DAG_ID, "first") in ENDED, RUN_SECONDS)
        states = {task.task_id: task.state for task in client.list_task_states(DAG_ID, "first")}
        assert [name for name, state in states.items() if state == "failed"] == []
        assert client.get_run_state(DAG_ID, "first") == "success"
    airflow.remove()

"""Airflow runs the real DAG on two films of which one is gone when it is sampled."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.utils.state import DagRunState

from storyboard_ops.domain.manifest_codec import decode_manifest
from storyboard_ops.domain.object_keys import S3Uri, run_key
from storyboard_ops.domain.sampling.shards import QuarantinedVideo, Shard
from storyboard_ops.steps.dataset.crop_characters import (
    crop_film,
    gather_crops,
    list_films,
    video_of,
)
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.plan_shards import plan_shards
from storyboard_ops.steps.sampling.sample_frames import sample_frames
from tests.airflow_ops.dags.test_failed_stages import dag, moved, stand_ins
from tests.films.film_maker import make_film
from tests.material import factories
from tests.steps.sampling.test_lost_films import KEEP_ALL, delete, examined
from tests.studio.studio_fixture import QUICK

__all__ = ["dag", "moved", "stand_ins"]  # fixtures
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def real_steps(stand_ins: None, monkeypatch: pytest.MonkeyPatch, moved: Any) -> None:
    """From planning to crops the steps are real, but nobody is found; one film goes in between."""

    def planned(tools: ToolBox) -> list[Shard]:
        tools.write_record("production.json", factories.production())  # as preflight writes it
        shards = plan_shards(tools)
        delete(moved.studio, tools.settings.videos[1])
        return shards

    steps = {
        "sampling.plan_shards": planned,
        "sampling.sample_frames": sample_frames,
        "detection.detect_characters": lambda tools, ref: examined(tools, [ref])[0],
    }
    for step in (list_films, video_of, crop_film, gather_crops):
        monkeypatch.setattr(f"{step.__module__}.{step.__name__}", step)
    for path, step in steps.items():
        monkeypatch.setattr(f"storyboard_ops.steps.{path}.{path.partition('.')[2]}", step)


def test_a_film_that_is_lost_fails_no_task(dag, moved, airflow_database, tmp_path):
    films = [make_film(tmp_path / name, n) for name, n in (("kept.mp4", 50), ("lost.mp4", 75))]
    bucket = moved.studio.bucket
    conf = {
        **QUICK,
        **KEEP_ALL,
        "videos": list(map(moved.studio.upload, films)),
        "workspace": f"s3://{bucket}",
        "production": "paper-lantern",
        "keep_model": False,
        "trainer": "bedrock",  # as preflight would settle it, whose place a stand-in takes
        "review_desk": "without_people",
    }
    done = dag.test(run_conf=conf)
    tasks = [(ti.task_id, str(ti.state)) for ti in done.get_task_instances()]
    assert done.state == DagRunState.SUCCESS, tasks
    for name in ("shard.sample_frames", "shard.detect_characters"):
        assert tasks.count((name, "success")) == 2
        labels = {ti.rendered_map_index for ti in done.get_task_instances() if ti.task_id == name}
        assert labels == {"kept.mp4 0:00:00-0:00:02", "lost.mp4 0:00:00-0:00:03"}

    place = f"runs/{run_key(dag.dag_id, done.run_id)}/shards/quarantine.jsonl"
    body = moved.studio.client("s3").get_object(Bucket=bucket, Key=place)["Body"].read()
    (lost,) = decode_manifest(body, QuarantinedVideo, "quarantine").records
    assert S3Uri.parse(lost.uri).name == "lost.mp4"

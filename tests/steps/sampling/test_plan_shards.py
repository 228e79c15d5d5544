"""The plan of a run keeps below the number of tasks that Airflow maps."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.sampling.shards import Shard
from storyboard_ops.steps.run.tool_box import AIRFLOWS_MAP_LENGTH, ToolBox
from storyboard_ops.steps.sampling import plan_shards as planning
from storyboard_ops.steps.sampling.plan_shards import plan_shards
from storyboard_ops.steps.sampling.sample_frames import sample_frames
from tests.films.film_maker import make_film
from tests.material import factories
from tests.studio.studio_fixture import Studio

#: Shards of an episode of 22 minutes, sampled every second, at 10 minutes each.
EPISODE = ((0, 440), (440, 880), (880, 1320))
GOP_12 = {"g": "12", "bf": "2", "x264-params": "log-level=none"}


@pytest.fixture
def episodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every film is an episode of 22 minutes, without being read."""

    def shards_of(tools: ToolBox, uri: S3Uri) -> list[Shard]:
        video = factories.frame(0).video.model_copy(update={"uri": str(uri)})
        return [Shard(video=video, first_k=a, last_k=b, label="") for a, b in EPISODE]

    monkeypatch.setattr(planning, "_shards_of", shards_of)


def series(studio: Studio, count: int, most: int = AIRFLOWS_MAP_LENGTH) -> ToolBox:
    videos = [f"s3://{studio.bucket}/videos/e{n:03d}.mp4" for n in range(count)]
    return replace(studio.tools(videos=videos), most_mapped_tasks=most)


def lengths(shards: list[Shard]) -> set[int]:
    return {shard.last_k - shard.first_k for shard in shards}


@pytest.mark.usefixtures("episodes")
def test_350_episodes_are_planned_within_the_limit(studio: Studio) -> None:
    """1,050 shards of 7:20 become 1,024: of 26 films, two are joined."""
    shards = plan_shards(series(studio, 350))
    assert len(shards) == 1024
    assert [shard.last_k - shard.first_k for shard in shards].count(880) == 26
    assert lengths(shards) == {440, 880}
    for _, of_film in groupby(shards, key=lambda shard: shard.video.uri):
        film = list(of_film)
        assert (film[0].first_k, film[-1].last_k) == (0, 1320)
        assert all(one.last_k == other.first_k for one, other in pairwise(film))


@pytest.mark.usefixtures("episodes")
@pytest.mark.parametrize(
    ("most", "planned"), [(31, [440] * 30), (30, [440] * 30), (29, [880, *[440] * 28])]
)
def test_shards_are_joined_from_the_first_that_is_too_many(
    studio: Studio, most: int, planned: list[int]
) -> None:
    shards = plan_shards(series(studio, 10, most))
    assert [shard.last_k - shard.first_k for shard in shards] == planned


@pytest.mark.usefixtures("episodes")
def test_as_many_films_as_tasks_are_one_shard_each(studio: Studio) -> None:
    shards = plan_shards(series(studio, 10, most=10))
    assert [(shard.first_k, shard.last_k) for shard in shards] == [(0, 1320)] * 10


@pytest.mark.usefixtures("episodes")
def test_one_film_more_than_tasks_is_refused_before_anything_is_written(studio: Studio) -> None:
    tools = series(studio, 11, most=10)
    with pytest.raises(BadInput, match=r"11 films .* at most 10 .*MAX_MAP_LENGTH"):
        plan_shards(tools)
    assert list(tools.objects.list(tools.run_root)) == []


@pytest.mark.usefixtures("episodes")
def test_the_label_of_a_joined_shard_covers_all_of_it(studio: Studio) -> None:
    first, *_ = plan_shards(series(studio, 2, most=5))
    assert first.label == "e000.mp4 0:00:00-0:14:40"


@pytest.mark.usefixtures("episodes")
def test_films_of_the_same_name_are_told_apart_by_their_uris(studio: Studio) -> None:
    videos = [f"s3://studio/{name}.mp4" for name in ("s1/e1", "s2/e1", "s2/e2")]
    labels = [shard.label for shard in plan_shards(studio.tools(videos=videos))]
    assert len(set(labels)) == 9
    assert labels[0] == "s3://studio/s1/e1.mp4 0:00:00-0:07:20"
    assert labels[3] == "s3://studio/s2/e1.mp4 0:00:00-0:07:20"
    assert labels[6] == "e2.mp4 0:00:00-0:07:20"


def test_one_long_film_is_cut_into_as_many_shards_as_are_allowed(
    studio: Studio, tmp_path: Path
) -> None:
    """80 s in shards of 15 s are six; within two, both are 40 s, and the frames are the same."""
    film = studio.upload(make_film(tmp_path / "film.mp4", 2000, options=GOP_12))
    tools = studio.tools(videos=[film], shard_minutes=0.25)
    six = plan_shards(tools)
    two = plan_shards(replace(tools, most_mapped_tasks=2))
    assert len(six) == 6
    assert [(shard.first_k, shard.last_k) for shard in two] == [(0, 40), (40, 80)]
    counts = [[sample_frames(tools, shard).count for shard in shards] for shards in (six, two)]
    assert list(map(sum, counts)) == [80, 80]

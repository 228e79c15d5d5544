"""From videos in S3 to frames in the library: planning, sampling, and what can go wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.image_records import Frame
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.sampling.shards import QuarantinedVideo, Shard
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.plan_shards import plan_shards
from storyboard_ops.steps.sampling.sample_frames import sample_frames
from tests.films.film_maker import make_film, number_in, numbered
from tests.studio.studio_fixture import Studio

GOP_12 = {"g": "12", "bf": "2", "x264-params": "log-level=none"}
#: Numbered pictures are flat and alike: only the test that is about triage drops any.
KEEP_ALL = {"blurred_below": 0, "title_above": 1, "identical_above": 1}


@pytest.fixture
def asked(studio: Studio) -> Counter[str]:
    """How often S3 was asked for what: "GetObject .mp4"."""
    counts: Counter[str] = Counter()

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        counts[f"{model.name} {Path(params['url']).suffix}"] += 1

    studio.client("s3").meta.events.register("before-call.s3", note)
    return counts


def tools_for(studio: Studio, *videos: str, **params: Any) -> ToolBox:
    return studio.tools(videos=list(videos), **{**KEEP_ALL, **params})


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Four seconds; picture n says n."""
    return make_film(tmp_path / "film.mp4", 100, options=GOP_12)


def frames_of(tools: ToolBox, ref: ManifestRef) -> tuple[Frame, ...]:
    return tools.manifests.read(ref, Frame, "frames").records


def test_a_film_becomes_frames_with_their_lineage(studio: Studio, film: Path) -> None:
    uri = studio.upload(film)
    tools = tools_for(studio, uri)
    (shard,) = plan_shards(tools)
    assert (shard.first_k, shard.last_k, shard.lost) == (0, 4, "")
    assert shard.label == "film.mp4 0:00:00-0:00:04"
    assert shard.video.size == film.stat().st_size

    frames = frames_of(tools, sample_frames(tools, shard))
    assert [frame.k for frame in frames] == [0, 1, 2, 3]
    assert [frame.seconds for frame in frames] == [0, 1, 2, 3]
    assert {frame.video.uri for frame in frames} == {uri}
    for frame in frames:
        body = tools.objects.get(S3Uri.parse(frame.uri))
        assert number_in(decode_rgb(body)) == 25 * frame.k
        assert frame.uri.endswith(f"/frames/{frame.k:07d}.jpg")
        assert (frame.width, frame.height) == (160, 48)


def test_a_second_run_decodes_nothing_and_reads_no_film(
    studio: Studio, asked: Counter[str], film: Path
) -> None:
    tools = tools_for(studio, studio.upload(film))
    first = [sample_frames(tools, shard) for shard in plan_shards(tools)]
    asked.clear()
    again = replace(tools, run_key="run-2")
    assert [sample_frames(again, shard) for shard in plan_shards(again)] == first
    assert asked["GetObject .mp4"] == 0
    assert asked["PutObject .jpg"] == 0


def test_the_same_content_under_another_uri_is_not_decoded_again(
    studio: Studio, asked: Counter[str], film: Path
) -> None:
    """Each run knows under which URI it was given the film; the pictures are the same objects."""
    uris = [studio.upload(film), studio.upload(film, "same-content.mp4")]
    first, second = (tools_for(studio, uri) for uri in uris)
    (shard,) = plan_shards(first)
    ref = sample_frames(first, shard)
    asked.clear()

    (other,) = plan_shards(second)
    other_ref = sample_frames(second, other)
    assert asked["GetObject .mp4"] == 0
    assert asked["PutObject .jpg"] == 0
    frames, others = frames_of(first, ref), frames_of(second, other_ref)  # refuses changed ones
    assert {frame.video.uri for frame in frames} == {uris[0]}
    assert {frame.video.uri for frame in others} == {uris[1]}
    assert [frame.uri for frame in others] == [frame.uri for frame in frames]
    assert sample_frames(first, shard) == ref
    assert sample_frames(second, other) == other_ref


def test_another_interval_is_another_sampling(studio: Studio, film: Path) -> None:
    uri = studio.upload(film)
    counts = []
    for interval in (1.0, 0.5):
        tools = tools_for(studio, uri, sample_interval_s=interval)
        (shard,) = plan_shards(tools)
        counts.append(sample_frames(tools, shard).count)
    assert counts == [4, 8]


def test_shards_give_the_same_frames_as_one_pass(studio: Studio, tmp_path: Path) -> None:
    """40 s in shards of 15 s, with dropped and repeated pictures across the seams."""

    def picture(number: int) -> np.ndarray:
        return numbered(number // 225 * 100)  # changes every nine seconds

    film = make_film(tmp_path / "film.mp4", 1000, options=GOP_12, picture=picture)
    tools = tools_for(studio, studio.upload(film), identical_above=0.99, shard_minutes=0.25)
    shards = plan_shards(tools)
    assert [(shard.first_k, shard.last_k) for shard in shards] == [(0, 13), (13, 26), (26, 40)]
    whole = shards[0].model_copy(update={"last_k": 40})

    one_pass = frames_of(tools, sample_frames(tools, whole))
    in_shards = [f for shard in shards for f in frames_of(tools, sample_frames(tools, shard))]
    assert in_shards == list(one_pass)
    assert [f.k for f in in_shards if f.dropped is None] == [0, 9, 18, 27, 36]
    assert {f.dropped.reason for f in in_shards if f.dropped} == {"near-identical"}


def test_exact_cuts_are_found_between_samples_whatever_the_shards(
    studio: Studio, tmp_path: Path
) -> None:
    """Cuts at pictures 60 (2.4 s), 500 (20 s, on a sample) and 760 and 770 (both before 31 s).

    The last two show nothing on the samples: the shot between them lies between two of these.
    """

    def picture(number: int) -> np.ndarray:
        colours = [(250, 30, 30), (20, 90, 20), (40, 40, 250), (60, 60, 20), (40, 40, 250)]
        shot = sum(number >= cut for cut in (60, 500, 760, 770))
        return np.full((48, 160, 3), colours[shot], dtype=np.uint8)

    film = studio.upload(make_film(tmp_path / "film.mp4", 1000, options=GOP_12, picture=picture))
    tools = tools_for(studio, film, exact_cuts=True, shard_minutes=0.25)
    shards = plan_shards(tools)
    assert [shard.first_k for shard in shards] == [0, 13, 26]
    frames = [f for shard in shards for f in frames_of(tools, sample_frames(tools, shard))]
    assert [f.k for f in frames if f.shot == f.k] == [0, 3, 20, 31]
    assert [f.shot for f in frames] == [0] * 3 + [3] * 17 + [20] * 11 + [31] * 9

    whole = shards[0].model_copy(update={"last_k": 40})
    assert list(frames_of(tools, sample_frames(tools, whole))) == frames
    sampled = tools_for(studio, film)
    assert sampled.settings.sampling_digest != tools.settings.sampling_digest
    (shard,) = plan_shards(sampled)
    assert {f.shot for f in frames_of(sampled, sample_frames(sampled, shard))} == {0, 3, 20}


def test_dropped_samples_are_recorded_and_not_stored(
    studio: Studio, asked: Counter[str], tmp_path: Path
) -> None:
    film = make_film(
        tmp_path / "film.mp4",
        50,
        options=GOP_12,
        picture=lambda n: numbered(n) if n >= 25 else np.zeros((48, 160, 3), np.uint8),
    )
    tools = tools_for(studio, studio.upload(film))
    (shard,) = plan_shards(tools)
    ref = sample_frames(tools, shard)
    manifest = tools.manifests.read(ref, Frame, "frames")
    black, kept = manifest.records
    assert black.dropped is not None
    assert (black.dropped.stage, black.dropped.reason, black.uri) == ("sample", "black", "")
    assert kept.dropped is None
    assert manifest.header.summary == {
        "kept": 1,
        "dropped": {"black": 1},
        "calls_saved": 1,
        "shots": 2,
        "transparent": 0,
        "lost": "",
    }
    assert asked["PutObject .jpg"] == 1


def test_unreadable_videos_are_set_aside_and_the_others_go_on(
    studio: Studio, film: Path, tmp_path: Path
) -> None:
    good = studio.upload(film)
    empty, text, listing = (tmp_path / f"{name}.mp4" for name in ("empty", "text", "listing"))
    empty.write_bytes(b"")
    text.write_bytes(b"this is not a film at all")
    listing.write_text("ffconcat version 1.0\nfile 'film.mp4'\n")
    bad = [studio.upload(path) for path in (empty, text, listing)]
    bad.append(f"s3://{studio.bucket}/videos/gone.mp4")
    tools = tools_for(studio, bad[0], good, *bad[1:], max_lost_share=0.8)
    assert [shard.video.uri for shard in plan_shards(tools)] == [good]

    body = tools.objects.get(tools.run_root / "quarantine.jsonl").decode().splitlines()[1:]
    lost = {video.uri: video.reason for video in map(QuarantinedVideo.model_validate_json, body)}
    assert list(lost) == bad
    assert lost[bad[0]].startswith("the file is empty")
    assert lost[bad[1]].startswith("it is not a video file")
    assert lost[bad[2]].startswith("it cannot be opened: Invalid argument. A list of other files")
    assert lost[bad[3]].startswith("it does not exist or may not be read; upload it")


@pytest.mark.parametrize(("share", "videos"), [(1.0, 1), (0.4, 2)])
def test_losing_all_or_too_many_fails_and_names_them(
    studio: Studio, film: Path, share: float, videos: int
) -> None:
    uris = [f"s3://{studio.bucket}/videos/gone.mp4", studio.upload(film)][:videos]
    with pytest.raises(BadInput, match=r"1 of \d videos cannot be read(.|\n)*gone\.mp4"):
        plan_shards(tools_for(studio, *uris, max_lost_share=share))


def test_a_missing_bucket_is_told_by_name(studio: Studio) -> None:
    with pytest.raises(BadInput, match=r"s3://no-such-bucket/film\.mp4: it does not exist"):
        plan_shards(tools_for(studio, "s3://no-such-bucket/film.mp4"))


def test_a_video_replaced_during_the_run_gives_no_frames_and_the_reason(
    studio: Studio, film: Path, tmp_path: Path
) -> None:
    tools = tools_for(studio, studio.upload(film))
    (shard,) = plan_shards(tools)
    studio.upload(make_film(tmp_path / "other.mp4", 50, options=GOP_12), "film.mp4")
    ref = sample_frames(tools, shard)
    assert frames_of(tools, ref) == ()
    assert tools.manifests.header(ref).summary == {
        "kept": 0,
        "dropped": {},
        "calls_saved": 0,
        "shots": 0,
        "transparent": 0,
        "lost": "",
        "quarantined": {
            "uri": shard.video.uri,
            "reason": "it was replaced since the run began; start a new run.",
            "part": "film.mp4 0:00:00-0:00:04",
        },
    }


def test_a_shard_survives_the_way_through_xcom(studio: Studio, film: Path) -> None:
    (shard,) = plan_shards(tools_for(studio, studio.upload(film)))
    assert Shard.model_validate(shard.model_dump(mode="json")) == shard

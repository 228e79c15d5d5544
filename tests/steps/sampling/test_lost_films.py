"""A film that is lost after its shards were planned: the others go on, and the report says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import (
    BadInput,
    CredentialsExpired,
    NotFound,
    ObjectMissing,
    ServiceError,
    ServiceFailed,
    Throttled,
)
from storyboard_ops.domain.image_records import Frame, FrameDetections
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.removal.removal_records import parse_request
from storyboard_ops.domain.sampling.shards import QuarantinedVideo
from storyboard_ops.steps.dataset.crop_characters import crop_characters
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.preflight.check_preflight import check_preflight
from storyboard_ops.steps.removal.remove_material import Removal
from storyboard_ops.steps.report.collect_manifests import collect_manifests
from storyboard_ops.steps.report.write_report import write_report
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.lost_films import lost_films, lost_in_sampling
from storyboard_ops.steps.sampling.plan_shards import plan_shards
from storyboard_ops.steps.sampling.sample_frames import sample_frames
from tests.films.film_maker import make_film
from tests.material.finished_runs import lantern_production
from tests.studio.studio_fixture import Studio

KEEP_ALL: dict[str, Any] = {"blurred_below": 0, "title_above": 1, "identical_above": 1}
EVERY_HALF_SECOND = {"g": "12", "x264-params": "log-level=none"}
MOMENT = "2026-11-23T10:00:00+00:00"
GONE = "it does not exist or may not be read; upload it, or allow s3:GetObject."

#: Lets S3 refuse calls: operation, end of the key, code, HTTP status.
Refuse = Callable[[str, str, str, int], None]


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    """Two films of 40 seconds, not quite the same."""
    return [
        make_film(tmp_path / name, count, options=EVERY_HALF_SECOND)
        for name, count in (("kept.mp4", 1000), ("lost.mp4", 999))
    ]


@pytest.fixture
def refuse(studio: Studio) -> Iterator[Refuse]:
    events = studio.client("s3").meta.events
    handlers = []

    def answer(operation: str, key: str, code: str, status: int, model: Any, params: Any, **_: Any):
        if model.name == operation and params["url_path"].endswith(key):
            error = {"Error": {"Code": code, "Message": "Refused for a test."}}
            return SimpleNamespace(status_code=status), error
        return None

    def refuse(operation: str, key: str, code: str, status: int) -> None:
        handlers.append(partial(answer, operation, key, code, status))
        events.register("before-call.s3", handlers[-1])

    yield refuse
    for handler in handlers:
        events.unregister("before-call.s3", handler)


def prepared(studio: Studio, films: list[Path], **params: Any) -> ToolBox:
    """A run on films, after its preflight."""
    tools = studio.tools(
        videos=list(map(studio.upload, films)),
        production=lantern_production(studio),
        **KEEP_ALL,
        **params,
    )
    check_preflight(tools)
    return tools


def delete(studio: Studio, uri: str) -> None:
    film = S3Uri.parse(uri)
    studio.client("s3").delete_object(Bucket=film.bucket, Key=film.key)


def paid_calls(studio: Studio) -> list[dict[str, Any]]:
    """What was paid for so far by the call; what other tests have left standing bills by time."""
    lines = studio.endpoint.admin("GET", "bill")["lines"]
    return [
        line
        for line in lines
        if line["usd_per_unit"] is not None and not line["resource"].startswith("arn:")
    ]


def examined(tools: ToolBox, frames: list[ManifestRef]) -> list[ManifestRef]:
    """Detections without anybody in them, as ``detect_characters`` writes them."""
    return [
        tools.manifests.commit(
            tools.run_root / f"detections/{ref.sha256}.jsonl",
            "detections",
            ref.sha256,
            [FrameDetections(frame=f) for f in tools.manifests.read(ref, Frame, "frames").records],
            {"frames_manifest": ref.model_dump(mode="json")},
        )
        for ref in frames
    ]


def told_by_report(tools: ToolBox, failure: str = "") -> list[str]:
    """What the page says of films that were set aside."""
    page = write_report(tools, collect_manifests(tools, MOMENT, MOMENT, failure))["report"]
    html = tools.objects.get(S3Uri.parse(page)).decode()
    lines = re.findall(r"quarantined</span> (.*?) <span", html)
    return [re.sub(r"<[^>]*>", "", line) for line in lines]


def test_the_others_go_on_and_the_report_names_the_film(studio: Studio, films: list[Path]) -> None:
    tools = prepared(studio, films)
    shards = plan_shards(tools)
    delete(studio, tools.settings.videos[1])
    frames = [sample_frames(tools, shard) for shard in shards]
    assert [ref.count for ref in frames] == [40, 0]

    refs = examined(tools, frames)
    cut = crop_characters(tools, refs)
    told = [f"lost.mp4 0:00:00-0:00:40 could not be used: {GONE}"]
    assert told_by_report(tools) == told
    assert crop_characters(tools, refs) == cut
    assert told_by_report(tools) == told


def test_nobody_is_asked_about_a_shard_without_frames(studio: Studio, films: list[Path]) -> None:
    tools = prepared(studio, films)
    _, shard = plan_shards(tools)
    delete(studio, shard.video.uri)
    paid = paid_calls(studio)
    ref = detect_characters(tools, sample_frames(tools, shard))
    assert ref.count == 0
    assert ref.uri.startswith(f"{tools.run_root}/detections/")
    assert paid_calls(studio) == paid
    assert tools.booked() == ()


@pytest.mark.parametrize(("share", "lost"), [(0.4, ["lost"]), (1.0, ["kept", "lost"])])
def test_losing_all_or_too_many_ends_the_run_and_names_them(
    studio: Studio, films: list[Path], share: float, lost: list[str]
) -> None:
    tools = prepared(studio, films, max_lost_share=share)
    shards = plan_shards(tools)
    for uri in tools.settings.videos[-len(lost) :]:
        delete(studio, uri)
    refs = examined(tools, [sample_frames(tools, shard) for shard in shards])
    for _ in ("at first", "again"):
        with pytest.raises(BadInput, match=f"^{len(lost)} of 2 videos cannot be read") as error:
            crop_characters(tools, refs)
        assert re.findall(r"(\w+)\.mp4: it does not exist", str(error.value)) == lost
    told = told_by_report(tools, failure="failed: crop_characters")
    assert [line.partition(".mp4")[0] for line in told] == lost


def test_films_lost_in_planning_and_in_sampling_count_together(
    studio: Studio, films: list[Path]
) -> None:
    tools = prepared(studio, films)
    delete(studio, tools.settings.videos[0])
    (shard,) = plan_shards(tools)
    delete(studio, tools.settings.videos[1])
    refs = examined(tools, [sample_frames(tools, shard)])
    with pytest.raises(BadInput, match="2 of 2 videos"):
        crop_characters(tools, refs)
    assert [video.part for video in lost_films(tools)] == ["", "lost.mp4 0:00:00-0:00:40"]


def test_a_film_of_which_frames_are_left_is_used_and_what_is_lost_is_told(
    studio: Studio, films: list[Path]
) -> None:
    tools = prepared(studio, films[1:], max_lost_share=0, shard_minutes=0.25)
    first, *others = plan_shards(tools)
    sampled = sample_frames(tools, first)
    delete(studio, first.video.uri)
    frames = [sampled, *(sample_frames(tools, shard) for shard in others)]
    assert [ref.count for ref in frames] == [13, 0, 0]
    crop_characters(tools, examined(tools, frames))
    assert told_by_report(tools) == [
        f"lost.mp4 0:00:13-0:00:26 could not be used: {GONE}",
        f"lost.mp4 0:00:26-0:00:40 could not be used: {GONE}",
    ]


def test_a_shard_of_which_nothing_can_be_decoded_is_set_aside(
    studio: Studio, tmp_path: Path
) -> None:
    """The table of packets stands at the front and is whole; zeros stand where the end should."""
    options = {"movflags": "faststart"}
    film = make_film(
        tmp_path / "film.mp4", 1000, options=EVERY_HALF_SECOND, container_options=options
    )
    body = film.read_bytes()
    film.write_bytes(body[: len(body) // 2].ljust(len(body), b"\0"))
    tools = studio.tools(
        videos=[studio.upload(film)], sample_interval_s=0.25, shard_minutes=0.25, **KEEP_ALL
    )
    frames = [sample_frames(tools, shard) for shard in plan_shards(tools)]
    assert [ref.count for ref in frames] == [53, 53, 0]
    (lost,) = lost_in_sampling(tools, examined(tools, frames))
    assert lost.part == "film.mp4 0:00:26-0:00:40"
    assert lost.reason == "no picture of it can be decoded; upload a readable version."


def test_what_a_cleared_task_can_read_is_not_lost_any_more(
    studio: Studio, films: list[Path]
) -> None:
    tools = prepared(studio, films[1:])
    (shard,) = plan_shards(tools)
    delete(studio, shard.video.uri)
    lost = sample_frames(tools, shard)
    with pytest.raises(BadInput, match="1 of 1 videos"):
        crop_characters(tools, examined(tools, [lost]))

    studio.upload(films[1])
    found = sample_frames(tools, shard)
    assert (lost.count, found.count) == (0, 40)
    assert found.uri.startswith(f"{tools.workspace.root}/library/")
    crop_characters(tools, examined(tools, [found]))
    assert lost_films(tools) == ()


@pytest.mark.parametrize(
    ("operation", "code", "status", "reason"),
    [
        ("HeadObject", "403", 403, GONE),
        ("GetObject", "AccessDenied", 403, "it may not be read; allow s3:GetObject"),
        ("GetObject", "InvalidObjectState", 403, "it is archived; restore it"),
        ("GetObject", "PreconditionFailed", 412, "it was replaced since the run began"),
    ],
)
def test_what_s3_says_of_one_film_sets_it_aside_with_the_reason(
    studio: Studio,
    films: list[Path],
    refuse: Refuse,
    operation: str,
    code: str,
    status: int,
    reason: str,
) -> None:
    tools = studio.tools(videos=[studio.upload(films[1])], **KEEP_ALL)
    (shard,) = plan_shards(tools)
    refuse(operation, "lost.mp4", code, status)
    ref = sample_frames(tools, shard)
    lost = QuarantinedVideo.model_validate(tools.manifests.header(ref).summary["quarantined"])
    assert ref.count == 0
    assert (lost.uri, lost.part) == (shard.video.uri, shard.label)
    assert lost.reason.startswith(reason)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("SlowDown", 503, Throttled),
        ("InternalError", 500, ServiceFailed),
        ("ExpiredToken", 400, CredentialsExpired),
    ],
)
def test_what_may_pass_is_left_to_another_try(
    studio: Studio,
    films: list[Path],
    refuse: Refuse,
    code: str,
    status: int,
    kind: type[ServiceError],
) -> None:
    tools = studio.tools(videos=[studio.upload(films[1])], **KEEP_ALL)
    (shard,) = plan_shards(tools)
    refuse("GetObject", "lost.mp4", code, status)
    with pytest.raises(kind, match=code):
        sample_frames(tools, shard)


def test_what_the_library_lacks_sets_no_film_aside(
    studio: Studio, films: list[Path], refuse: Refuse
) -> None:
    tools = studio.tools(videos=list(map(studio.upload, films)), **KEEP_ALL)
    shard, _ = plan_shards(tools)
    refuse("GetObject", ".bin", "AccessDenied", 403)
    for step in (plan_shards, lambda tools: sample_frames(tools, shard)):
        with pytest.raises(ObjectMissing, match=r"/library/.*\.bin does not exist or may not"):
            step(tools)
    assert lost_films(tools) == ()


def test_without_its_workspace_a_run_sets_no_film_aside(studio: Studio, films: list[Path]) -> None:
    tools = studio.tools(videos=[studio.upload(films[1])], **KEEP_ALL)
    (shard,) = plan_shards(tools)
    settings = tools.settings.model_copy(update={"workspace": "s3://no-such-bucket"})
    with pytest.raises(NotFound, match="NoSuchBucket"):
        sample_frames(replace(tools, settings=settings), shard)


def test_a_shard_of_which_something_is_removed_meanwhile_is_set_aside(
    studio: Studio, films: list[Path]
) -> None:
    """The removal is through after the task has read the list and before it commits."""
    tools = studio.tools(videos=[studio.upload(films[1])], shard_minutes=0.25, **KEEP_ALL)
    first, second, _ = plan_shards(tools)
    asked = {
        "workspace": str(tools.workspace.root),
        "film": first.video.uri,
        **{"from_s": 20, "to_s": 21, "dry_run": False},
        **{"reason": "the licence has ended", "requested_by": "dana"},
    }
    removal = Removal(parse_request(asked), studio.client)
    assert not tools.removed.removals
    removal.carry_out()

    whole, part = (sample_frames(tools, shard) for shard in (first, second))
    assert (whole.count, part.count) == (13, 0)
    reason = tools.manifests.header(part).summary["quarantined"]["reason"]
    assert reason.startswith("a part of it was removed while it was sampled; repeat the removal")

    removal.carry_out()
    cleared = sample_frames(replace(tools), second)
    kept = tools.manifests.read(cleared, Frame, "frames").records
    assert [frame.k for frame in kept] == [13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 25]
    listed = tools.objects.list(tools.workspace.root / "library/")
    assert not [head for head in listed if head.uri.name == "0000020.jpg"]

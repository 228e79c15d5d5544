"""Removing everywhere, on workspaces that the pipeline itself has filled.

Two films and three runs share one workspace: run-1 saw both films, trained and drew; run-2 saw film
b alone; run-3 saw film a alone and stopped at its dataset. Every test finds it as it was.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from storyboard_ops.core.contact_sheet import Picture, thumbnail
from storyboard_ops.core.mention_filter import header_of
from storyboard_ops.domain.error_tree import BadInput, GateClosed, RemoteFailure
from storyboard_ops.domain.film_spans import Tombstones
from storyboard_ops.domain.image_records import Frame, ImageRecord
from storyboard_ops.domain.manifest_codec import (
    ManifestRef,
    decode_header,
    encode_manifest,
    sha256_hex,
)
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.removal_records import RemovalRecord, parse_request
from storyboard_ops.gateways import stored_versions
from storyboard_ops.gateways.human_review import HumanReview, read_answers
from storyboard_ops.steps.open_review import open_review
from storyboard_ops.steps.plan_shards import plan_shards
from storyboard_ops.steps.removal_cli import main
from storyboard_ops.steps.remove_material import Removal
from storyboard_ops.steps.sample_frames import sample_frames
from storyboard_ops.steps.tool_box import ToolBox
from tests import factories
from tests.endpoint_fixture import RunningEndpoint
from tests.finished_runs import (
    approved_dataset,
    candidates_of,
    lantern_production,
    quiet_film,
    reported,
    trained_and_drawn,
)
from tests.studio_fixture import Studio

Objects = dict[str, bytes]

#: What tells of a removal, and so names what was removed.
TELLS = ("removals/", "removed.json")
#: What people asked a run for; it names films, and shows nothing of them.
ASKED = ("/settings.json", "/preflight.json", "/quarantine.jsonl")


@dataclass(frozen=True)
class World:
    """The workspace, and what was in it before anything was removed."""

    studio: Studio
    films: dict[str, str]  # name -> URI
    before: Objects
    read: dict[tuple[str, str], bytes]  # by key and ETag

    def tools(self, run: str, **params: Any) -> ToolBox:
        production = f"s3://{self.studio.bucket}/productions/lantern-keepers/lantern.yaml"
        given = {"production": production, "review_batch_size": 4, **params}
        return self.studio.tools(run, **given)

    def removal(self, **asked: Any) -> Removal:
        given = {"workspace": f"s3://{self.studio.bucket}", "dry_run": False}
        why = {"reason": "the licence has ended", "requested_by": "dana"}
        return Removal(parse_request(given | why | asked), self.studio.client)

    def objects(self) -> Objects:
        """Everything in the bucket; what was read before is not read again."""
        s3, bucket = self.studio.client("s3"), self.studio.bucket
        found = {}
        for key, etag in self.etags().items():
            if (key, etag) not in self.read:
                body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                self.read[key, etag] = body
            found[key] = self.read[key, etag]
        return found

    def etags(self) -> dict[str, str]:
        pages = self.studio.client("s3").get_paginator("list_objects_v2")
        listed = [page.get("Contents", ()) for page in pages.paginate(Bucket=self.studio.bucket)]
        return {item["Key"]: item["ETag"] for items in listed for item in items}

    def restore(self) -> None:
        """Put everything back as it was."""
        s3, bucket, now = self.studio.client("s3"), self.studio.bucket, self.etags()
        for key in now.keys() - self.before.keys():
            s3.delete_object(Bucket=bucket, Key=key)
        for key, body in self.before.items():
            if key not in now or self.read.get((key, now[key])) != body:
                s3.put_object(Bucket=bucket, Key=key, Body=body)

    def images(self, film: str) -> list[ImageRecord]:
        """The pictures of run-1 that were cut out of a film."""
        rows = self.before["runs/run-1/review/images.jsonl"].decode().split("\n")[1:]
        images = [ImageRecord.model_validate_json(row) for row in rows if row]
        return [image for image in images if image.frame.video.uri == self.films[film]]

    def frames(self, film: str) -> list[Frame]:
        """The samples of a film."""
        names = [k for k in self.before if "/shards/" in k]
        rows = [row for name in names for row in self.before[name].decode().split("\n")[1:] if row]
        frames = map(Frame.model_validate_json, rows)
        return [frame for frame in frames if frame.video.uri == self.films[film]]


@pytest.fixture(scope="module")
def built(local_endpoint: RunningEndpoint, tmp_path_factory: pytest.TempPathFactory) -> World:
    studio = Studio.opened(local_endpoint)
    folder = tmp_path_factory.mktemp("films")
    films = {
        "a": studio.upload(quiet_film(folder / "a.mp4", range(9))),
        "b": studio.upload(quiet_film(folder / "b.mp4", range(20, 29))),
    }
    lantern_production(studio)
    world = World(studio, films, {}, {})
    first = world.tools("run-1", videos=list(films.values()))
    trained_and_drawn(first, approved_dataset(studio, first, candidates_of(first)))
    for run, film in (("run-2", "b"), ("run-3", "a")):
        tools = world.tools(run, videos=[films[film]])
        approved_dataset(studio, tools, candidates_of(tools))
    return World(studio, films, world.objects(), world.read)


@pytest.fixture
def world(built: World) -> Iterator[World]:
    yield built
    built.restore()


def left_of(objects: Objects, digests: set[str], bodies: set[bytes]) -> list[str]:
    """Keys of objects that hold something removed: its bytes, its digest, or its name."""
    short = {digest[:12].encode() for digest in digests}
    return [
        key
        for key, body in objects.items()
        if not key.startswith(TELLS)
        and (body in bodies or any(mark in body or mark in key.encode() for mark in short))
    ]


def removed_from(images: list[ImageRecord], frames: list[Frame]) -> set[str]:
    ids = {image.image_id for image in images} | {frame.sha256 for frame in frames}
    return ids | {frame.video.sha256 for frame in frames} - {""}


def changed(world: World, after: Objects) -> set[str]:
    return {key for key in world.before if after.get(key) != world.before[key]}


def told(record: RemovalRecord, bucket: str) -> set[str]:
    uris = {line.uri for line in (*record.deleted, *record.rewritten)} | set(record.pages)
    return {uri.removeprefix(f"s3://{bucket}/") for uri in uris}


def stale_references(objects: Objects, bucket: str) -> list[str]:
    """References to manifests, anywhere in the bucket, whose count or digest does not hold."""
    stale = []
    for key, body in objects.items():
        if key.startswith(TELLS) or not key.endswith((".json", ".jsonl")):
            continue
        for found in re.findall(rb'\{"count":\d+,"sha256":"[0-9a-f]{64}","uri":"[^"]+"\}', body):
            ref = ManifestRef.model_validate_json(found)
            there = objects.get(ref.uri.removeprefix(f"s3://{bucket}/"), b"")
            if sha256_hex(there) != ref.sha256 or decode_header(there).count != ref.count:
                stale.append(f"{key} -> {ref.uri}")
    return stale


def miscounted(objects: Objects) -> list[str]:
    manifests = {k: h for k, b in objects.items() if k.endswith(".jsonl") and (h := header_of(b))}
    return [k for k, header in manifests.items() if objects[k].count(b"\n") - 1 != header.count]


def test_after_a_film_is_removed_nothing_in_the_bucket_holds_any_of_it(world):
    images, frames = world.images("a"), world.frames("a")
    digests = removed_from(images, frames)
    bodies = {world.before[S3Uri.parse(one.uri).key] for one in (*images, *frames) if one.uri}
    assert len(left_of(world.before, digests, bodies)) > 100

    record = world.removal(film=world.films["a"], delete_film=True).carry_out()

    after = world.objects()
    assert left_of(after, digests, bodies) == []
    assert "videos/a.mp4" not in after
    names = [k for k, body in after.items() if b"videos/a.mp4" in body and not k.startswith(TELLS)]
    assert all(name.endswith((*ASKED, "/report.html")) for name in names)
    assert changed(world, after) == told(record, world.studio.bucket)
    assert stale_references(after, world.studio.bucket) == []
    assert miscounted(after) == []


def test_runs_of_other_films_stay_byte_for_byte(world):
    world.removal(film=world.films["a"]).carry_out()
    after = world.objects()
    others = [key for key in world.before if key.startswith(("runs/run-2/", "approved/lantern-k"))]
    assert any(after[key] != world.before[key] for key in others if key.endswith("run-1.json"))
    assert all(after[key] == world.before[key] for key in others if "run-2" in key)
    b = world.frames("b")[0].video.sha256[:32]
    library = [key for key in world.before if key.startswith(f"library/{b}/")]
    assert len(library) > 10
    assert all(after[key] == world.before[key] for key in library)


def test_a_dry_run_tells_everything_and_touches_nothing(world):
    planned = world.removal(film=world.films["a"]).plan()
    assert world.objects() == world.before
    done = world.removal(film=world.films["a"]).carry_out()
    pages = set(planned.pages)
    assert {line for line in planned.deleted if line.uri not in pages} == set(done.deleted)
    assert planned.rewritten == done.rewritten
    assert re.match(
        r"film s3://\S+/a\.mp4: would delete \d+ objects, \d+\.\d MB, would take \d+ rows out of "
        r"\d+ manifests, in 2 runs; trained models: arn:aws:bedrock:",
        planned.sentence,
    )


def test_the_record_and_its_page_say_what_happened_and_which_models_know_it(world):
    removal = world.removal(film=world.films["a"])
    record = removal.carry_out()
    after = world.objects()
    written = RemovalRecord.model_validate_json(after[f"removals/{record.removal_id}.json"])
    assert written == record
    assert record.runs == ("run-1", "run-3")
    (model,) = record.models
    facts = json.loads(world.before["runs/run-1/model/model.json"])
    assert (model.model_arn, model.job_arn) == (facts["model_arn"], facts["job_arn"])
    assert model.exists
    page = after[f"removals/{record.removal_id}.html"].decode()
    for expected in (facts["model_arn"], facts["job_arn"], "the licence has ended", "dana"):
        assert expected in page


@dataclass(frozen=True)
class Undisturbed:
    """What film a's removal leaves, and in which writes."""

    after: Objects
    writes: list[str]  # "PutObject", "DeleteObjects"

    def kill_at(self, moment: str) -> int:
        """How many writes are left to a removal that is killed at a moment."""
        deletion = self.writes.index("DeleteObjects")
        return {
            "before the tombstone": 2,
            "before the first manifest": 3,
            "among the manifests": (3 + deletion) // 2,
            "before the objects": deletion,
            "before the pages": deletion + 1,
            "among the pages": deletion + 3,
        }[moment]


@pytest.fixture(scope="module")
def undisturbed(built: World) -> Undisturbed:
    with dying_after(built.studio, 1_000) as watch:
        built.removal(film=built.films["a"]).carry_out()
    after = without_tales(built.objects())
    built.restore()
    return Undisturbed(after, watch.seen)


@pytest.mark.parametrize(
    "moment",
    [
        "before the tombstone",
        "before the first manifest",
        "among the manifests",
        "before the objects",
        "before the pages",
        "among the pages",
    ],
)
def test_a_removal_that_was_killed_goes_on_where_it_stopped(world, undisturbed, moment):
    removal = world.removal(film=world.films["a"])
    writes = undisturbed.kill_at(moment)
    with dying_after(world.studio, writes), pytest.raises(ClientError, match="killed"):
        removal.carry_out()
    half = world.objects()
    assert miscounted(half) == []
    assert missing_pictures(half, world.studio.bucket) == []

    removal.carry_out()
    assert without_tales(world.objects()) == undisturbed.after


@pytest.mark.parametrize(
    "last",
    ["approved/", "runs/drawing/storyboard/panels.jsonl", "runs/run-3/dataset/images/"],
)
def test_a_removal_killed_among_the_objects_finds_the_rest_of_them(
    world, undisturbed, monkeypatch, last
):
    """Also what only a deleted object led to: a storyboard's print, files of an emptied dataset."""
    drawn_elsewhere(world)
    monkeypatch.setattr(stored_versions, "MOST_KEYS", 1)
    removal = world.removal(film=world.films["a"])
    folder = f"s3://{world.studio.bucket}/{last}"
    doomed = [line.uri.startswith(folder) for line in removal.plan().deleted]
    deleted = len(doomed) - doomed[::-1].index(True)
    writes = undisturbed.kill_at("before the objects") + deleted
    with dying_after(world.studio, writes), pytest.raises(ClientError, match="killed"):
        removal.carry_out()

    removal.carry_out()
    assert without_tales(world.objects()) == undisturbed.after


def drawn_elsewhere(world: World) -> None:
    """A storyboard that another run has drawn with the model of run-1, and its print."""
    model = json.loads(world.before["runs/run-1/model/model.json"])["model_arn"]
    panel = factories.panel(1, model_arn=model)
    folder = "runs/drawing/storyboard"
    files = {
        f"{folder}/panels.jsonl": encode_manifest("panels", "d", [panel]),
        f"{folder}/panels/001-{panel.sha256[:12]}.png": b"a panel",
        f"{folder}/storyboard.pdf": b"a print of it",
    }
    for key, body in files.items():
        world.studio.client("s3").put_object(Bucket=world.studio.bucket, Key=key, Body=body)


def without_tales(objects: Objects) -> Objects:
    return {key: body for key, body in objects.items() if not key.startswith(TELLS)}


def missing_pictures(objects: Objects, bucket: str) -> list[str]:
    """Pictures that a trainer's manifest or a run's last manifest names and that are not there."""
    named: set[str] = set()
    for key, body in objects.items():
        if key.endswith("/train.jsonl"):
            named |= {json.loads(line)["image-ref"] for line in body.decode().splitlines()}
        if key.endswith("/review/images.jsonl"):
            named |= {json.loads(line)["uri"] for line in body.decode().splitlines()[1:]}
    return [uri for uri in named if uri.removeprefix(f"s3://{bucket}/") not in objects]


class dying_after:  # noqa: N801  reads as a sentence
    """Let every S3 write fail from the n-th on, as if the process had been killed."""

    def __init__(self, studio: Studio, writes: int) -> None:
        self.events = studio.client("s3").meta.events
        self.writes = writes
        self.seen: list[str] = []

    def _count(self, model: Any, **_: Any) -> None:
        if model.name in ("PutObject", "DeleteObjects"):
            self.seen.append(model.name)
            if len(self.seen) > self.writes:
                raise ClientError({"Error": {"Code": "Killed", "Message": "killed"}}, model.name)

    def __enter__(self) -> dying_after:
        self.events.register("before-call.s3", self._count)
        return self

    def __exit__(self, *_: object) -> None:
        self.events.unregister("before-call.s3", self._count)


def test_a_later_run_leaves_a_removed_film_out_and_says_why(world):
    world.removal(film=world.films["a"]).carry_out()
    tools = world.tools("run-4", videos=list(world.films.values()))
    candidates_of(tools)
    reason = json.loads(tools.objects.get(tools.run_root / "quarantine.jsonl").split(b"\n")[1])
    assert reason["uri"] == world.films["a"]
    assert "by dana: the licence has ended" in reason["reason"]
    digests = removed_from(world.images("a"), world.frames("a"))
    assert left_of(world.objects(), digests, set()) == []


def test_a_run_of_nothing_but_a_removed_film_stops(world):
    world.removal(film=world.films["a"]).carry_out()
    tools = world.tools("run-4", videos=[world.films["a"]])
    with pytest.raises(GateClosed, match="the licence has ended"):
        candidates_of(tools)
    with pytest.raises(BadInput, match="the licence has ended"):
        plan_shards(tools)


def test_a_stretch_of_film_goes_and_is_not_sampled_again(world):
    world.removal(film=world.films["a"], from_s=2, to_s=5).carry_out()
    gone = [frame for frame in world.frames("a") if frame.k in (2, 3, 4)]
    images = [image for image in world.images("a") if image.frame.k in (2, 3, 4)]
    after = world.objects()
    digests = {frame.sha256 for frame in gone} | {image.image_id for image in images}
    assert left_of(after, digests, set()) == []
    assert stale_references(after, world.studio.bucket) == []
    assert "videos/a.mp4" in after
    again = world.tools("run-4", videos=[world.films["a"]], blurred_below=0.5)
    (shard,) = plan_shards(again)
    frames = again.manifests.read(sample_frames(again, shard), Frame, "frames").records
    assert [frame.k for frame in frames] == [0, 1, 5, 6, 7, 8]
    assert left_of(world.objects(), {frame.sha256 for frame in gone}, set()) == []


def test_a_shot_goes_by_its_number(world):
    shots = sorted({frame.shot for frame in world.frames("a")})
    assert len(shots) > 2
    record = world.removal(film=world.films["a"], shot=shots[1]).carry_out()
    gone = {image.image_id for image in world.images("a") if image.frame.shot == shots[1]}
    assert gone <= set(record.digests)
    stay = {image.image_id for image in world.images("a") if image.frame.shot != shots[1]}
    assert not stay & set(record.digests)


def test_a_shot_that_is_not_there_is_refused(world):
    with pytest.raises(BadInput, match=r"No sample of film .* belongs to a shot 999"):
        world.removal(film=world.films["a"], shot=999).plan()
    assert world.objects() == world.before


def test_a_person_goes_with_every_frame_that_shows_them(world):
    removal = world.removal(production="lantern-keepers", character="bram")
    record = removal.carry_out()
    shown = [i for film in "ab" for i in world.images(film) if i.frame.k % 3 == 0]
    assert {image.character for image in shown} == {"bram", "mira"}
    after = world.objects()
    assert (
        left_of(after, {i.image_id for i in shown} | {i.frame.sha256 for i in shown}, set()) == []
    )
    sheet = json.loads(after["runs/run-1/production.json"])
    assert [character["id"] for character in sheet["characters"]] == ["mira", "pip"]
    references = json.loads(world.before["runs/run-1/production.json"])["characters"][1]
    assert all(S3Uri.parse(uri).key not in after for uri in references["references"])
    assert record.runs == ("run-1", "run-2", "run-3")
    assert stale_references(after, world.studio.bucket) == []
    with pytest.raises(GateClosed, match=r"Bram was removed on .* by dana: the licence has ended"):
        candidates_of(world.tools("run-4", videos=[world.films["b"]]))


def test_what_knows_a_persons_face_goes_with_the_person(world):
    rekognition = world.studio.client("rekognition")
    made = f"storyboard-faces-lantern-keepers-{uuid.uuid4().hex[:8]}"
    rekognition.create_collection(CollectionId=made)
    record = world.removal(production="lantern-keepers", character="bram").carry_out()
    assert made not in rekognition.list_collections()["CollectionIds"]
    assert f"{made} was deleted: it was made from the reference pictures." in record.notes


def test_what_a_model_drew_that_knew_it_goes_and_the_model_when_asked(world):
    arn = json.loads(world.before["runs/run-1/model/model.json"])["model_arn"]
    line = json.dumps({"current": {"model": {"model_arn": arn}}}).encode()
    key = "models/lantern-keepers/current.json"
    world.studio.client("s3").put_object(Bucket=world.studio.bucket, Key=key, Body=line)
    record = world.removal(film=world.films["a"], delete_models=True).carry_out()
    assert any(f"{key} still names a model" in note for note in record.notes)
    (model,) = record.models
    assert (model.exists, bool(model.deleted_at)) == (False, True)
    listed = world.studio.client("bedrock").list_custom_models()["modelSummaries"]
    assert model.model_arn not in {summary["modelArn"] for summary in listed}
    after = world.objects()
    assert not [key for key in after if key.startswith("runs/run-1/storyboard/")]
    lines = json.loads(after["runs/run-1/receipt.json"])["resources"]
    assert [line["deleted_at"] != "" for line in lines if line["arn"] == model.model_arn] == [True]


def test_answers_of_reviewers_lose_the_pictures_and_can_still_be_read(world):
    world.removal(film=world.films["a"]).carry_out()
    outputs = [key for key in world.before if key.endswith("/output.json")]
    seen: set[str] = set()
    tools = world.tools("run-1")
    for key in outputs:
        for answer in read_answers(tools.objects, "x", f"s3://{world.studio.bucket}/{key}"):
            seen |= {decision.image_id for decision in answer.decisions}
    assert seen == {image.image_id for image in world.images("b")}


def test_pages_are_made_anew_without_the_pictures(world):
    """The report of a run that had them, and the page of one that is compared with it."""

    def shown(run: str) -> set[str]:
        page = world.objects()[f"runs/{run}/report.html"].decode()
        return set(re.findall(r"data:image/webp;base64,([^\"]+)", page))

    def compared() -> set[str]:
        page = world.objects()["runs/run-2/dataset/diff.html"].decode()
        return set(re.findall(r'data-picture="([0-9a-f]{64})"', page))

    def small(image: ImageRecord) -> str:
        png = world.before[S3Uri.parse(image.uri).key]
        return base64.b64encode(thumbnail(png, Picture("", "", ""))).decode()

    for run in ("run-1", "run-2"):
        reported(world.tools(run))
    gone, stay = (set(map(small, world.images(film))) for film in "ab")
    assert shown("run-1") >= gone
    assert compared() == {image.image_id for image in world.images("a") if image.kept}

    record = world.removal(film=world.films["a"]).carry_out()

    assert not shown("run-1") & gone
    assert shown("run-1") >= stay
    assert compared() == set()
    assert record.runs == ("run-1", "run-2", "run-3")
    reports = [page for page in record.pages if page.endswith("/report.html")]
    assert [page.split("/")[-2] for page in reports] == ["run-1", "run-2"]


def test_a_run_of_nothing_but_a_deleted_film_keeps_its_settings_and_an_empty_report(world):
    reported(world.tools("run-3"))
    record = world.removal(film=world.films["a"], delete_film=True).carry_out()
    after = world.objects()
    assert after["runs/run-3/settings.json"] == world.before["runs/run-3/settings.json"]
    assert b"data:image" not in after["runs/run-3/report.html"]
    assert f"s3://{world.studio.bucket}/runs/run-3/report.html" in record.pages


def test_a_film_that_lies_elsewhere_is_not_said_to_be_deleted(world):
    record = world.removal(film="s3://elsewhere/a.mp4", delete_film=True).plan()
    assert any("s3://elsewhere/a.mp4, is not in the workspace" in note for note in record.notes)


def test_an_open_review_that_shows_it_is_stopped_once(world, monkeypatch):
    tools = world.tools("run-4", videos=[world.films["a"]])
    opened = open_review(tools, candidates_of(tools))
    names = {
        json.loads(r)["name"] for r in tools.objects.get(S3Uri.parse(opened.uri)).split(b"\n")[1:-1]
    }
    calls = []
    monkeypatch.setattr(HumanReview, "stop_loop", stopping(calls))
    record = world.removal(film=world.films["a"]).carry_out()
    assert set(calls) == set(record.stopped_loops) == names
    assert record.unfinished_runs == ("run-3", "run-4")
    a2i = world.studio.client("sagemaker-a2i-runtime")
    states = {a2i.describe_human_loop(HumanLoopName=n)["HumanLoopStatus"] for n in names}
    assert states <= {"Stopped", "Stopping"}
    before = len(calls)
    world.removal(film=world.films["a"]).carry_out()
    assert calls[before:] == []  # what was stopped is not stopped again


def stopping(calls: list[str]) -> Callable[[HumanReview, str], None]:
    """HumanReview.stop_loop, writing down what it was asked to stop."""
    stop = HumanReview.stop_loop

    def noted(desk: HumanReview, name: str) -> None:
        calls.append(name)
        stop(desk, name)

    return noted


def test_asking_again_when_all_is_done_finds_nothing_and_keeps_the_record(world):
    removal = world.removal(film=world.films["a"])
    first = removal.carry_out()
    after = world.objects()
    second = removal.carry_out()
    assert without_tales(world.objects()) == without_tales(after)
    assert (second.deleted, second.rewritten, second.models) == (
        first.deleted,
        first.rewritten,
        first.models,
    )


def test_what_a_run_wrote_meanwhile_is_named(world, monkeypatch):
    removal = world.removal(film=world.films["a"])
    key = f"runs/run-1/crops/{world.images('a')[0].image_id}.png"

    def late(*_: object) -> list[str]:
        world.studio.client("s3").put_object(Bucket=world.studio.bucket, Key=key, Body=b"late")
        return []

    monkeypatch.setattr(Removal, "_remake", late)
    with pytest.raises(RemoteFailure, match=f"hold removed material, the first is s3://.*/{key}"):
        removal.carry_out()


def test_two_removals_stand_beside_each_other(world):
    world.removal(film=world.films["a"], from_s=0, to_s=2).carry_out()
    world.removal(film=world.films["b"], from_s=0, to_s=2).carry_out()
    stones = Tombstones.model_validate_json(world.objects()["removed.json"])
    assert [stone.what[:11] for stone in stones.removals] == ["0 s to 2 s "] * 2


def test_the_command_tells_first_and_does_it_when_told(world, caplog):
    caplog.set_level("INFO")
    asked = ["--workspace", f"s3://{world.studio.bucket}", "--film", world.films["a"]]
    why = ["--reason", "the licence has ended", "--by", "dana"]
    assert main([*asked, *why], world.studio.client) == 0
    assert world.objects() == world.before
    assert "Nothing was touched; add --yes to do it." in caplog.messages
    assert main([*asked, *why, "--yes"], world.studio.client) == 0
    assert "removed.json" in world.objects()
    assert any(": deleted " in message for message in caplog.messages)


@pytest.mark.logs_errors
def test_the_command_refuses_what_it_does_not_understand(world):
    why = ["--reason", "the licence has ended", "--by", "dana"]
    assert main(["--shot", "3", *why], world.studio.client) == 2

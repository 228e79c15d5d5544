"""Removing everywhere, on a workspace that the pipeline itself has filled."""

from __future__ import annotations

import json
import re
import uuid

import pytest

from storyboard_ops.domain.error_tree import BadInput, GateClosed
from storyboard_ops.domain.image_records import Candidate, Frame
from storyboard_ops.domain.manifest_codec import encode_manifest
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import ScriptScene
from storyboard_ops.domain.removal.removal_records import RemovalRecord
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.domain.storyboard.drawn_picture import PICTURE_ANSWERS, DrawnPicture
from storyboard_ops.domain.storyboard.panel_board import ChoiceEntry, LoggedChoice
from storyboard_ops.domain.storyboard.panel_card import PanelCard
from storyboard_ops.domain.storyboard.redraw import Redraw
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.removal import stored_versions
from storyboard_ops.gateways.storage.answer_store import PaidAnswer
from storyboard_ops.steps.detection.names import FACES, detector_name
from storyboard_ops.steps.removal import rewrite_lineage, workspace_scan
from storyboard_ops.steps.sampling.plan_shards import plan_shards
from storyboard_ops.steps.sampling.sample_frames import sample_frames
from storyboard_ops.steps.storyboard.choosing.carry import choice_log
from tests.material import factories
from tests.material.factories import sha
from tests.material.finished_runs import candidates_of
from tests.material.removal_world import (
    TELLS,
    Objects,
    World,
    left_of,
    miscounted,
    removed_from,
    stale_references,
)
from tests.studio.iam_rights import Account, least_privilege

#: What people asked a run for; it names films, and shows nothing of them.
ASKED = ("/settings.json", "/preflight.json", "/quarantine.jsonl")


def changed(world: World, after: Objects) -> set[str]:
    return {key for key in world.before if after.get(key) != world.before[key]}


def told(record: RemovalRecord, bucket: str) -> set[str]:
    uris = {line.uri for line in (*record.deleted, *record.rewritten)} | set(record.pages)
    return {uri.removeprefix(f"s3://{bucket}/") for uri in uris}


def test_after_a_film_is_removed_nothing_in_the_bucket_holds_any_of_it(world):
    images, frames = world.images("a"), world.frames("a")
    digests = removed_from(images, frames)
    bodies = {world.before[S3Uri.parse(one.uri).key] for one in (*images, *frames) if one.uri}
    assert len(left_of(world.before, digests, bodies)) > 100

    with least_privilege(Account.of(world.studio)):
        record = world.removal(film=world.films["a"], delete_film=True).carry_out()

    after = world.objects()
    assert left_of(after, digests, bodies) == []
    assert "videos/a.mp4" not in after
    names = [k for k, body in after.items() if b"videos/a.mp4" in body and not k.startswith(TELLS)]
    assert all(name.endswith((*ASKED, "/report.html")) for name in names)
    assert changed(world, after) == told(record, world.studio.bucket)
    assert stale_references(after, world.studio.bucket) == []
    assert miscounted(after) == []


def test_what_is_read_a_part_at_a_time_loses_the_same(world, monkeypatch):
    """Manifests of a season are too large to be held; here, all are taken for large ones."""
    removal = world.removal(film=world.films["a"])
    removal.carry_out()
    held = rows_of(world.objects())
    world.restore()
    for module in (rewrite_lineage, workspace_scan):
        monkeypatch.setattr(module, "MOST_HELD", 0)
    monkeypatch.setattr(stored_versions, "CHUNK_BYTES", 1_000)
    removal.carry_out()
    after = world.objects()
    assert rows_of(after) == held
    assert stale_references(after, world.studio.bucket) == []


def rows_of(objects: Objects) -> Objects:
    """Manifests, tables of training data, and embeddings."""
    kinds = (".jsonl", ".csv", ".npy", "/embeddings.json")
    return {k: body for k, body in objects.items() if k.endswith(kinds) and not k.startswith(TELLS)}


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
        r"film s3://\S+/a\.mp4: would delete \d+ objects, \d+\.\d MB, would remove \d+ rows from "
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
    with pytest.raises(BadInput, match=r"No sample of film .* belongs to shot 999"):
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


@pytest.mark.parametrize(("source", "shown", "goes"), [
    ("references", ("bram",), True),
    ("trained_references", ("mira", "bram"), True),
    ("references", ("mira",), False),
    ("prompts", ("bram",), False),
])  # fmt: skip
def test_what_was_drawn_from_a_persons_reference_pictures_goes(world, source, shown, goes):
    tools = world.tools("drawn", videos=[world.films["b"]])
    tools.write_record("production.json", world.tools("run-1").production)
    panel = factories.panel(1, source=source, characters=shown)
    place = tools.run_root / "storyboard/panels.jsonl"
    tools.manifests.commit(place, "panels", "digest", [panel], {})
    [own] = {one.id: one.references for one in tools.production.characters}["bram"][:1]
    copy = tools.run_root / f"storyboard/job/j/references/{S3Uri.parse(own).name}"
    tools.objects.copy(S3Uri.parse(own), copy)
    world.removal(production="lantern-keepers", character="bram").carry_out()
    assert (tools.objects.head(place) is None) == goes
    assert tools.objects.head(copy) is None


def test_a_panel_that_was_drawn_again_after_a_removed_picture_goes_and_its_log_stays(world):
    """The log keeps who chose what and when, without the picture."""
    crop = world.images("a")[0]
    redraw = Redraw(panel_id="010-010-010", note="As here.", reference=crop.uri)
    for run, wanted in (("redrawn", redraw), ("untouched", None)):
        tools = world.tools(run, videos=[world.films["b"]])
        tools.write_record("production.json", world.tools("run-1").production)
        panel = factories.panel(1, model_arn="arn:another", redraw=wanted)
        place = tools.run_root / "storyboard/panels.jsonl"
        tools.manifests.commit(place, "panels", "digest", [panel], {})
    asked = {"panel_id": "010-010-010", "based_on": 0, "decision": "redraw"}
    entry = ChoiceEntry(
        version=1,
        id=str(uuid.uuid4()),
        kind="choices",
        reviewer="ana",
        at="2026-11-29",
        choices=[
            LoggedChoice(**asked, reference=crop.image_id),
            LoggedChoice(**asked | {"panel_id": "010-020-010"}, note="Darker."),
        ],
    )
    choice_log(tools).add(entry)
    world.removal(film=world.films["a"]).carry_out()
    boards = [
        world.tools(run).run_root / "storyboard/panels.jsonl" for run in ("redrawn", "untouched")
    ]
    assert [tools.objects.head(board) is None for board in boards] == [True, False]
    (left,) = choice_log(tools).entries()
    assert (left.reviewer, [one.panel_id for one in left.choices]) == ("ana", ["010-020-010"])


def test_what_knows_a_persons_face_goes_with_the_person(world):
    rekognition = world.studio.client("rekognition")
    workspace = world.tools("run-1").workspace
    made = detector_name(FACES, workspace, "lantern-keepers", uuid.uuid4().hex)
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
    assert any(f"{key} names a model" in note for note in record.notes)
    (model,) = record.models
    assert (model.exists, bool(model.deleted_at)) == (False, True)
    listed = world.studio.client("bedrock").list_custom_models()["modelSummaries"]
    assert model.model_arn not in {summary["modelArn"] for summary in listed}
    after = world.objects()
    assert not [key for key in after if key.startswith("runs/run-1/storyboard/")]
    lines = json.loads(after["runs/run-1/receipt.json"])["resources"]
    assert [line["deleted_at"] != "" for line in lines if line["arn"] == model.model_arn] == [True]


def test_answers_about_every_candidate_that_such_a_model_drew_go_too(world):
    arn = json.loads(world.before["runs/run-1/model/model.json"])["model_arn"]
    candidates = tuple(
        Candidate(seed=seed, uri="s3://b/k", sha256=sha("drawn", seed)) for seed in (7, 8)
    )
    panel = factories.panel(1, model_arn=arn, candidates=candidates).showing(candidates[0])
    asked = {
        f"library/answers/bedrock.embed/{about[:12]}.json": PaidAnswer(
            operation="bedrock.embed", about=about, paid_by="drawing"
        )
        for about in (sha("drawn", 7), sha("drawn", 8), sha("another", 1))
    }
    bodies = {key: answer.model_dump_json().encode() for key, answer in asked.items()}
    bodies["runs/drawing/storyboard/panels.jsonl"] = encode_manifest("panels", "d", [panel])
    for key, body in bodies.items():
        world.studio.client("s3").put_object(Bucket=world.studio.bucket, Key=key, Body=body)
    world.removal(film=world.films["a"]).carry_out()
    after = world.objects()
    assert [key in after for key in asked] == [False, False, True]


def test_pictures_that_such_a_model_drew_are_not_found_again(world):
    """Also those of a run that was killed before its panels had a manifest."""
    arn = json.loads(world.before["runs/run-1/model/model.json"])["model_arn"]
    root = f"s3://{world.studio.bucket}/runs/drawing/storyboard/panels"
    facts = {"etag": "e", "sha256": sha("drawn"), "width": 8, "height": 8, "run_key": "drawing"}
    records = {
        name: DrawnPicture(uri=uri, **facts)
        for name, uri in (("its", f"{root}/a.png"), ("anothers", "s3://b/runs/x/y.png"))
    }
    bodies = {
        f"library/answers/{PICTURE_ANSWERS}/{name}.json": PaidAnswer(
            operation=PICTURE_ANSWERS, answer=one.model_dump(mode="json"), paid_by="drawing"
        ).model_dump_json()
        for name, one in records.items()
    }
    model = TrainedModel(
        job_arn="", job_name="j", model_arn=arn, base_model_id="nova", images_seen=0
    )
    bodies["runs/drawing/model/model.json"] = model.model_dump_json()
    bodies["runs/drawing/storyboard/panels/a.png"] = "a picture"
    for key, body in bodies.items():
        world.studio.client("s3").put_object(
            Bucket=world.studio.bucket, Key=key, Body=body.encode()
        )
    world.removal(film=world.films["a"]).carry_out()
    after = world.objects()
    assert [f"library/answers/{PICTURE_ANSWERS}/{name}.json" in after for name in records] == [
        *(False, True),
    ]
    assert "runs/drawing/storyboard/panels/a.png" not in after


def test_a_removed_person_is_on_no_board(world):
    tools = world.tools("boards")
    panels = [
        PanelCard(description="Mira waves.", characters=("mira",), shot="010", panel="010"),
        PanelCard(description="Bram waves.", characters=("bram",), shot="020", panel="010"),
    ]
    scene = ScriptScene(scene="EXT. HILL", number="010", panels=tuple(panels))
    board = BoardRevision(
        board="main", version=1, date="", colour="white", run_key="run-1", scenes=(scene,)
    )
    places = {
        name: tools.workspace.board(name, "main") / "0001.json"
        for name in ("lantern-keepers", "another")
    }
    for place in places.values():
        tools.objects.put(place, board.model_dump_json().encode())
    world.removal(production="lantern-keepers", character="bram").carry_out()
    left = {name: tools.objects.record(place, BoardRevision) for name, place in places.items()}
    assert [card.description for card in left["lantern-keepers"].scenes[0].panels] == [
        "Mira waves."
    ]
    assert left["another"] == board


def test_a_film_that_lies_elsewhere_is_not_said_to_be_deleted(world):
    record = world.removal(film="s3://elsewhere/a.mp4", delete_film=True).plan()
    assert any("s3://elsewhere/a.mp4, is not in the workspace" in note for note in record.notes)

"""A new model is promoted only when it is not worse, by panels of the same script and seed."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.storyboard.method_check import MethodCheck, judged_lines
from storyboard_ops.domain.error_tree import Contended, ObjectMissing
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.removal.removal_records import (
    AffectedModel,
    RemovalRecord,
    RemovalRequest,
)
from storyboard_ops.domain.sampling.film_spans import Tombstone
from storyboard_ops.domain.settings.model import RetrainingSettings
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.dataset.approved_datasets import announce_dataset
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.retraining import promote_model
from storyboard_ops.steps.retraining.promote_model import copy_current_script, judge_model
from storyboard_ops.steps.run.tombstones import add_tombstone
from storyboard_ops.steps.storyboard.board.revise_board import board_of_run
from storyboard_ops.steps.training.model_line import append_model, current_model, read_model_line
from tests.material import factories, reports
from tests.material.approved_runs import started
from tests.material.film_pictures import approved_picture, cast_at, frame_at

#: Seconds of the film whose pictures are approved; every character is in at least three shots.
APPROVED = (9, 10, 13, 14, 17, 18, 21, 22, 28, 29, 32, 33, 44, 45, 48, 50, 52, 54)
#: Who must be in the panels, and the seconds of the film that the panels of a model show.
CAST = ("mira", "pell", "orso")
LIKE_THE_FILM, UNLIKE_IT = (8, 20, 30), (20, 30, 8)


@pytest.fixture(scope="module")
def answers():
    """What the models have answered to the tests so far, by key: pictures recur in them."""
    return {}


@pytest.fixture
def night(studio, answers):
    """Opens the tool box of a nightly run of one production."""
    s3 = studio.client("s3")
    for key, body in answers.items():
        s3.put_object(Bucket=studio.bucket, Key=key, Body=body)

    def opened(run_key: str, **params):
        params = {"production": "paper-lantern", **params}
        return started(studio.tools_of(RetrainingSettings, run_key, **params))

    yield opened
    pages = s3.get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=studio.bucket, Prefix="library/answers/"):
        for key in (found["Key"] for found in page.get("Contents", ())):
            if key not in answers:
                answers[key] = s3.get_object(Bucket=studio.bucket, Key=key)["Body"].read()


@pytest.fixture
def dataset(studio, night):
    """Approved pictures of all three characters, cut from the sample film."""
    tools = started(night("run-a"))
    images = [approved_picture(tools, k, character) for k in APPROVED for character in cast_at(k)]
    ref = tools.manifests.commit(tools.run_root / "review/images.jsonl", "images", "d", images)
    return announce_dataset(tools, publish_dataset(tools, ref)).dataset


def panels(tools, seconds, **changes) -> ManifestRef:
    """Panels of one character each that show what the film shows at some seconds."""
    drawn = []
    for number, (k, character) in enumerate(zip(seconds, CAST, strict=False), start=1):
        png = encode_png(frame_at(k))
        uri = tools.objects.put(tools.run_root / f"storyboard/panels/{number}.png", png)
        numbers = {"scene_number": "010", "shot": f"{number}0", "panel": "010"}
        facts = {"uri": uri, "sha256": sha256_hex(png), "characters": (character,), **numbers}
        facts |= changes
        drawn.append(factories.panel(number, **facts))
    return tools.manifests.commit(tools.run_root / "storyboard/panels.jsonl", "panels", "d", drawn)


def judged(tools, dataset, seconds, **changes):
    drawn = panels(tools, seconds, **changes)
    return judge_model(tools, reports.customized_model(), dataset, drawn)


def test_the_first_model_is_promoted(night, dataset):
    tools = night("night-1")
    first = judged(tools, dataset, UNLIKE_IT)
    assert (first.verdict, first.reason) == (
        "promoted",
        "It is the first model of this production.",
    )
    assert current_model(tools, "paper-lantern") == first


def test_a_better_model_is_promoted_and_the_history_kept(night, dataset):
    first = judged(night("night-1"), dataset, UNLIKE_IT)
    second = judged(night("night-2"), dataset, LIKE_THE_FILM)
    assert second.verdict == "promoted"
    assert second.consistency > second.last_consistency
    line = read_model_line(night("night-2"), "paper-lantern").line
    assert line.current == second
    assert line.history == (first, second)


def test_a_worse_model_is_refused_with_the_difference_and_its_interval(night, dataset):
    first = judged(night("night-1"), dataset, LIKE_THE_FILM)
    second = judged(night("night-2"), dataset, UNLIKE_IT)
    assert second.verdict == "refused"
    assert second.difference_low <= second.difference <= second.difference_high < 0
    assert second.consistency - second.last_consistency == pytest.approx(
        second.difference, abs=1e-3
    )
    assert second.reason == (
        f"Its likeness differs by {second.difference:+.3f} ({second.difference_low:+.3f} to "
        f"{second.difference_high:+.3f}) from that of the model of night-1, on 3 panels; the "
        "interval must be above -0.05 (worse_by)."
    )
    line = read_model_line(night("night-2"), "paper-lantern").line
    assert line.current == first
    assert line.history == (first, second)


def test_a_model_that_is_just_as_good_is_promoted(night, dataset):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    assert judged(night("night-2"), dataset, LIKE_THE_FILM).verdict == "promoted"


def test_a_loss_that_is_allowed_does_not_stop_it(night, dataset):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    one_empty = (8, 20, 2)  # the title: nobody is there
    assert judged(night("night-2", worse_by=0.5), dataset, one_empty).verdict == "refused"
    assert judged(night("night-3", worse_by=1.0), dataset, one_empty).verdict == "promoted"


def test_panels_of_an_earlier_version_are_compared_by_their_place_whatever_the_seed(night, dataset):
    without = dict.fromkeys(("scene_number", "shot", "panel"), "")
    judged(night("night-1"), dataset, UNLIKE_IT, seed=1, **without)
    numbers = {"scene_number": "010", "panel": "010"}
    tools = night("night-2")
    drawn = panels(tools, LIKE_THE_FILM, **numbers)
    new = tools.manifests.read(drawn, Panel, "panels").records
    tens = [one.model_copy(update={"shot": f"{one.number}0".zfill(3)}) for one in new]
    place = tools.run_root / "storyboard/panels.jsonl"
    ref = tools.manifests.commit(place, "panels", "d", tens)
    second = judge_model(tools, reports.customized_model(), dataset, ref)
    assert second.difference is not None
    assert second.verdict == "promoted"


def test_panels_of_another_seed_are_not_compared(night, dataset):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    second = judged(night("night-2"), dataset, LIKE_THE_FILM, seed=8)
    assert (second.verdict, second.consistency) == ("refused", None)
    assert "models/paper-lantern/current.json" in second.reason


def test_only_panels_that_both_have_drawn_are_compared(night, dataset):
    """A model that failed to draw the hard panel gains nothing by it."""
    judged(night("night-1"), dataset, (8, 20, 20))
    second = judged(night("night-2"), dataset, (8, 20))
    assert second.consistency == second.last_consistency
    assert "on 2 panels" in second.reason


def test_judging_again_finds_the_verdict(night, dataset):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    second = judged(night("night-2"), dataset, UNLIKE_IT)
    assert judged(night("night-2"), dataset, LIKE_THE_FILM) == second
    assert len(read_model_line(night("night-2"), "paper-lantern").line.history) == 2


def test_a_line_that_changed_in_the_meantime_is_not_overwritten(night, dataset):
    tools = night("night-2")
    stale = read_model_line(tools, "paper-lantern")
    first = judged(night("night-1"), dataset, LIKE_THE_FILM)
    with pytest.raises(Contended, match=r"models/paper-lantern/current\.json was changed"):
        append_model(tools, stale, first)
    assert read_model_line(tools, "paper-lantern").line.history == (first,)


def test_one_common_panel_has_no_interval_and_decides_nothing(night, dataset):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    second = judged(night("night-2"), dataset, LIKE_THE_FILM[:1])
    assert second.verdict == "refused"
    assert "fewer than two panels show characters with held-out pictures" in second.reason


@pytest.mark.parametrize(
    ("failing", "line"),
    [
        ({"auc_alone": 0.89}, "Right told from wrong, one character (AUC): 0.89"),
        ({"auc_pairs": 0.89}, "Right told from wrong, two characters (AUC): 0.89"),
        ({"painted_out": 0.21}, "Likeness with the characters painted out: 0.21"),
        ({"swapped_lead": 0.0}, "Lead with the characters swapped: 0.00"),
        ({"copies_found": 0.89}, "Share of copied training pictures found: 0.89"),
    ],
    ids=["alone", "in pairs", "painted out", "swapped", "copies"],
)
def test_no_model_is_promoted_while_a_line_of_the_check_fails(
    night, dataset, monkeypatch, failing, line
):
    judged(night("night-1"), dataset, UNLIKE_IT)
    passing = MethodCheck(0.95, 0.95, 0.0, -0.2, 1.0)
    check = judged_lines(replace(passing, **failing))
    monkeypatch.setattr(promote_model, "check_method", lambda *film: check)
    second = judged(night("night-2"), dataset, LIKE_THE_FILM)
    assert (second.verdict, second.consistency) == ("refused", None)
    assert line in second.reason
    assert "To start a new model line, delete" in second.reason


def test_without_a_model_the_next_step_is_named(night):
    with pytest.raises(ObjectMissing, match="Let nightly_retraining run"):
        current_model(night("night-1"), "paper-lantern")


def test_the_next_night_draws_what_the_current_model_has_drawn(night, dataset, studio):
    judged(night("night-1", seed=11), dataset, LIKE_THE_FILM)
    production = json.loads(night("night-2").objects.get(root(night("night-2"), "production.json")))
    production["storyboard"][0]["scene"] = "INT. NEW SCENE"
    tools = night("night-2", seed=12)
    tools.objects.put(root(tools, "production.json"), json.dumps(production).encode())
    copy_current_script(tools)
    written = studio.read_json("runs/night-2/production.json")
    assert written["storyboard"][0]["scene"] == "EXT. CLIFF - DAWN"
    assert studio.read_json("runs/night-2/settings.json")["seed"] == 11


def test_the_next_night_draws_by_the_numbers_of_the_current_board(night, dataset):
    first = night("night-1")
    judged(first, dataset, LIKE_THE_FILM)
    board = board_of_run(first)
    tools = night("night-2")
    copy_current_script(tools)
    assert tools.read_record("storyboard/board.json", BoardRevision) == board
    assert board_of_run(tools).scenes == board.scenes
    place = tools.workspace.board("paper-lantern", "main")
    assert [one.uri.name for one in tools.objects.list(place)] == ["0001.json"]


def root(tools, name: str) -> S3Uri:
    return tools.run_root / name


def test_a_current_model_whose_panels_expired_is_not_replaced_unseen(night, dataset, studio):
    """No removal names the model: a lifecycle rule, or a person, has deleted what it drew."""
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    delete_run(studio, "night-1")
    tools = night("night-2")
    copy_current_script(tools)
    assert (
        studio.read_json("runs/night-2/production.json")["storyboard"][0]["scene"]
        == "EXT. CLIFF - DAWN"
    )
    second = judged(tools, dataset, LIKE_THE_FILM)
    assert (second.verdict, second.last_consistency) == ("refused", None)
    assert "cannot be compared with the model of night-1" in second.reason


def delete_run(studio, run_key: str) -> None:
    s3 = studio.client("s3")
    for item in s3.list_objects_v2(Bucket=studio.bucket, Prefix=f"runs/{run_key}/")["Contents"]:
        s3.delete_object(Bucket=studio.bucket, Key=item["Key"])


MODEL_OF_NIGHT_2 = reports.customized_model().model_copy(
    update={"job_name": "storyboard-customize-night-2", "model_arn": f"{factories.MODEL_ARN}2"}
)


def remove(tools, **trained) -> None:
    """What a removal leaves of itself, where a model was trained on what it removes."""
    film = "s3://studio/videos/film.mp4"
    request = RemovalRequest(film=film, reason="the licence has ended", requested_by="dana")
    models = (AffectedModel(run_key="night", **trained),)
    record = RemovalRecord(removal_id="film-1", state="done", request=request, models=models)
    body = record.model_dump_json().encode()
    tools.objects.put(tools.workspace.removal("film-1", "json"), body)
    tombstone = Tombstone(
        removal_id="film-1",
        what=request.what,
        reason=request.reason,
        requested_by=request.requested_by,
        removed_at="2026-11-23T08:00:00+00:00",
    )
    add_tombstone(tools.objects, tools.workspace, tombstone)


@pytest.fixture
def models_exist(monkeypatch):
    """Bedrock knows every model, by a name that ends as its ARN does."""

    def find_model(_, arn):
        return SimpleNamespace(name=f"model-{arn.rpartition('/')[2]}")

    monkeypatch.setattr(BedrockControl, "find_model", find_model)


@pytest.mark.parametrize(
    "trained",
    [
        {"job_name": reports.customized_model().job_name},
        {"model_arn": reports.customized_model().model_arn},
    ],
    ids=["by its job", "by its ARN"],
)
def test_a_current_model_that_a_removal_names_is_replaced_without_comparison(
    night, dataset, studio, models_exist, trained
):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    remove(night("night-1"), **trained)
    delete_run(studio, "night-1")
    tools = night("night-2", keep_other_model=False)
    drawn = panels(tools, UNLIKE_IT)
    second = judge_model(tools, MODEL_OF_NIGHT_2, dataset, drawn)
    assert (second.verdict, second.consistency, second.last_consistency) == ("promoted", None, None)
    assert "the model of night-1 without a comparison" in second.reason
    assert "removed on 2026-11-23 by dana: the licence has ended" in second.reason
    assert second.unwanted == f"model-{factories.MODEL_ARN.rpartition('/')[2]}"
    assert current_model(tools, "paper-lantern") == second


def test_a_new_model_that_a_removal_names_is_refused_before_anything_is_read(
    night, dataset, models_exist
):
    first = judged(night("night-1"), dataset, LIKE_THE_FILM)
    tools = night("night-2", keep_other_model=False)
    remove(tools, job_name=MODEL_OF_NIGHT_2.job_name)
    stale = ManifestRef(uri=dataset.images.uri, count=1, sha256="0" * 64)
    rewritten = dataset.model_copy(update={"images": stale})
    second = judge_model(tools, MODEL_OF_NIGHT_2, rewritten, stale)
    assert second.verdict == "refused"
    assert "trained on film s3://studio/videos/film.mp4, removed on 2026-11-23" in second.reason
    assert second.unwanted == f"model-{MODEL_OF_NIGHT_2.model_arn.rpartition('/')[2]}"
    assert current_model(tools, "paper-lantern") == first


def test_a_first_model_that_a_removal_names_is_refused_too(night, dataset):
    tools = night("night-1")
    remove(tools, job_name=reports.customized_model().job_name)
    assert judged(tools, dataset, LIKE_THE_FILM).verdict == "refused"


def test_a_removal_that_names_no_model_changes_nothing(night, dataset):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    remove(night("night-1"), job_name="storyboard-customize-another")
    second = judged(night("night-2"), dataset, LIKE_THE_FILM)
    assert (second.verdict, second.consistency) == ("promoted", second.last_consistency)

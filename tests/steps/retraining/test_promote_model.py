"""A new model is promoted only when it is not worse, by panels of the same script and seed."""

import json
from types import SimpleNamespace

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.error_tree import Contended, ObjectMissing
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.removal.removal_records import (
    RemovalRecord,
    RemovalRequest,
    TrainedModel,
)
from storyboard_ops.domain.sampling.film_spans import Tombstone
from storyboard_ops.domain.settings.model import RetrainingSettings
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.retraining.promote_model import copy_current_script, judge_model
from storyboard_ops.steps.run.tombstones import add_tombstone
from storyboard_ops.steps.training.model_line import append_model, current_model, read_model_line
from tests.films.tiny_film import tiny_production
from tests.material import factories
from tests.material.approved_runs import approved_run, started

LIKE_THE_FILM, UNLIKE_IT = (0, 1, 2), (40, 41, 42)


@pytest.fixture
def night(studio):
    """Opens the tool box of a nightly run of one production."""
    production = tiny_production(studio)

    def opened(run_key: str, **params):
        params = {"production": production, **params}
        return started(studio.tools_of(RetrainingSettings, run_key, **params))

    return opened


@pytest.fixture
def dataset(studio, night):
    """Twelve approved pictures of three shots."""
    return approved_run(night("run-a"), range(12)).dataset


def panels(tools, seconds, **changes) -> ManifestRef:
    """Three drawn panels that show what the film shows at some seconds."""
    drawn = []
    for number, k in enumerate(seconds, start=1):
        png = encode_png(factories.picture(k))
        uri = tools.objects.put(tools.run_root / f"storyboard/panels/{number}.png", png)
        facts = {"uri": uri, "sha256": sha256_hex(png), **changes}
        drawn.append(factories.panel(number, **facts))
    return tools.manifests.commit(tools.run_root / "storyboard/panels.jsonl", "panels", "d", drawn)


def judged(tools, dataset, seconds, **changes):
    drawn = panels(tools, seconds, **changes)
    return judge_model(tools, factories.customized_model(), dataset, drawn)


def test_the_first_model_is_promoted(night, dataset):
    tools = night("night-1")
    first = judged(tools, dataset, UNLIKE_IT)
    assert (first.verdict, first.reason) == (
        "promoted",
        "It is the first model of this production.",
    )
    assert current_model(tools, "tiny") == first


def test_a_better_model_is_promoted_and_the_history_kept(night, dataset):
    first = judged(night("night-1"), dataset, UNLIKE_IT)
    second = judged(night("night-2"), dataset, LIKE_THE_FILM)
    assert second.verdict == "promoted"
    assert second.consistency > second.last_consistency
    line = read_model_line(night("night-2"), "tiny").line
    assert line.current == second
    assert line.history == (first, second)


def test_a_worse_model_is_refused_with_both_figures(night, dataset):
    first = judged(night("night-1"), dataset, LIKE_THE_FILM)
    second = judged(night("night-2"), dataset, UNLIKE_IT)
    assert second.verdict == "refused"
    assert f"{second.consistency:.4f}" in second.reason
    assert f"{second.last_consistency:.4f}" in second.reason
    line = read_model_line(night("night-2"), "tiny").line
    assert line.current == first
    assert line.history == (first, second)


def test_a_model_that_is_just_as_good_is_promoted(night, dataset):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    assert judged(night("night-2"), dataset, LIKE_THE_FILM).verdict == "promoted"


def test_a_loss_that_is_allowed_does_not_stop_it(night, dataset):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    assert judged(night("night-2", worse_by=1.0), dataset, UNLIKE_IT).verdict == "promoted"


def test_panels_of_another_seed_are_not_compared(night, dataset):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    second = judged(night("night-2"), dataset, LIKE_THE_FILM, seed=8)
    assert (second.verdict, second.consistency) == ("refused", None)
    assert "models/tiny/current.json" in second.reason


def test_only_panels_that_both_have_drawn_are_compared(night, dataset):
    """A model that failed to draw the hard panel gains nothing by it."""
    judged(night("night-1"), dataset, (0, 1, 41))
    second = judged(night("night-2"), dataset, (0, 1))
    assert second.consistency == second.last_consistency
    assert "on 2 panels" in second.reason


def test_judging_again_finds_the_verdict(night, dataset):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    second = judged(night("night-2"), dataset, UNLIKE_IT)
    assert judged(night("night-2"), dataset, LIKE_THE_FILM) == second
    assert len(read_model_line(night("night-2"), "tiny").line.history) == 2


def test_a_line_that_changed_in_the_meantime_is_not_overwritten(night, dataset):
    tools = night("night-2")
    stale = read_model_line(tools, "tiny")
    first = judged(night("night-1"), dataset, LIKE_THE_FILM)
    with pytest.raises(Contended, match=r"models/tiny/current\.json was changed"):
        append_model(tools, stale, first)
    assert read_model_line(tools, "tiny").line.history == (first,)


def test_without_a_model_the_next_step_is_named(night):
    with pytest.raises(ObjectMissing, match="Let nightly_retraining run"):
        current_model(night("night-1"), "tiny")


def test_the_next_night_draws_what_the_current_model_has_drawn(night, dataset, studio):
    judged(night("night-1", seed=11), dataset, LIKE_THE_FILM)
    production = json.loads(night("night-2").objects.get(root(night("night-2"), "production.json")))
    production["storyboard"][0]["scene"] = "INT. NEW SCENE"
    tools = night("night-2", seed=12)
    tools.objects.put(root(tools, "production.json"), json.dumps(production).encode())
    copy_current_script(tools)
    written = studio.read_json("runs/night-2/production.json")
    assert written["storyboard"][0]["scene"] == "EXT. HILL"
    assert studio.read_json("runs/night-2/settings.json")["seed"] == 11


def root(tools, name: str) -> S3Uri:
    return tools.run_root / name


def test_a_current_model_whose_panels_expired_is_not_replaced_unseen(night, dataset, studio):
    """No removal names the model: a lifecycle rule, or a person, has deleted what it drew."""
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    delete_run(studio, "night-1")
    tools = night("night-2")
    copy_current_script(tools)
    assert studio.read_json("runs/night-2/production.json")["storyboard"][0]["scene"] == "EXT. HILL"
    second = judged(tools, dataset, LIKE_THE_FILM)
    assert (second.verdict, second.last_consistency) == ("refused", None)
    assert "cannot be compared with the model of night-1" in second.reason


def delete_run(studio, run_key: str) -> None:
    s3 = studio.client("s3")
    for item in s3.list_objects_v2(Bucket=studio.bucket, Prefix=f"runs/{run_key}/")["Contents"]:
        s3.delete_object(Bucket=studio.bucket, Key=item["Key"])


MODEL_OF_NIGHT_2 = factories.customized_model().model_copy(
    update={"job_name": "storyboard-customize-night-2", "model_arn": f"{factories.MODEL_ARN}2"}
)


def remove(tools, **trained) -> None:
    """What a removal leaves of itself, where a model was trained on what it removes."""
    film = "s3://studio/videos/film.mp4"
    request = RemovalRequest(film=film, reason="the licence has ended", requested_by="dana")
    models = (TrainedModel(run_key="night", **trained),)
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
        {"job_name": factories.customized_model().job_name},
        {"model_arn": factories.customized_model().model_arn},
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
    assert current_model(tools, "tiny") == second


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
    assert current_model(tools, "tiny") == first


def test_a_first_model_that_a_removal_names_is_refused_too(night, dataset):
    tools = night("night-1")
    remove(tools, job_name=factories.customized_model().job_name)
    assert judged(tools, dataset, LIKE_THE_FILM).verdict == "refused"


def test_a_removal_that_names_no_model_changes_nothing(night, dataset):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    remove(night("night-1"), job_name="storyboard-customize-another")
    second = judged(night("night-2"), dataset, LIKE_THE_FILM)
    assert (second.verdict, second.consistency) == ("promoted", second.last_consistency)

"""A new model is promoted only when it is not worse, by panels of the same script and seed."""

import json

import pytest

from storyboard_ops.core.picture_codec import encode_png
from storyboard_ops.domain.error_tree import ObjectMissing, RemoteFailure
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.model_settings import RetrainingSettings
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.steps.model_line import append_model, current_model, read_model_line
from storyboard_ops.steps.promote_model import draw_as_before, judge_model
from tests import factories
from tests.approved_runs import approved_run, started
from tests.tiny_film import tiny_production

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
    with pytest.raises(RemoteFailure, match=r"models/tiny/current\.json was changed"):
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
    draw_as_before(tools)
    written = studio.read_json("runs/night-2/production.json")
    assert written["storyboard"][0]["scene"] == "EXT. HILL"
    assert studio.read_json("runs/night-2/settings.json")["seed"] == 11


def root(tools, name: str) -> S3Uri:
    return tools.run_root / name


def test_a_current_model_whose_run_was_removed_stops_nothing(night, dataset, studio):
    judged(night("night-1"), dataset, LIKE_THE_FILM)
    left = studio.client("s3").list_objects_v2(Bucket=studio.bucket, Prefix="runs/night-1/")
    for item in left["Contents"]:
        studio.client("s3").delete_object(Bucket=studio.bucket, Key=item["Key"])
    tools = night("night-2")
    draw_as_before(tools)
    assert studio.read_json("runs/night-2/production.json")["storyboard"][0]["scene"] == "EXT. HILL"
    second = judged(tools, dataset, LIKE_THE_FILM)
    assert (second.verdict, second.last_consistency) == ("refused", None)
    assert "cannot be compared with the model of night-1" in second.reason

"""Preflight: bad input gives one clear error naming the thing, before anything is paid."""

from storyboard_ops.steps.preflight.check_preflight import check_preflight, preflight_report
from tests.films.tiny_film import tiny_film, tiny_production
from tests.steps.preflight.answers import refusal
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio


def test_a_run_that_can_work_passes_and_is_written_down(studio, ready):
    report = check_preflight(studio.tools(**ready))
    assert {check.state for check in report.checks} == {"pass"}
    assert "3 frames to sample" in next(c.finding for c in report.checks if c.name == "videos")
    production = studio.read_json("runs/run-1/production.json")
    assert production["characters"][0]["references"][0].startswith(
        f"s3://{studio.bucket}/library/references/"
    )
    assert studio.read_json("runs/run-1/settings.json")["videos"] == ready["videos"]


def test_faces_of_an_animation_are_warned_of_and_custom_labels_is_estimated(studio, ready):
    chosen = {**ready, "production": "paper-lantern", "detectors": ["faces", "custom_labels"]}
    report = preflight_report(studio.tools(**chosen))
    by_name = {check.name: check for check in report.checks}
    assert by_name["faces"].state == "warn"
    assert "do not support drawn and animated faces" in by_name["faces"].finding
    assert by_name["custom labels"].finding == "trained on 12 reference pictures, tested on 3."
    items = {usage.item for usage in report.estimate}
    assert {"IndexFaces", "CustomLabelsTraining", "DetectCustomLabels"} <= items


def test_one_reference_picture_is_too_few_for_custom_labels(studio, ready):
    message = refusal(studio, **ready, detectors=["custom_labels"])
    assert "Character 'mira' has 1 reference picture; Custom Labels needs 2 or more" in message


def test_a_report_for_the_curious_writes_nothing(studio, ready):
    assert not preflight_report(studio.tools(**ready)).failed
    assert preflight_report(studio.tools(**{**ready, "production": "nobody"})).failed
    written = studio.client("s3").list_objects_v2(Bucket=studio.bucket, Prefix="runs/")
    assert written["KeyCount"] == 0


def test_every_fault_is_named_at_once(studio, ready):
    message = refusal(
        studio,
        **{
            **ready,
            "production": "nobody",
            "budget_usd": 0,
            "videos": [f"s3://{studio.bucket}/videos/gone.mp4"],
        },
    )
    assert "nobody" in message
    assert "gone.mp4" in message


def test_past_its_end_of_life_the_base_model_is_refused_but_the_dataset_can_be_made(
    tmp_path_factory, tmp_path
):
    data = tmp_path_factory.mktemp("later") / "data"
    with running_endpoint(data, ("--today", "2026-11-22")) as endpoint:
        studio = Studio.opened(endpoint)
        film = studio.upload(tiny_film(tmp_path / "film.mp4", seconds=2))
        ready = {"videos": [film], "production": tiny_production(studio)}
        ready |= {"review_desk": "choose"}  # as by default
        assert "past its end of life" in refusal(studio, **ready)
        report = check_preflight(studio.tools(**ready, trainer="dataset_only"))
        assert not report.failed
        assert report.desk is not None
        assert report.desk.desk == "page"

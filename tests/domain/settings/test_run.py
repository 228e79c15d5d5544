"""Parameters: bounds are named, and the interval is exact."""

from fractions import Fraction

import pytest

from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.settings.form import per_production
from storyboard_ops.domain.settings.run import RunSettings, parse_settings, suited_settings

FILM = ["s3://studio/videos/film.mp4"]


def test_one_film_is_enough():
    settings = parse_settings({"videos": FILM})
    assert settings.base_model_id == "amazon.nova-canvas-v1:0"
    assert settings.interval == 1


def test_people_review_by_default_at_a_desk_that_preflight_chooses():
    settings = parse_settings({"videos": FILM})
    assert settings.review_desk == "choose"
    with pytest.raises(SettingsError, match="is not chosen yet: clear preflight"):
        _ = settings.desk
    assert parse_settings({"videos": FILM, "review_desk": "page"}).desk == "page"


def test_a_tenth_of_a_second_is_exactly_one_tenth():
    assert parse_settings({"videos": FILM, "sample_interval_s": 0.1}).interval == Fraction(1, 10)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, ["'videos'", "Field required"]),
        ({"videos": []}, ["'videos'", "at least 1"]),
        ({"videos": ["film.mp4"]}, ["'videos'", "s3://"]),
        ({"videos": FILM * 2}, ["listed more than once", FILM[0]]),
        ({"videos": [*FILM, f"{FILM[0]}/"]}, [f"{FILM[0]}/ is a folder"]),
        ({"videos": ["s3://studio//a.mp4"]}, ["two slashes", "'s3://studio/a.mp4'"]),
        ({"videos": FILM, "step_count": 5}, ["'step_count'", "greater than or equal to 10", "5"]),
        ({"videos": FILM, "panel_width": 1000}, ["'panel_width'", "multiple of 16", "1000"]),
        ({"videos": FILM, "detectors": ["magic"]}, ["'detectors'", "'faces' or 'custom_labels'"]),
        ({"videos": FILM, "detectors": ["labels"]}, ["not who: add multimodal, faces or custom"]),
        ({"videos": FILM, "detectors": ["faces"] * 2}, ["listed twice"]),
        ({"videos": FILM, "budget": 3}, ["'budget' does not exist", "budget_usd"]),
        ({"videos": FILM, "review_desk": "auto"}, ["'review_desk'", "now called without_people"]),
    ],
)
def test_what_is_out_of_bounds_is_named_with_its_range(params, words):
    with pytest.raises(SettingsError) as refused:
        parse_settings(params)
    for word in words:
        assert word in str(refused.value)


@pytest.mark.parametrize("who", ["multimodal", "faces", "custom_labels"])
def test_labels_confirm_any_detector_that_says_who(who):
    chosen = parse_settings({"videos": FILM, "detectors": ["labels", who]})
    assert chosen.detectors == ["labels", who]


def test_every_parameter_explains_itself():
    for name, field in RunSettings.model_fields.items():
        assert field.title, name
        assert field.description, name
        assert field.json_schema_extra["section"], name


def test_only_what_decides_the_frames_changes_the_sampling_digest():
    base = parse_settings({"videos": FILM})
    assert base.sampling_digest == parse_settings({"videos": FILM, "seed": 9}).sampling_digest
    denser = parse_settings({"videos": FILM, "sample_interval_s": 0.5})
    assert base.sampling_digest != denser.sampling_digest


def test_a_production_suggests_and_the_run_decides():
    base = parse_settings({"videos": FILM})
    assert suited_settings(base, {"max_enlargement": 4}).max_enlargement == 4
    chosen = parse_settings({"videos": FILM, "max_enlargement": 2})
    assert suited_settings(chosen, {"max_enlargement": 4}).max_enlargement == 2


@pytest.mark.parametrize(
    ("suited", "words"),
    [
        ({"workspace": "s3://elsewhere"}, "A production file cannot set workspace"),
        ({"budget_usd": 1e6}, "cannot set budget_usd. Those who start a run decide about money"),
        (
            {"review_desk": "without_people", "seed": 3},
            "cannot set review_desk. Those who start a run",
        ),
        ({"commitment": "SixMonths", "model_units": 9}, "cannot set commitment, model_units"),
        ({"role_arn": "arn:aws:iam::1:role/x"}, "cannot set role_arn"),
        ({"max_lost_share": 1}, "cannot set max_lost_share"),
        ({"max_enlargment": 4}, "'max_enlargment' does not exist"),
        ({"max_enlargement": 40}, "less than or equal to 8"),
    ],
)
def test_a_production_cannot_suggest_what_makes_no_sense(suited, words):
    with pytest.raises(SettingsError, match=words):
        suited_settings(parse_settings({"videos": FILM}), suited)


OF_A_PRODUCTION = {
    "sampling": {"sample_interval_s", "shard_minutes", "exact_cuts", "cut_above"}
    | {"black_below", "white_above", "blurred_below", "title_above", "identical_above"},
    "detection": {"detectors", "detection_model_id", "min_confidence", "ask_confidence"}
    | {"framings", "face_match_above"},
    "crops and captions": {"crop_padding", "max_enlargement", "caption_model_id"},
    "dataset": {"duplicate_above", "embedding_model_id"}
    | {"max_images_per_character", "max_images_per_shot"},
    "training recipe": {"step_count", "batch_size", "learning_rate"}
    | {"open_model", "open_steps", "open_rank", "open_learning_rate", "open_resolution"},
    "licences": {"accepted_licences"},
    "look of the storyboard": {"panel_width", "panel_height", "cfg_scale", "seed", "candidates"}
    | {"style"},
    "editing": {"frame_rate", "start_timecode", "animatic_burn_in", "animatic_voice"},
    "its sheets": {"sheet_layout", "sheet_paper", "sheet_orientation"}
    | {"sheet_aspect", "sheet_safe_areas", "sheet_prompts"},
}


def test_a_production_file_sets_what_suits_its_films_and_nothing_else():
    """A new parameter belongs to those who start a run, until it is added here too."""
    assert per_production(RunSettings) == set().union(*OF_A_PRODUCTION.values())


@pytest.mark.parametrize(
    "name", sorted(RunSettings.model_fields.keys() - set().union(*OF_A_PRODUCTION.values()))
)
def test_every_other_parameter_is_refused_even_with_its_default(name):
    settings = parse_settings({"videos": FILM})
    with pytest.raises(SettingsError, match=f"^A production file cannot set {name}\\."):
        suited_settings(settings, {name: getattr(settings, name)})

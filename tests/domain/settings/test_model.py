"""Parameters of runs without films: explained, bounded, and settings like any other."""

import json

import pytest

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.settings.model import (
    DRAWING_FORM,
    RETRAINING_FORM,
    DrawingSettings,
    RetrainingSettings,
    recorded_settings,
)
from storyboard_ops.domain.settings.run import (
    RunSettings,
    parse_as,
    parse_settings,
    suited_settings,
)

KINDS = [(RetrainingSettings, RETRAINING_FORM), (DrawingSettings, DRAWING_FORM)]


@pytest.mark.parametrize(("kind", "form"), KINDS)
def test_every_parameter_explains_itself(kind, form):
    for name, field in kind.model_fields.items():
        assert field.title, name
        assert field.description, name
        assert field.json_schema_extra["section"], name


@pytest.mark.parametrize(("kind", "form"), KINDS)
def test_the_form_offers_only_what_there_is(kind, form):
    sections = {field.json_schema_extra["section"] for field in kind.model_fields.values()}
    assert form <= sections | set(kind.model_fields)


def test_no_film_and_no_reviewer_is_asked_for():
    fields = RetrainingSettings.model_fields.keys() | DrawingSettings.model_fields.keys()
    assert not {"videos", "detectors", "review_desk", "caption_model_id"} & fields
    with pytest.raises(SettingsError, match="'videos' does not exist"):
        parse_as(RetrainingSettings, {"videos": ["s3://studio/videos/film.mp4"]})


def test_a_night_trains_and_a_drawing_does_not():
    given = {"step_count": 100, "batch_size": 8}
    assert parse_as(RetrainingSettings, given).images_seen == 800
    assert parse_as(DrawingSettings, {}).images_seen == 0


def test_less_than_the_trainer_takes_is_no_threshold():
    with pytest.raises(SettingsError, match=r"'min_new_pictures'.*greater than or equal to 5"):
        parse_as(RetrainingSettings, {"min_new_pictures": 4})


def test_an_unknown_parameter_is_named_with_the_known_ones():
    with pytest.raises(SettingsError, match=r"'min_pictures' does not exist.*min_new_pictures"):
        parse_as(RetrainingSettings, {"min_pictures": 4})


def test_what_a_production_suggests_leaves_the_kind_of_run():
    suited = suited_settings(parse_as(DrawingSettings, {}), {"cfg_scale": 8})
    assert isinstance(suited, DrawingSettings)
    assert suited.cfg_scale == 8
    assert not isinstance(parse_settings({"videos": ["s3://studio/a.mp4"]}), DrawingSettings)
    assert RunSettings.model_fields["videos"].is_required()


def test_settings_of_earlier_versions_are_read_without_the_films_that_they_never_had():
    """A night of an earlier version recorded every parameter of films, with its default."""
    recorded = {
        **RunSettings(videos=["s3://studio/a.mp4"]).model_dump(mode="json"),
        **RetrainingSettings(min_new_pictures=7).model_dump(mode="json"),
        "videos": [],
        "review_desk": "auto",
    }
    assert recorded_settings(recorded) == RetrainingSettings(min_new_pictures=7)


@pytest.mark.parametrize(
    "settings",
    [
        RunSettings(videos=["s3://studio/a.mp4"], seed=9),
        RetrainingSettings(worse_by=0.1),
        DrawingSettings(panels=["Mira waves."]),
    ],
    ids=lambda settings: type(settings).__name__,
)
def test_recorded_settings_come_back_as_what_they_were(settings):
    again = recorded_settings(json.loads(settings.model_dump_json()))
    assert (type(again), again) == (type(settings), settings)


def test_the_former_name_of_a_desk_is_read_in_records_only():
    recorded = RunSettings(videos=["s3://studio/a.mp4"], review_desk="without_people")
    document = {**recorded.model_dump(mode="json"), "review_desk": "auto"}
    assert recorded_settings(document) == recorded
    with pytest.raises(SettingsError, match="auto is now called without_people"):
        parse_as(RunSettings, document)


def test_what_no_version_has_written_is_refused():
    with pytest.raises(SettingsError, match="'mood' does not exist"):
        recorded_settings({"script": "", "mood": "dark"})


def test_a_production_s_advice_about_films_is_no_advice_for_a_night():
    night = parse_as(RetrainingSettings, {})
    assert suited_settings(night, {"max_enlargement": 4}) == night
    for name, value in (
        ("keep_other_model", True),
        ("worse_by", 1),
        ("review_desk", "without_people"),
    ):
        with pytest.raises(SettingsError, match=f"cannot set {name}"):
            suited_settings(night, {name: value})
    drawing = parse_as(DrawingSettings, {})
    for name, value in (("model", "arn:aws:bedrock:x"), ("script", "s3://a/b"), ("lease_h", 99)):
        with pytest.raises(SettingsError, match=f"cannot set {name}"):
            suited_settings(drawing, {name: value})
    with pytest.raises(SettingsError, match="'mood' does not exist"):
        suited_settings(night, {"mood": "dark"})


#: Number of parameters on the form, and the digest of their bounds, defaults and help texts.
FORMS = {
    RunSettings: (82, "1f7d13d0d455b2a7c8836f93c3ff40a67d5498e62c84667bf5f0b41540bfef62"),
    RetrainingSettings: (41, "b967166e730bc1a35fa510a24379e3acab0bdc8dad51a59f985352a4845ecaa8"),
    DrawingSettings: (40, "50ed38f1dc01e1d4aa42fc5eea65f837d34d2077f5852fd8fbd6cef626388233"),
}


@pytest.mark.parametrize(("kind", "form"), [(RunSettings, frozenset()), *KINDS])
def test_sections_leave_the_form_as_it_was(kind, form):
    """A change of a parameter is a change for users: say it in the changelog, then here."""
    properties = kind.model_json_schema()["properties"]
    offered = {
        name: schema
        for name, schema in properties.items()
        if not form or name in form or schema["section"] in form
    }
    assert (len(offered), digest_of(offered)) == FORMS[kind]


def test_the_form_begins_with_the_films_and_ends_with_the_money():
    names = list(RunSettings.model_fields)
    assert names[:4] == ["videos", "production", "workspace", "sample_interval_s"]
    assert names[-2:] == ["keep_model", "poll_seconds"]
    assert names.index("trainer") < names.index("base_model_id") < names.index("role_arn")

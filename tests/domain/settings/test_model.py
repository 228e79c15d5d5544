"""Parameters of runs without films: explained, bounded, and settings like any other."""

import pytest

from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.settings.model import (
    DRAWING_FORM,
    RETRAINING_FORM,
    DrawingSettings,
    RetrainingSettings,
)
from storyboard_ops.domain.settings.run import RunSettings, parse_settings, suited_settings

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
    settings = parse_settings({}, RetrainingSettings)
    assert (settings.videos, settings.review_desk) == ([], "auto")
    with pytest.raises(SettingsError, match="'videos'"):
        parse_settings({"videos": ["s3://studio/videos/film.mp4"]}, RetrainingSettings)


def test_a_night_trains_and_a_drawing_does_not():
    given = {"step_count": 100, "batch_size": 8}
    assert parse_settings(given, RetrainingSettings).images_seen == 800
    assert parse_settings(given, DrawingSettings).images_seen == 0


def test_less_than_the_trainer_takes_is_no_threshold():
    with pytest.raises(SettingsError, match=r"'min_new_pictures'.*greater than or equal to 5"):
        parse_settings({"min_new_pictures": 4}, RetrainingSettings)


def test_an_unknown_parameter_is_named_with_the_known_ones():
    with pytest.raises(SettingsError, match=r"'min_pictures' does not exist.*min_new_pictures"):
        parse_settings({"min_pictures": 4}, RetrainingSettings)


def test_what_a_production_suggests_leaves_the_kind_of_run():
    suited = suited_settings(parse_settings({}, DrawingSettings), {"cfg_scale": 8})
    assert isinstance(suited, DrawingSettings)
    assert suited.cfg_scale == 8
    assert not isinstance(parse_settings({"videos": ["s3://studio/a.mp4"]}), DrawingSettings)
    assert RunSettings.model_fields["videos"].is_required()

"""The trigger form: every parameter is typed, bounded and explained, and means the settings."""

import pytest
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import ParamValidationError

from storyboard_ops.airflow_ops.dag_params import run_params, schedule_of
from storyboard_ops.domain.settings.model import RETRAINING_FORM, RetrainingSettings
from storyboard_ops.domain.settings.run import RunSettings, parse_as, parse_settings

FILM = {"videos": ["s3://studio/videos/film.mp4"]}


def filled(**values) -> dict:
    """What Airflow makes of the parameters of a trigger."""
    params = ParamsDict(run_params())
    for name, value in {**FILM, **values}.items():
        params[name] = value
    return params.validate()


def test_every_setting_is_a_parameter_with_title_help_and_section():
    params = run_params()
    assert list(params) == list(RunSettings.model_fields)
    for name, param in params.items():
        assert param.schema["title"], name
        assert param.description, name
        assert param.schema["section"], name
        assert param.schema["type"], name


def test_what_airflow_fills_in_are_the_settings_defaults():
    assert parse_settings(filled()) == parse_settings(FILM)


def test_a_run_without_a_film_is_refused():
    with pytest.raises(ParamValidationError, match="videos"):
        ParamsDict(run_params()).validate()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("step_count", 3, "3 is less than the minimum of 10"),
        ("learning_rate", 0.1, "0.1 is greater than the maximum"),
        ("panel_width", 1000, "not a multiple of 16"),
        ("review_desk", "nobody", "not one of"),
        ("review_desk", "auto", "not one of .*'choose', 'a2i', 'page', 'without_people'"),
        ("videos", [], "videos"),
        ("videos", ["film.mp4"], "does not match"),
    ],
)
def test_airflow_refuses_what_is_out_of_bounds_before_a_run_exists(name, value, words):
    with pytest.raises(ParamValidationError, match=words):
        filled(**{name: value})


def test_optional_names_may_be_left_empty():
    assert run_params()["role_arn"].schema["type"] == ["string", "null"]
    assert parse_settings(filled(role_arn=None)).role_arn is None


def test_a_form_offers_sections_and_single_parameters_with_other_defaults():
    params = run_params(
        RetrainingSettings, RETRAINING_FORM, {"workspace": "s3://night", "min_new_pictures": 7}
    )
    assert {"production", "min_new_pictures", "panel_width", "step_count"} <= set(params)
    assert not {"videos", "sample_interval_s", "review_desk", "keep_model"} & set(params)
    filled = ParamsDict(params).validate()
    settings = parse_as(RetrainingSettings, filled)
    assert (settings.workspace, settings.min_new_pictures) == ("s3://night", 7)


def test_the_schedule_is_a_file():
    nightly = schedule_of("nightly_retraining")
    assert len(nightly.cron.split()) == 5
    parse_as(RetrainingSettings, nightly.params)

"""The trigger form: every parameter is typed, bounded and explained, and means the settings."""

from functools import partial

import pytest
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import ParamValidationError

from storyboard_ops.airflow_ops.dag_params import EXPERTS, MODELS, run_params, schedule_of
from storyboard_ops.domain.removal.removal_records import (
    REMOVAL_FIRST,
    RemovalRequest,
    parse_request,
)
from storyboard_ops.domain.settings.model import (
    DRAWING_FORM,
    RETRAINING_FORM,
    DrawingSettings,
    RetrainingSettings,
)
from storyboard_ops.domain.settings.run import RunSettings, parse_as, parse_settings

FILM = {"videos": ["s3://studio/videos/film.mp4"]}


def filled(**values) -> dict:
    """What Airflow makes of the parameters of a trigger."""
    params = ParamsDict(run_params())
    for name, value in {**FILM, **values}.items():
        params[name] = value
    return params.validate()


#: Settings, form, fields that it begins with, and those that it wants filled in.
FORMS = {
    "train_character_model": (
        (RunSettings,),
        ("videos", "production", "workspace", "script", "detectors", "review_desk", "trainer"),
        {"videos", "production"},
    ),
    "draw_storyboard": (
        (DrawingSettings, DRAWING_FORM),
        ("production", "workspace", "script", "panels", "model"),
        {"production"},
    ),
    "nightly_retraining": (
        (RetrainingSettings, RETRAINING_FORM, {"workspace": "s3://night"}),
        ("production", "workspace", "min_new_pictures", "trainer"),
        {"production", "workspace"},
    ),
    "remove_everywhere": (
        (RemovalRequest, frozenset(), {}, REMOVAL_FIRST),
        ("workspace", "film", "shot", "from_s", "to_s", "production", "character", "reason"),
        {"reason", "requested_by"},
    ),
}


@pytest.mark.parametrize("dag_id", FORMS)
def test_a_form_begins_with_what_must_be_given_and_folds_the_rest(dag_id):
    arguments, first, required = FORMS[dag_id]
    params = run_params(*arguments)
    opened = [name for name, param in params.items() if "section" not in param.schema]
    assert list(params)[: len(opened)] == opened
    assert tuple(opened[: len(first)]) == first
    assert len(opened) <= 12
    assert {
        name for name, param in params.items() if "null" not in param.schema["type"]
    } == required
    for name, param in params.items():
        assert param.schema["title"], name
        assert param.description, name


def test_every_setting_is_a_parameter_and_thresholds_come_last():
    params = run_params()
    assert params.keys() == RunSettings.model_fields.keys()
    sections = list(dict.fromkeys(param.schema.get("section") for param in params.values()))
    assert sections[0] is None
    assert sections[-1] == EXPERTS
    assert list(params)[-1] == "max_lost_share"


@pytest.mark.parametrize("form", FORMS)
def test_a_field_that_is_left_empty_means_its_default(form):
    settings, *offered = FORMS[form][0]
    params = run_params(settings, *offered)
    full = {
        "videos": ["s3://studio/a.mp4"],
        "production": "people",
        **{"workspace": "s3://night", "reason": "it is over", "requested_by": "dana"},
    }
    given = {name: full[name] for name in full if name in params}
    if settings is RemovalRequest:
        given |= {"character": "mira"}
    empty = {name: None for name in params if name not in given}
    filled = ParamsDict(params)
    for name, value in {**given, **empty}.items():
        filled[name] = value
    read = parse_request if settings is RemovalRequest else partial(parse_as, settings)
    assert read(filled.validate()) == read(given)


def test_choices_are_choices_and_say_what_they_mean():
    params = run_params()
    desk = params["review_desk"].schema
    assert desk["enum"] == ["choose", "a2i", "page", "without_people", None]
    assert desk["values_display"]["page"] == "page: people, on the approval page here"
    assert desk["values_display"]["null"].startswith("(default) choose: ")
    detectors = params["detectors"].schema
    assert detectors["examples"] == ["multimodal", "labels", "faces", "custom_labels"]
    for name, param in params.items():
        shown = param.schema
        known = [*shown.get("enum", ()), *shown.get("examples", ())]
        assert {*shown.get("values_display", ())} - {"null"} <= {*known}, name


def test_models_are_suggested_and_others_may_be_named():
    params = run_params()
    for name in (*MODELS, "open_model"):
        suggested = params[name].schema["examples"]
        assert params[name].value in suggested, name
        assert "enum" not in params[name].schema
    profile = "eu.amazon.nova-pro-v1:0"
    assert parse_settings(filled(detection_model_id=profile)).detection_model_id == profile


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

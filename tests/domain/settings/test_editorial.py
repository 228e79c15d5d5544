"""Frame rate and timecode of a run, as people write them."""

import pytest

from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.settings.model import DRAWING_FORM, DrawingSettings
from storyboard_ops.domain.settings.run import RunSettings, parse_as, suited_settings


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("25", "25"),
        (25, "25"),
        (24.0, "24"),
        ("24.000", "24"),
        (23.976, "23.976"),
        (23.98, "23.976"),
        ("23.98 fps", "23.976"),
        ("29.97", "29.97"),
        ("29.97 NDF", "29.97"),
        ("29.97df", "29.97df"),
        ("29.97 DF", "29.97df"),
        ("29.97 drop frame", "29.97df"),
        ("59.94 drop", "59.94df"),
        ("29.97 non-drop", "29.97"),
    ],
)
def test_a_rate_may_be_written_as_a_number(given, name):
    settings = parse_as(DrawingSettings, {"frame_rate": given})
    assert (settings.frame_rate, settings.rate.name) == (name, name)


@pytest.mark.parametrize("given", ["26", 12, True, "PAL", 0, "24 df", "25 drop", "2997"])
def test_other_rates_are_refused_with_the_known_ones(given):
    with pytest.raises(SettingsError, match=r"'frame_rate'.*'23.976', '24', '25'"):
        parse_as(DrawingSettings, {"frame_rate": given})


def test_a_timecode_must_exist_at_the_rate():
    assert parse_as(DrawingSettings, {"frame_rate": 25, "start_timecode": "10:00:00:24"})
    with pytest.raises(SettingsError, match="01:00:00:24 does not exist at 24 fps"):
        parse_as(DrawingSettings, {"start_timecode": "01:00:00:24"})
    with pytest.raises(SettingsError, match="drop-frame timecode leaves out"):
        parse_as(DrawingSettings, {"frame_rate": "29.97df", "start_timecode": "00:01:00;00"})
    with pytest.raises(SettingsError, match=r"'start_timecode': it is not written as required"):
        parse_as(DrawingSettings, {"start_timecode": "one hour"})


def test_a_production_may_set_them_and_both_forms_offer_them():
    suited = suited_settings(parse_as(DrawingSettings, {}), {"frame_rate": 25})
    assert suited.rate.name == "25"
    assert "Editorial" in DRAWING_FORM
    assert RunSettings.model_fields["frame_rate"].default == "24"


def test_a_retimed_cut_is_an_object_in_s3():
    uri = "s3://studio/cuts/reel 1.edl"
    assert parse_as(DrawingSettings, {"retimed_cut": uri}).retimed_cut == uri
    with pytest.raises(SettingsError, match="'retimed_cut'"):
        parse_as(DrawingSettings, {"retimed_cut": "/home/me/reel1.edl"})

"""Names of image sequences."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.sampling.image_sequences import sequence_fault
from storyboard_ops.domain.settings.run import parse_settings


@pytest.mark.parametrize(
    "name",
    [
        "frame_%04d.png",
        "s3://studio/shot_010/frame_%d.dpx",
        "shot/beauty.####.exr",
        "shot.#.tif",
        "shot/*.jpg",
        "shot.[0001-0100].dpx",
        "shot.{1..24}.PNG",
        "frame_%06d_left.tiff",
    ],
)
def test_an_image_sequence_is_refused_by_name_with_the_next_step(name: str) -> None:
    fault = sequence_fault(name)
    assert fault.startswith(f"{name} names an image sequence.")
    assert "ffmpeg -framerate 24 -i frame_%04d.png" in fault


def test_a_folder_is_refused() -> None:
    assert sequence_fault("s3://studio/shot_010/").startswith("s3://studio/shot_010/ is a folder;")


@pytest.mark.parametrize(
    "name", ["film.mp4", "frame_0001.png", "100%d.mov", "take #3.mp4", "a*b/film.mkv"]
)
def test_other_names_are_films(name: str) -> None:
    assert sequence_fault(name) == ""


@pytest.mark.parametrize("uri", ["s3://studio/shot/frame_%04d.exr", "s3://studio/shot_010/"])
def test_the_settings_of_a_run_name_no_image_sequence(uri: str) -> None:
    with pytest.raises(SettingsError, match="Image sequences are not read"):
        parse_settings({"videos": ["s3://studio/film.mp4", uri]})

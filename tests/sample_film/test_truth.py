"""The truth file: written, read and asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from sample_film.truth import (
    CharacterTruth,
    FilmTruth,
    FrameTruth,
    ShotTruth,
    load_truth,
    seconds_view,
    to_text,
    truth_at,
)

MIRA = CharacterTruth("mira", (0.1, 0.2, 0.3, 0.4), 0.9, "front", False)
HALF_HIDDEN = CharacterTruth("pell", (0.5, 0.0, 0.1, 1.0), 0.1, "side", True)


@pytest.fixture
def truth() -> FilmTruth:
    """Three seconds at two frames a second: nobody, Mira, both."""
    casts = [(), (), (MIRA,), (MIRA,), (MIRA, HALF_HIDDEN), (MIRA, HALF_HIDDEN)]
    frames = [FrameTruth(i, i / 2, int(i > 1), cast, ()) for i, cast in enumerate(casts)]
    frames[0] = FrameTruth(0, 0.0, 0, (), ("black", "title"))
    shots = (
        ShotTruth(0, 0, 2, "title", "card", "fade"),
        ShotTruth(1, 2, 4, "walk", "hills", "cut"),
    )
    names = {"mira": "Mira: a girl", "pell": "Pell: a heron"}
    return FilmTruth("tiny.mp4", "d1", 2, 1280, 720, names, shots, tuple(frames))


def test_what_is_written_is_read_back(truth: FilmTruth, tmp_path: Path):
    path = tmp_path / "truth.json"
    path.write_text(to_text(truth), encoding="utf-8")
    assert load_truth(path) == truth


def test_one_line_a_frame(truth: FilmTruth):
    assert sum('"frame":' in line for line in to_text(truth).splitlines()) == 6


@pytest.mark.parametrize(("seconds", "index"), [(0.0, 0), (0.5, 1), (0.51, 2), (1.0, 2), (2.5, 5)])
def test_a_moment_is_the_first_frame_not_before_it(truth: FilmTruth, seconds: float, index: int):
    assert truth.at(seconds).index == index


def test_a_moment_of_the_file(truth: FilmTruth, tmp_path: Path):
    path = tmp_path / "truth.json"
    path.write_text(to_text(truth), encoding="utf-8")
    assert truth_at(path, 1.0).characters == (MIRA,)


@pytest.mark.parametrize("seconds", [-0.5, 2.6, 60.0])
def test_a_moment_outside_the_film_is_refused(truth: FilmTruth, seconds: float):
    with pytest.raises(ValueError, match=r"the film runs from 0 to 2\.500"):
        truth.at(seconds)


def test_the_seconds_view_has_the_shape_of_hand_made_truth(truth: FilmTruth):
    view = seconds_view(truth)
    assert view["clip"] == "tiny.mp4"
    assert view["positives"] == {"mira": 2, "pell": 1}
    assert [f["t"] for f in view["frames"]] == [0.0, 1.0, 2.0]
    assert view["frames"][0] == {
        "t": 0.0,
        "characters": [],
        "frame_note": "title, black, title",
        "ignore": False,
    }
    mira, pell = view["frames"][2]["characters"]
    assert mira == {"id": "mira", "box": [0.1, 0.2, 0.3, 0.4], "visible": 0.9, "view": "front"}
    assert pell["ambiguous"] is True

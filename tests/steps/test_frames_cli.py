"""The sampler alone, as ``make frames`` runs it."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from storyboard_ops.core.picture_codec import decode_rgb
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.steps.frames_cli import main, parse_interval
from tests.film_maker import make_film, number_in


def test_every_sample_is_written_and_listed(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", 60, options={"g": "12"})
    out = tmp_path / "deep" / "out"
    assert main([str(film), "0.5", str(out)]) == 0
    header, *frames = map(json.loads, (out / "manifest.jsonl").read_text().splitlines())
    assert header["kind"] == "frames"
    assert header["count"] == 5
    assert [frame["seconds"] for frame in frames] == [0, 0.48, 1, 1.48, 2]
    assert [frame["pts"] * 25 for frame in frames] == [n * 12800 for n in (0, 12, 25, 37, 50)]
    assert {frame["time_base"] for frame in frames} == {"1/12800"}
    assert {file.name for file in out.glob("*.png")} == {f"{k}.png" for k in range(5)}
    assert [number_in(decode_rgb((out / f"{k}.png").read_bytes())) for k in range(5)] == [
        0,
        12,
        25,
        37,
        50,
    ]
    assert frames[0]["dropped"]["reason"] == "blurred"  # a flat picture: number 0 is all dark bars
    assert frames[4]["uri"] == "4.png"


@pytest.mark.logs_errors
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{folder}/gone.mp4", "1", "{folder}/out"], "gone.mp4 cannot be opened"),
        (["{folder}/empty.mp4", "1", "{folder}/out"], "empty.mp4: the file is empty"),
        (["{folder}/empty.mp4", "never", "{folder}/out"], "INTERVAL is 'never'"),
        (["s3://films/film.mp4", "1", "{folder}/out"], "lies in S3; give a path"),
        (["{folder}/empty.mp4", "1", "{folder}/empty.mp4"], "a file; give a folder"),
    ],
)
def test_bad_input_is_one_clear_line_and_status_2(
    arguments: list[str], message: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "empty.mp4").touch()
    assert main([part.format(folder=tmp_path) for part in arguments]) == 2
    assert message in caplog.text
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "seconds"), [("1", Fraction(1)), ("0.1", Fraction(1, 10)), ("1/24", Fraction(1, 24))]
)
def test_intervals_are_exact(text: str, seconds: Fraction) -> None:
    assert parse_interval(text) == seconds


@pytest.mark.parametrize("text", ["0", "-1", "0.0009", "86401", "1/0", "", "nan", "inf"])
def test_intervals_out_of_range_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"give 0\.001 to 86400 seconds"):
        parse_interval(text)

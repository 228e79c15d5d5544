"""The sampler alone, as ``make frames`` runs it."""

import json
import logging
from fractions import Fraction
from pathlib import Path

import pytest

from storyboard_ops.cli import frames as frames_cli
from storyboard_ops.cli.frames import main, parse_interval
from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.domain.error_tree import SettingsError, Unreachable
from storyboard_ops.gateways.sampling.byte_source import FileBytes
from storyboard_ops.steps.run import progress
from tests.films.film_maker import make_film, number_in


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
        (["s3://films/film.mp4", "1", "{folder}/out"], "is in S3; give a path"),
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


@pytest.mark.logs_errors
def test_a_service_error_is_one_line_and_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(place: str, private: bool) -> FileBytes:
        raise Unreachable(f"{place} cannot be reached.")

    monkeypatch.setattr(frames_cli, "open_local_or_web", refuse)
    assert main(["https://films/film.mp4", "1", str(tmp_path / "out")]) == 1
    assert caplog.messages == ["https://films/film.mp4 cannot be reached."]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2.4 seconds."""
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4", 60, options={"g": "12"})


def files_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_a_call_replaces_what_an_earlier_one_wrote_and_nothing_else(
    film: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "poster.png").write_text("mine")
    assert main([str(film), "0.5", str(tmp_path)]) == 0
    assert main([str(film), "1", str(tmp_path)]) == 0
    assert files_in(tmp_path) == {
        *("notes.txt", "poster.png"),
        *("manifest.jsonl", "0.png", "1.png", "2.png"),
    }


@pytest.mark.logs_errors
@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("7.png", b"mine", "no manifest there lists its 7.png; remove the numbered"),
        ("manifest.jsonl", b"mine", "manifest.jsonl was not written by this command"),
    ],
)
def test_a_strangers_files_are_not_replaced(
    name: str, body: bytes, message: str, film: Path, tmp_path: Path, caplog
) -> None:
    (tmp_path / name).write_bytes(body)
    assert main([str(film), "1", str(tmp_path)]) == 2
    assert message in caplog.text
    assert files_in(tmp_path) == {name}
    assert (tmp_path / name).read_bytes() == body


@pytest.mark.logs_errors
@pytest.mark.parametrize(
    ("failure", "status"),
    [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device", "2.png"), 1)],
)
@pytest.mark.parametrize("broken", ["encode_png_fast", "encode_manifest"])
def test_a_call_that_does_not_finish_leaves_nothing(
    broken: str,
    failure: BaseException,
    status: int,
    film: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert main([str(film), "0.5", str(tmp_path)]) == 0
    sound, calls = getattr(frames_cli, broken), []

    def breaks_off(*arguments: object) -> bytes:
        calls.append(arguments)
        if broken == "encode_manifest" or len(calls) == 3:
            raise failure
        return sound(*arguments)

    monkeypatch.setattr(frames_cli, broken, breaks_off)
    assert main([str(film), "1", str(tmp_path)]) == status
    assert "nothing was kept" in caplog.text
    assert files_in(tmp_path) == set()


@pytest.mark.logs_errors
def test_a_film_that_cannot_be_read_leaves_an_earlier_result_as_it_is(
    film: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert main([str(film), "1", str(out)]) == 0
    (tmp_path / "empty.mp4").touch()
    assert main([str(tmp_path / "empty.mp4"), "1", str(out)]) == 2
    assert files_in(out) == {"manifest.jsonl", "0.png", "1.png", "2.png"}


def test_the_film_is_closed(film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    close = FileBytes.close

    def spy(source: FileBytes) -> None:
        closed.append(source.uri)
        close(source)

    monkeypatch.setattr(FileBytes, "close", spy)
    assert main([str(film), "1", str(tmp_path)]) == 0
    assert closed == [str(film)]


def test_long_work_says_how_far_it_is(
    film: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0)
    with caplog.at_level(logging.INFO):
        assert main([str(film), "1", str(tmp_path)]) == 0
    said = [line.partition(",")[0] for line in caplog.messages if line.startswith("Sampled")]
    assert said == ["Sampled 1 of 3 frames", "Sampled 2 of 3 frames", "Sampled 3 of 3 frames"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("1", Fraction(1)), ("0.1", Fraction(1, 10)), ("1/24", Fraction(1, 24))]
)
def test_intervals_are_exact(text: str, seconds: Fraction) -> None:
    assert parse_interval(text) == seconds


@pytest.mark.parametrize("text", ["0", "-1", "0.0009", "86401", "1/0", "", "nan", "inf"])
def test_intervals_out_of_range_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"give 0\.001 to 86400 seconds"):
        parse_interval(text)

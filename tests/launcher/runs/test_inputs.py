"""Wrong inputs are reported before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from PIL import Image

from launcher.__main__ import main
from launcher.errors import UsageError
from launcher.runs.inputs import Arguments, ProductionFile, Request, read_request
from launcher.state.layout import Project
from storyboard_ops.core.pictures.codec import decode_rgb, encode_png
from tests.launcher.mistakes.mistaken_productions import MIRA, SHEET
from tests.material import factories

PICTURE = encode_png(factories.picture(1, 96, 96))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a film, a production file and its reference picture."""
    (tmp_path / "film.mp4").write_bytes(b"film")
    (tmp_path / "mira.png").write_bytes(PICTURE)
    write_sheet(tmp_path, SHEET)
    return tmp_path


def write_sheet(folder: Path, document: object) -> None:
    (folder / "test.yaml").write_text(yaml.safe_dump(document))


def read(
    folder: Path, video: str = "film.mp4", production: str = "test.yaml", params: str = "{}"
) -> Request:
    videos = video if video.startswith("s3://") or not video else str(folder / video)
    local = production and not production.startswith("s3://")
    sheet = str(folder / production) if local else production
    return read_request(Project(folder), Arguments(videos, sheet, params), {"poll_seconds": 2})


def test_a_good_input_keeps_its_files_and_adds_defaults(folder: Path) -> None:
    request = read(folder, params='{"seed": 9}')
    assert request.videos == (folder / "film.mp4",)
    assert request.params == {"poll_seconds": 2, "seed": 9}
    assert isinstance(request.production, ProductionFile)
    assert request.production.references == {"mira": [PICTURE]}


def test_pictures_of_strangers_are_found_beside_the_file(folder: Path) -> None:
    (folder / "gull.png").write_bytes(PICTURE)
    write_sheet(folder, {**SHEET, "strangers": ["gull.png"]})
    sheet = read(folder).production
    assert isinstance(sheet, ProductionFile)
    assert sheet.strangers == (PICTURE,)


def test_s3_uris_are_passed_on(folder: Path) -> None:
    request = read(folder, "s3://films/a.mp4, s3://films/b.mp4", "s3://films/sheet.yaml")
    assert request.videos == ("s3://films/a.mp4", "s3://films/b.mp4")
    assert request.production == "s3://films/sheet.yaml"


def test_a_bundled_production_is_found_by_name(folder: Path) -> None:
    project = Project(folder)
    project.productions.mkdir(parents=True)
    for name in ("test.yaml", "mira.png"):
        (folder / name).rename(project.productions / name)
    request = read_request(project, Arguments(str(folder / "film.mp4"), "test", "{}"), {})
    assert isinstance(request.production, ProductionFile)
    assert request.production.references == {"mira": [PICTURE]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"video": ""}, "No video was given"),
        ({"video": "lost.mp4"}, "lost.mp4 does not exist"),
        ({"video": "."}, "is not a file"),
        (
            {"video": "frame_%04d.png"},
            "names an image sequence. Image sequences are not read; make",
        ),
        ({"video": "s3://films/shot.####.exr"}, "names an image sequence."),
        ({"video": "s3://films/shot/"}, "is a folder; name each film in it."),
        ({"production": ""}, "No production file was given"),
        ({"production": "lost.yaml"}, "lost.yaml does not exist"),
        ({"params": "seed=9"}, "PARAMS is not JSON"),
        ({"params": "[9]"}, "PARAMS must be a JSON object"),
        ({"params": '{"videos": []}'}, "use VIDEO and PRODUCTION"),
        ({"params": '{"sead": 9}'}, "'sead' does not exist"),
        ({"params": '{"sample_interval_s": 0}'}, "'sample_interval_s'"),
    ],
)
def test_a_bad_input_is_named(folder: Path, given: dict[str, str], expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(folder, **given)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    "videos", ["{0}/film.mp4,{0}/film.mp4", "{0}/film.mp4,{0}/./film.mp4", "{0}/film.mp4,{0}/link"]
)
def test_one_file_by_two_paths_is_named(folder: Path, videos: str) -> None:
    (folder / "link").symlink_to(folder / "film.mp4")
    arguments = Arguments(videos.format(folder), str(folder / "test.yaml"), "{}")
    with pytest.raises(UsageError, match=r"is the same file as .*film\.mp4\. Name each film once"):
        read_request(Project(folder), arguments, {})


@pytest.mark.parametrize(
    ("videos", "fault"),
    [
        ("s3://films/a.mp4,s3://films/a.mp4", "listed more than once: s3://films/a.mp4"),
        ("s3://films/a.mp4,s3://films//a.mp4", "'s3://films//a.mp4' has two slashes"),
        ("s3://films/a.mp4,s3://films/a.mp4/", "s3://films/a.mp4/ is a folder"),
    ],
)
def test_one_object_by_two_uris_is_named(folder: Path, videos: str, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        read(folder, videos)


def test_an_empty_video_is_named(folder: Path) -> None:
    (folder / "film.mp4").write_bytes(b"")
    with pytest.raises(UsageError, match=r"film.mp4 is empty \(0 bytes\)"):
        read(folder)


def test_an_invalid_production_file_is_named(folder: Path) -> None:
    (folder / "test.yaml").write_text("characters: [")
    with pytest.raises(UsageError, match=r"test.yaml is not valid YAML"):
        read(folder)


def test_an_unknown_character_of_the_script_is_named(folder: Path) -> None:
    panels = [{"description": "Runs.", "characters": ["mirra"]}]
    write_sheet(folder, {**SHEET, "storyboard": [{"scene": "One", "panels": panels}]})
    with pytest.raises(UsageError, match="unknown character 'mirra'; known are mira"):
        read(folder)


def test_a_missing_reference_picture_is_named(folder: Path) -> None:
    (folder / "mira.png").unlink()
    expected = r"test.yaml: a reference picture of character 'mira' .* 'mira.png' does not exist in"
    with pytest.raises(UsageError, match=expected):
        read(folder)


@pytest.mark.parametrize(
    "reference",
    [
        "/etc/hostname",
        "../secret.png",
        "inner/../../secret.png",
        "link.png",
        "out/secret.png",
        "s3:/films/secret.png",
        "file:///etc/hostname",
    ],
)
@pytest.mark.parametrize("whose", ["references", "strangers"])
def test_a_reference_outside_of_the_folder_is_named(
    folder: Path, reference: str, whose: str
) -> None:
    project = folder / "project"
    (project / "inner").mkdir(parents=True)
    (folder / "secret.png").write_bytes(PICTURE)
    (project / "link.png").symlink_to(folder / "secret.png")
    (project / "out").symlink_to(folder)
    (project / "mira.png").write_bytes(PICTURE)
    character = {**MIRA, "references": [reference if whose == "references" else "mira.png"]}
    strangers = [reference] if whose == "strangers" else []
    write_sheet(project, {**SHEET, "characters": [character], "strangers": strangers})
    (folder / "film.mp4").rename(project / "film.mp4")
    with pytest.raises(UsageError, match="does not name a picture beneath") as caught:
        read(project)
    assert all(part in str(caught.value) for part in ("test.yaml", repr(reference)))


@pytest.mark.parametrize("body", [b"", b"mira", b"\x89PNG\r\n\x1a\n", b"<svg/>"])
def test_a_reference_that_is_not_a_picture_is_named(folder: Path, body: bytes) -> None:
    (folder / "mira.png").write_bytes(body)
    with pytest.raises(UsageError, match=r"character 'mira' .* 'mira.png': .* not a readable pict"):
        read(folder)


@pytest.mark.usefixtures("stop_signals")
def test_the_command_ends_with_2_and_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = str(folder / "test.yaml")
    arguments = ["--project", str(folder), "run", "--video", "lost.mp4", "--production", sheet]
    assert main(arguments) == 2
    assert capsys.readouterr().out.splitlines() == [
        "The video lost.mp4 does not exist. Give the path of a file, or an S3 URI."
    ]
    assert not (folder / ".airflow").exists()


def test_a_run_is_named_after_its_production(folder: Path) -> None:
    assert read(folder).name == "test"
    assert read(folder, production="s3://films/The Sheet.yaml").name == "the-sheet"
    assert read(folder, production="s3://films/productions/mira/production.yaml").name == "mira"
    write_sheet(folder, {**SHEET, "slug": "a-" * 29 + "b"})
    assert read(folder).name == ("a-" * 29)[:30]


def test_a_huge_reference_is_shrunk_and_named(folder: Path) -> None:
    Image.new("RGB", (9_000, 9_000), "red").save(folder / "mira.png")
    request = read(folder)
    assert request.remarks == [
        "mira.png: it has 9,000 x 9,000 pixels and is used at 4,096 x 4,096."
    ]
    assert isinstance(request.production, ProductionFile)
    [picture] = request.production.references["mira"]
    assert isinstance(picture, bytes)
    assert decode_rgb(picture).shape == (4_096, 4_096, 3)

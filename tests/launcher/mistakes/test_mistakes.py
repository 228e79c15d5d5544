"""Mistakes that people make, and what they read: what, where, which range, what next; no trace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from storyboard_ops.cli import diff as diff_cli
from storyboard_ops.cli import frames as frames_cli
from storyboard_ops.cli import remove as remove_cli
from tests.launcher.mistakes.command_lines import AIRFLOWS_RUN, WHO, WORKSPACE, Read, run
from tests.launcher.mistakes.mistaken_productions import SHEETS
from tests.studio.studio_fixture import Studio


@dataclass(frozen=True)
class Mistake:
    """A command line of the launcher, and what a person reads."""

    arguments: tuple[str, ...]
    words: tuple[str, ...]
    status: int = 2
    variables: Mapping[str, str] = field(default_factory=dict)


MISTAKES = {
    "a film that is not there": Mistake(
        run("--video", "lost.mp4"), ("lost.mp4 does not exist", "Give the path of a file")
    ),
    "no film": Mistake(run("--video", ""), ("No video was given", "VIDEO=film.mp4,other.mp4")),
    "a folder as film": Mistake(
        run("--video", "folder"), ("folder is not a file", "Name each film separately")
    ),
    "an empty film": Mistake(run("--video", "empty.mp4"), ("empty.mp4 is empty (0 bytes)",)),
    "a picture as film": Mistake(
        run("--video", "picture.mp4"), ("picture.mp4 is a still picture", "Give a film")
    ),
    "a text as film": Mistake(
        run("--video", "good.yaml"), ("it is not a video file", "upload a film, such as MP4")
    ),
    "a misspelt film": Mistake(
        run("--video", "flim.mp4"), ("flim.mp4 does not exist", "Did you mean 'film.mp4'?")
    ),
    "a film in a folder that is not there": Mistake(
        run("--video", "shots/a.mp4"), ("shots/a.mp4 does not exist", "The folder shots does not")
    ),
    "a film twice": Mistake(
        run("--video", "film.mp4,./film.mp4"), ("the same file as film.mp4", "Name each film once")
    ),
    "pictures as film": Mistake(
        run("--video", "shots/%04d.png"), ("names an image sequence", "ffmpeg -framerate 24")
    ),
    "a link as film": Mistake(
        run("--video", "https://films.example/a.mp4"),
        ("https://films.example/a.mp4 is a web link", "Download it", "s3://bucket/key"),
    ),
    "a link as production": Mistake(
        run("--production", "https://films.example/a.yaml"), ("a.yaml is a web link",)
    ),
    "a folder as production": Mistake(
        run("--production", "folder"), ("folder is a folder", "the YAML file in it")
    ),
    "a film as production": Mistake(
        run("--production", "film.mp4"), ("film.mp4 is not UTF-8 text", "Save it as UTF-8")
    ),
    "no production": Mistake(
        run("--production", ""), ("No production file was given", "PRODUCTION=")
    ),
    "an unknown production": Mistake(
        run("--production", "paper-lantrn"),
        ("paper-lantrn does not exist", "Did you mean 'paper-lantern'?", "include/productions"),
    ),
    "a misspelt parameter": Mistake(
        run("--params", '{"sead": 9}'),
        ("'sead' does not exist", "Did you mean 'seed'?", "Parameters are: videos, "),
    ),
    "an unknown trainer": Mistake(
        run("--params", '{"trainer": "bedrok"}'),
        ("'trainer'", "'auto', 'bedrock', ", "Did you mean 'bedrock'?"),
    ),
    "an unknown trainer of the demo": Mistake(
        ("demo", "--trainer", "sagemakr"), ("(given: 'sagemakr')", "Did you mean 'sagemaker'?")
    ),
    "a number out of its range": Mistake(
        run("--params", '{"sample_interval_s": 0}'),
        ("'sample_interval_s'", "(given: 0)", "Give 0.04 to 600.", "so many seconds of film"),
    ),
    "a number in words": Mistake(
        run("--params", '{"budget_usd": "much"}'), ("'budget_usd'", "Give 0 to 1,000,000.")
    ),
    "a size between two steps": Mistake(
        run("--params", '{"panel_width": 1000}'), ("'panel_width'", "a multiple of 16")
    ),
    "a time that does not exist": Mistake(
        run("--params", '{"start_timecode": "01:00:00:30"}'), ("does not exist at 24 fps",)
    ),
    "detectors that identify nobody": Mistake(
        run("--params", '{"detectors": ["labels"]}'), ("labels say what is there, not who",)
    ),
    "a parameter twice": Mistake(
        run("--params", '{"seed": 1, "seed": 2}'), ("the key 'seed' occurs twice",)
    ),
    "an empty list": Mistake(
        run("--params", '{"detectors": []}'), ("'detectors': the list is empty; it needs at",)
    ),
    "parameters that are not JSON": Mistake(
        run("--params", "{'seed': 7}"), ("PARAMS is not JSON", "line 1", "PARAMS='{\"seed\": 7}'")
    ),
    "an apostrophe in the parameters": Mistake(
        run("--params", """{"script": 's3://b/Mira's.fdx'}"""),
        ("PARAMS is not JSON", r"Write an apostrophe in it as \u0027."),
    ),
    "films in the parameters": Mistake(
        run("--params", '{"videos": []}'), ("videos cannot be set in PARAMS", "use VIDEO")
    ),
    "a workspace that is no URI": Mistake(
        run("--params", '{"workspace": "s3//x"}'), ("'workspace'", "(given: 's3//x')")
    ),
    "a day that is none": Mistake(
        ("demo",), ("TODAY='soon' is not a day", "TODAY=2026-"), variables={"TODAY": "soon"}
    ),
    "a region that is none": Mistake(
        ("demo",), ("REGION='mars' is not a region", "REGION=eu-"), variables={"REGION": "mars"}
    ),
    "a misspelt region": Mistake(
        ("demo",),
        ("no region eu-centrl-1", "Did you mean 'eu-central-1'?", "Regions are: "),
        variables={"REGION": "eu-centrl-1"},
    ),
    "a misspelt reviewer": Mistake(
        run(), ("REVIEW is 'humna'", "Did you mean 'human'?"), variables={"REVIEW": "humna"}
    ),
    "no workspace on AWS": Mistake(
        ("preflight", "--target", "aws"), ("On AWS a workspace is required", '"s3://your-bucket')
    ),
    "a workspace that is not configured": Mistake(
        ("preflight", "--target", "aws", "--params", WORKSPACE),
        ("s3://studio-of-nobody/films is not configured", "include/deployment.yaml"),
    ),
    "a bucket that is not there": Mistake(
        ("preflight", "--target", "aws", "--params", WORKSPACE),
        ("bucket studio-of-nobody does not exist", "Create it, or name another"),
        variables={"STORYBOARD_WORKSPACES": "s3://studio-of-nobody/films"},
    ),
    "a name that no bucket has": Mistake(
        ("setup-aws", "--bucket", "Films!"), ("'Films!' is not the name", "3 to 63 lower-case")
    ),
    "a run that is not there": Mistake(
        ("results", "run-20261129t130000", "--target", "aws", "--workspace", "{workspace}"),
        ("no run 'run-20261129t130000' in {workspace}", "the id that Airflow shows", "no run yet"),
    ),
    "a run that is not there, as Airflow writes it": Mistake(
        ("results", AIRFLOWS_RUN, "--target", "aws", "--workspace", "{workspace}"),
        (f"no run '{AIRFLOWS_RUN}' in {{workspace}}", "Give the id that Airflow shows"),
    ),
    "no run": Mistake(("results", ""), ("No run was named: make results RUN=",)),
    "an unknown account": Mistake(
        run("--target", "azure"), ("invalid choice: 'azure'", "'local', 'aws'")
    ),
    "a workspace of results that is no URI": Mistake(
        ("results", "run-1", "--workspace", "films"), ("'films' is not an S3 URI", "s3://bucket")
    ),
    "an unknown dataset": Mistake(
        ("diff", "--target", "aws", "--", "a", "b", "--workspace", "{workspace}"),
        ("There is no run 'a' in {workspace}",),
    ),
    "a removal of nothing": Mistake(
        ("remove", "--target", "aws", "--", "--shot", "3", *WHO), ("set either film",)
    ),
} | {
    f"a production: {name}": Mistake(run("--production", f"{name}.yaml"), words)
    for name, (_, words) in SHEETS.items()
}  # fmt: skip


@pytest.mark.logs_errors
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_message(
    name: str,
    account: Studio,
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mistake, workspace = MISTAKES[name], f"s3://{account.bucket}"
    for variable, value in mistake.variables.items():
        monkeypatch.setenv(variable, value)
    arguments = [part.replace("{workspace}", workspace) for part in mistake.arguments]
    status, text = read(*arguments)
    for words in mistake.words:
        assert words.replace("{workspace}", workspace) in text
    assert status == mistake.status
    assert "fault of this program" not in text


def test_there_are_more_than_thirty() -> None:
    assert len(MISTAKES) >= 55


def test_an_apostrophe_that_is_json_is_none(account: Studio, read: Read) -> None:
    params = json.dumps({"workspace": "s3://studio-of-nobody/mira's"})
    status, text = read("preflight", "--target", "aws", "--params", params)
    assert "s3://studio-of-nobody/mira's is not configured" in text
    assert status == 2


def test_a_huge_reference_is_shrunk_and_that_is_said(
    account: Studio, folder: Path, read: Read
) -> None:
    Image.new("L", (9_000, 9_000), 128).save(folder / "mira.png")  # 81 megapixels
    arguments = ("--target", "aws", "--params", WORKSPACE, "--production", "good.yaml")
    status, text = read("preflight", *arguments)
    assert "Note: mira.png: it has 9,000 x 9,000 pixels and is used at 4,096 x 4,096" in text
    assert "is not configured" in text  # so that nothing is uploaded by this test
    assert status == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("remove", "--", "--shot", "3", *WHO), "set either film"),
        (("remove", "--", "--shot", "three", *WHO), "invalid int value: 'three'"),
        (("remove", "--", "--film", "s3://films/a.mp4"), "required: --reason, --by"),
        (("diff", "--", "a"), "required: later"),
        (("diff", "--", "a", "b", "--workspace", "films"), "'films' is not an S3 URI"),
    ],
)
def test_arguments_of_the_product_are_read_before_anything_starts(
    arguments: tuple[str, ...], words: str, folder: Path, read: Read
) -> None:
    status, text = read(*arguments)
    assert words in text
    assert status == 2
    assert not (folder / ".airflow").exists()


#: What the commands of the product say when they are called by themselves.
STEPS = {
    "frames of a folder": (frames_cli.main, ("folder", "1", "o"), "is a folder"),
    "frames of nothing": (frames_cli.main, ("lost.mp4", "1", "o"), "lost.mp4 cannot be opened"),
    "frames of a picture": (frames_cli.main, ("picture.mp4", "1", "o"), "it is a still picture"),
    "frames too often": (frames_cli.main, ("film.mp4", "0", "o"), "give 0.001 to 86400 seconds"),
    "frames into a file": (
        frames_cli.main,
        ("film.mp4", "1", "good.yaml"),
        "a file; give a folder",
    ),
    "frames into nowhere": (frames_cli.main, ("film.mp4", "1", "/proc/o"), "cannot be written"),
    "frames of S3": (frames_cli.main, ("s3://films/a.mp4", "1", "o"), "is in S3; give a path"),
    "a dataset of nowhere": (diff_cli.main, ("a", "b", "--workspace", "x"), "'x' is not an S3 URI"),
    "a film that is no URI": (remove_cli.main, ("--film", "a.mp4", *WHO), "film"),
}


@pytest.mark.logs_errors
@pytest.mark.usefixtures("folder", "account")
@pytest.mark.parametrize("name", STEPS)
def test_a_command_of_the_product_ends_with_one_message(
    name: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    command, arguments, words = STEPS[name]
    assert command(list(arguments)) == 2
    shown = capfd.readouterr()
    assert words in caplog.text
    assert "Traceback" not in f"{caplog.text}{shown.out}{shown.err}"


def test_the_workspace_of_a_run_is_not_changed_by_a_mistake(account: Studio, read: Read) -> None:
    params = json.dumps({"workspace": f"s3://{account.bucket}", "sead": 1})
    assert read("preflight", "--target", "aws", "--params", params)[0] == 2
    assert "Contents" not in account.client("s3").list_objects_v2(Bucket=account.bucket)

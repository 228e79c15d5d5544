"""`make production` on the terminal: films, the page, leaving and returning, and checks."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from launcher.__main__ import main
from launcher.state.layout import PROJECT_ROOT
from storyboard_ops.core.pictures.codec import encode_png
from tests.films.cast_film import cast_film
from tests.material.factories import picture

SHEET = """\
production: Foxes
slug: foxes
source: {title: Foxes, licence: CC0}
characters:
  - id: rey
    name: Rey
    description: A fox.
    references: [rey.png]
"""


@contextmanager
def command(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The command in a folder, up to the line that says how to leave it; and what it said."""
    env = {
        **os.environ,
        "PYTHONPATH": f"{PROJECT_ROOT / 'plugins'}:{PROJECT_ROOT}",
        "COLUMNS": "80",
    }
    start = (sys.executable, "-m", "launcher", "--project", str(folder), "production", *arguments)
    with subprocess.Popen(
        start, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        said: list[str] = []
        try:
            assert process.stdout is not None
            for line in process.stdout:
                said.append(line.rstrip("\n"))
                if line.startswith("Ctrl-C"):
                    break
            yield process, said
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(30)


def call(address: str, route: str, body: object = None) -> dict:
    """Call a route beside the page."""
    data = None if body is None else json.dumps(body).encode()
    url = f"{address.rpartition('/')[0]}/{route}"
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=30) as answer:
        return dict(json.load(answer))


def name_group(address: str, board: dict, group: int, name: str) -> None:
    """Name a group on the page."""
    said = {"based_on": 0, "decision": "name", "name": name}
    ids = [item["id"] for item in board["items"] if item["group"] == group]
    batch = {"id": "1", "decisions": [{"image_id": one, **said} for one in ids]}
    call(address, "decisions", batch)


def test_a_production_in_two_sittings(tmp_path):
    cast_film(tmp_path / "our film.mp4")
    arguments = ("--video", "our film.mp4", "--out", "mine")
    with command(tmp_path, *arguments) as (process, said):
        address = next(line.strip() for line in said if "http://" in line)
        name_group(address, call(address, "board"), 0, "Ann")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert "nothing is left running" in process.stdout.read()
    with command(tmp_path, *arguments) as (process, said):
        assert "Continuing: 8 figures are decided from before." in said
        assert not any("samples" in line for line in said)
        address = next(line.strip() for line in said if "http://" in line)
        members = {"Ann": {"description": "A woman in red."}}
        call(address, "details", {"title": "Ours", "licence": "CC0", "members": members})
        call(address, "finish", {"id": "1", "based_on": 1, "open": 8})
        assert call(address, "board")["closed"]
        assert process.wait(30) == 0
        rest = process.stdout.read()
    assert "Wrote mine/production.yaml: 1 character or prop, 5 reference pictures." in rest
    assert "make run VIDEO='our film.mp4' PRODUCTION=mine/production.yaml" in rest
    assert max(map(len, [*said, *rest.splitlines()])) <= 80
    assert yaml.safe_load((tmp_path / "mine/production.yaml").read_text())["slug"] == "ours"
    assert (tmp_path / "mine").stat().st_mode & 0o077 == 0


def test_the_page_is_for_this_machine_alone(tmp_path):
    cast_film(tmp_path / "a.mp4", range(2))
    with command(tmp_path, "--video", "a.mp4") as (_, said):
        (address,) = re.findall(r"http://\S+", "\n".join(said))
    assert address.startswith("http://127.0.0.1:")
    assert len(address.split("/")[3]) >= 32


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--video", ""), ("No video was given", "VIDEO=film.mp4,other.mp4")),
        (("--video", "lost.mp4"), ("lost.mp4 does not exist",)),
        (("--video", "hills.mp4"), ("No figure was found in 1 sample", "docs/production.md")),
        (("--video", "notes.mp4"), ("notes.mp4",)),
        (("--video", "s3://films/a.mp4"), ("is in S3", "aws s3 cp s3://films/a.mp4 .")),
        (("--video", "hills.mp4,./hills.mp4"), ("is the same file as", "Name each film once")),
        (("--video", "hills.mp4", "--out", "notes.mp4"), ("OUT is notes.mp4, a file",)),
        (("--check", "lost.yaml"), ("lost.yaml does not exist",)),
        (("--check", "s3://films/a.yaml"), ("is in S3", "make preflight")),
    ],
)
def test_what_cannot_be_used_says_so(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    cast_film(tmp_path / "hills.mp4", range(1), people=False)
    (tmp_path / "notes.mp4").write_text("notes\n" * 200)
    assert main(["--project", str(tmp_path), "production", *arguments]) == 2
    text = " ".join(capsys.readouterr().out.split())
    for word in words:
        assert word in text
    assert "Traceback" not in text


def check(folder: Path, text: str, capsys) -> tuple[int, str]:
    """Check a file with a picture beside it."""
    (folder / "rey.png").write_bytes(encode_png(picture(1)))
    (folder / "foxes.yaml").write_text(text)
    status = main(["--project", str(folder), "production", "--check", str(folder / "foxes.yaml")])
    return status, capsys.readouterr().out


def test_a_valid_file_is_summed_up(tmp_path, capsys):
    status, text = check(tmp_path, SHEET, capsys)
    assert status == 0
    assert "is valid: 1 character or prop, 1 reference picture, no storyboard" in text


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("name: Rey", "nmae: Rey", ("characters.0.nmae (line 6)", "Did you mean 'name'?")),
        ("slug: foxes", "slug: The Foxes", ("slug (line 2)",)),
        ("[rey.png]", "[]", ("characters.0.references (line 8)", "the list is empty")),
        ("[rey.png]", "[lost.png]", ("'lost.png' does not exist",)),
        ("slug: foxes", "slug: foxes\nsettings: {sead: 1}", ("'sead' does not exist", "'seed'")),
        ("slug: foxes", "slug: foxes\nsettings: {budget_usd: 1}", ("cannot set budget_usd",)),
        ("slug: foxes", "slug: foxes\nslug: foxes", ("'slug' occurs twice", "line 2")),
        ("id: rey", "id: rey\n    id: rey", ("occurs twice",)),
    ],
)
def test_a_check_says_what_is_wrong_and_where(tmp_path, capsys, before, after, words):
    status, text = check(tmp_path, SHEET.replace(before, after), capsys)
    assert status == 2
    for word in words:
        assert word in " ".join(text.split())


@pytest.mark.parametrize("name", ["run", "preflight"])
def test_own_films_have_no_default_production(tmp_path, capsys, name):
    film = cast_film(tmp_path / "a.mp4", range(1))
    given = ("--production", "") if name == "run" else ()
    assert main(["--project", str(tmp_path), name, "--video", str(film), *given]) == 2
    text = " ".join(capsys.readouterr().out.split())
    assert "No production file was given" in text
    assert "`make production VIDEO=film.mp4` makes one" in text

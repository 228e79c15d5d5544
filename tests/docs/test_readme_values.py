"""Parameters, request bodies and options that the README shows are those of the product."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from storyboard_ops.cli import remove
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.model import DrawingSettings, RetrainingSettings
from storyboard_ops.domain.settings.run import RunSettings, parse_settings
from storyboard_ops.steps.training.trainers import TRAINERS
from tests.docs.make_commands import make_commands
from tests.docs.markdown_files import ROOT, code_blocks, code_spans

README = ROOT / "README.md"
DAGS = {path.stem for path in (ROOT / "dags").glob("*.py")}
#: What every run by hand names: the defaults suit the launcher only.
NAMED = {"videos", "workspace", "production"}
FILM = ROOT / "include/sample_film/paper-lantern.mp4"


def _bodies() -> Iterator[dict[str, Any]]:
    for block in code_blocks(README, "sh"):
        for line in block.splitlines():
            words = shlex.split(line)
            if "--conf" in words:
                yield json.loads(words[words.index("--conf") + 1])
            if "--json" in words and "conf" in line:
                yield json.loads(words[words.index("--json") + 1])["conf"]


BODIES = list(_bodies())


def test_the_readme_shows_bodies() -> None:
    assert len(BODIES) >= 2


@pytest.mark.parametrize("conf", BODIES)
def test_a_body_names_what_a_run_needs(conf: dict[str, Any]) -> None:
    settings = parse_settings(conf)
    assert conf.keys() >= NAMED
    assert (ROOT / f"include/productions/{settings.production}.yaml").is_file()
    assert all(video.startswith(f"{settings.workspace}/") for video in settings.videos)


@pytest.mark.parametrize("conf", BODIES)
def test_a_body_names_the_film_that_make_up_uploads(conf: dict[str, Any]) -> None:
    digest = hashlib.sha256(FILM.read_bytes()).hexdigest()
    (video,) = conf["videos"]
    assert video == f"s3://storyboard-studio/videos/{digest[:16]}/{FILM.name}"


def test_triggered_dags_exist() -> None:
    text = README.read_text(encoding="utf-8")
    triggered = re.findall(r"dags trigger (\w+)", text) + re.findall(r"/dags/(\w+)/dagRuns", text)
    assert len(triggered) == 2 and set(triggered) <= DAGS


def test_every_dag_is_named() -> None:
    assert set(code_spans(README)) >= DAGS


def test_params_of_commands_are_parameters() -> None:
    given = [c.variables["PARAMS"] for c in make_commands(README) if "PARAMS" in c.variables]
    bodies = [json.loads(text) for text in given if "…" not in text]
    assert bodies
    for body in bodies:
        parse_settings({"videos": ["s3://bucket/film.mp4"], **body})


def test_named_parameters_exist() -> None:
    known = {
        name
        for record in (RunSettings, RetrainingSettings, DrawingSettings, Production)
        for name in record.model_fields
    }
    named = {span for span in code_spans(README) if re.fullmatch(r"[a-z]+(_[a-z]+)+", span)}
    trainers = set(TRAINERS) | {"dataset_only"}
    assert named - DAGS - trainers - {"local_aws"} <= known
    assert named & known


def test_shown_values_are_allowed() -> None:
    """Spans such as ``review_desk: page``."""
    shown = [yaml.safe_load(span) for span in code_spans(README) if re.match(r"[a-z_]+: \w", span)]
    assert len(shown) >= 3
    for parameter in shown:
        parse_settings({"videos": ["s3://bucket/film.mp4"], **parameter})


class _Reached(Exception):
    """The command has understood its arguments and calls a service."""


def _no_service(service: str) -> Any:
    raise _Reached(service)


def test_arguments_of_remove_are_understood() -> None:
    shown = [c.variables["ARGS"] for c in make_commands(README) if c.targets == ("remove",)]
    complete = [text for text in shown if "…" not in text]
    assert complete
    for text in complete:
        with pytest.raises(_Reached):
            remove.main(shlex.split(text), _no_service)


@pytest.fixture(scope="module")
def helps() -> str:
    """What the commands that the README names options of say of themselves."""
    programs = (["launcher", "run"], ["storyboard_ops.cli.remove"], ["local_aws"])
    return "".join(
        subprocess.run(
            [sys.executable, "-m", *program, "--help"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "plugins:."},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for program in programs
    )


def test_named_options_exist(helps: str) -> None:
    named = {span for span in code_spans(README) if re.fullmatch(r"--[a-z-]+", span)}
    assert named
    assert named <= set(re.findall(r"--[a-z-]+", helps))


def test_the_messages_that_the_readme_explains_are_written_somewhere() -> None:
    explained = re.findall(r"^\| \*([^*]+)\* \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(explained) >= 5
    folders = (ROOT / "plugins", ROOT / "launcher")
    code = "".join(p.read_text(encoding="utf-8") for one in folders for p in one.rglob("*.py"))
    assert [message for message in explained if message not in code] == []

"""Commands that documents show can be pasted; the cheap ones are run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storyboard_ops.domain.image_records import Frame
from storyboard_ops.domain.manifest_codec import decode_manifest
from tests.docs.make_commands import TARGETS, VARIABLES, MakeCommand, make_commands, run_make
from tests.docs.markdown_files import ROOT, code_blocks
from tests.films.tiny_film import tiny_film

README, CONTRIBUTING = ROOT / "README.md", ROOT / "CONTRIBUTING.md"
COMMANDS = sorted(
    {
        command.text: command for path in (README, CONTRIBUTING) for command in make_commands(path)
    }.items()
)


@pytest.mark.parametrize("command", [c for _, c in COMMANDS], ids=[text for text, _ in COMMANDS])
def test_make_knows_targets_and_variables(command: MakeCommand) -> None:
    assert command.targets, f"{command.text} names no target"
    assert set(command.targets) <= TARGETS
    assert set(command.variables) <= VARIABLES
    planned = run_make("-n", *command.targets, **command.variables)
    assert planned.returncode == 0, planned.stderr


def test_the_readme_shows_commands() -> None:
    """The test above would pass on a README without any."""
    shown = {target for command in make_commands(README) for target in command.targets}
    assert shown >= {"demo", "run", "preflight", "frames", "remove", "up", "test", "lint"}


def test_files_of_pasted_commands_exist() -> None:
    pasted = " ".join(code_blocks(README, "sh"))
    named = re.findall(r"VIDEO=(\S+)", pasted)
    assert named and all((ROOT / name).is_file() for name in named)


def test_help_lists_every_target_of_the_readme() -> None:
    listed = set(re.findall(r"^  make ([a-z-]+)", run_make("help").stdout, re.MULTILINE))
    shown = {target for command in make_commands(README) for target in command.targets}
    assert shown - {"help"} <= listed


def test_frames_samples_a_film(tmp_path: Path) -> None:
    film = tiny_film(tmp_path / "film.mp4", seconds=3)
    out = tmp_path / "frames"
    done = run_make("frames", f"VIDEO={film}", "INTERVAL=1", f"OUT={out}")
    assert done.returncode == 0, done.stderr
    frames = decode_manifest((out / "manifest.jsonl").read_bytes(), Frame, "frames").records
    assert [float(frame.seconds) for frame in frames] == [0.0, 1.0, 2.0]
    assert sorted(path.name for path in out.glob("*.png")) == ["0.png", "1.png", "2.png"]


def test_frames_refuses_a_missing_film(tmp_path: Path) -> None:
    done = run_make("frames", "VIDEO=no-such-film.mp4", f"OUT={tmp_path / 'frames'}")
    assert done.returncode == 2
    assert "no-such-film.mp4" in done.stderr
    assert not (tmp_path / "frames").exists()


def test_preflight_refuses_a_missing_film_before_anything_starts() -> None:
    done = run_make("preflight", "VIDEO=no-such-film.mp4", "PRODUCTION=paper-lantern")
    assert done.returncode == 2  # make's status for any failure
    assert "The video no-such-film.mp4 does not exist." in done.stdout


def test_preflight_refuses_an_unknown_parameter() -> None:
    done = run_make("preflight", 'PARAMS={"no_such_parameter": 1}')
    assert done.returncode == 2
    assert "no_such_parameter" in done.stdout

"""What a launcher writes is closed to other users, also where an earlier version left it open."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from launcher.errors import UsageError
from launcher.processes.supervisor import ProcessSpec, spawn
from launcher.state.layout import Project
from launcher.state.lock import hold_lock
from launcher.state.private_files import close_folder
from tests.studio.other_user import NOBODY, can_become_another_user, open_paths


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_of_all_states_is_closed(tmp_path: Path) -> None:
    state = Project(tmp_path).state("studio")
    state.path.mkdir(parents=True, mode=0o755)
    state.path.parent.chmod(0o755)
    with hold_lock(state):
        assert mode(state.path.parent) == 0o700
        assert mode(state.lock) == 0o600


@can_become_another_user
def test_the_state_of_another_user_is_not_used(tmp_path: Path) -> None:
    state = Project(tmp_path).state("studio")
    state.path.parent.mkdir()
    os.chown(state.path.parent, NOBODY, NOBODY)
    with pytest.raises(UsageError, match="belongs to the user with the id 65534"), hold_lock(state):
        pass
    assert list(state.path.parent.iterdir()) == []


@can_become_another_user
def test_the_message_says_what_to_do(tmp_path: Path) -> None:
    os.chown(tmp_path, NOBODY, NOBODY)
    with pytest.raises(UsageError, match="choose another, or run as its owner"):
        close_folder(tmp_path)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o027])
def test_a_component_and_its_log_are_private(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        command = ("sh", "-c", "echo secret; mkdir made; echo secret > made/file")
        log = tmp_path / "logs" / "component.log"
        component = spawn(ProcessSpec("it", command, {"PATH": os.defpath}, log, tmp_path))
        assert component.wait() == 0
    finally:
        os.umask(before)
    assert log.read_text() == (tmp_path / "made" / "file").read_text() == "secret\n"
    assert open_paths(log.parent) == open_paths(tmp_path / "made") == []

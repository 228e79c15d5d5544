"""One launcher per state folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from launcher.errors import StateInUse
from launcher.state.layout import StateFolder
from launcher.state.lock import hold_lock, is_locked


def test_a_second_launcher_on_one_state_folder_is_refused(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "studio")
    code = (
        "import sys; from pathlib import Path; from launcher.state.lock import hold_lock\n"
        "from launcher.state.layout import StateFolder\n"
        "with hold_lock(StateFolder(Path(sys.argv[1]))): print('held', flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(state.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    assert is_locked(state)
    with pytest.raises(StateInUse, match="Another launcher"), hold_lock(state):
        pass
    other.communicate("\n")
    assert not is_locked(state)
    with hold_lock(state):
        assert is_locked(state)

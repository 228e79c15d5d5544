"""Progress, room and messages of a job."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from trainer.errors import JobFailed, explain
from trainer.machine.progress import Progress
from trainer.machine.room import check_disk


def test_progress_is_a_whole_file_at_every_phase(tmp_path: Path) -> None:
    progress = Progress(tmp_path / "progress.json")
    progress.enter("training", 100)
    progress.scored(0, {"likeness": 0.1, "low": 0.0, "high": 0.2})
    progress.scored(50, {"likeness": None, "low": None, "high": None})
    progress.enter("saving", 100, 100)
    state = json.loads((tmp_path / "progress.json").read_text())
    assert (state["phase"], state["step"], state["steps"]) == ("saving", 100, 100)
    assert [one["likeness"] for one in state["checkpoints"]] == [0.1, None]
    assert [path.name for path in tmp_path.iterdir()] == ["progress.json"]


def test_a_disk_without_room_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1_500_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    check_disk(tmp_path, 1_400_000_000, "The checkpoints")
    with pytest.raises(JobFailed, match=r"The checkpoints need 2\.00 GB and .* has 1\.50 GB left"):
        check_disk(tmp_path, 2_000_000_000, "The checkpoints")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "The disk is full."),
        (RuntimeError("[enforce fail at inline_container.cc:672] ."), "The disk is full."),
        (MemoryError(), "The memory of the machine or of its GPU is exhausted."),
        (ZeroDivisionError("by zero"), "Unexpected ZeroDivisionError: by zero"),
    ],
)
def test_the_message_of_an_error(error: Exception, message: str) -> None:
    assert explain(error).startswith(message)

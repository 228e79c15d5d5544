"""The whole film, drawn once per test session however many processes run the tests."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sample_film import FilmFiles, FilmTruth, load_truth, render_film

PATIENCE = 1800.0  # seconds that one process waits for another one's film


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> FilmFiles:
    """The first process that asks draws it; the others wait for its file."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, claim = shared / "sample_film", shared / "sample_film.claim"
    if not _claimed(claim):
        _wait_for(folder / "paper-lantern.mp4")
    return render_film(folder)


def _claimed(claim: Path) -> bool:
    try:
        claim.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _wait_for(path: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not path.exists():
        if time.monotonic() > end:
            raise TimeoutError(f"{path}: no other test process has drawn it in {PATIENCE:.0f} s")
        time.sleep(0.5)


@pytest.fixture(scope="session")
def truth(film: FilmFiles) -> FilmTruth:
    return load_truth(film.truth)

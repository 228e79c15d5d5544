"""The drawn film, looked through once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from storyboard_ops.cli.production.desk import CastDesk
from storyboard_ops.domain.production.draft import Draft
from tests.material.cast_desks import DraftFolder


@pytest.fixture(scope="package")
def looked_through(tmp_path_factory: pytest.TempPathFactory) -> DraftFolder:
    return DraftFolder.made(tmp_path_factory.mktemp("cast"))


@pytest.fixture
def film(looked_through: DraftFolder) -> Path:
    return looked_through.film


@pytest.fixture
def room(looked_through: DraftFolder) -> Path:
    """The folder of the draft, which tests only read."""
    return looked_through.room


@pytest.fixture
def draft(looked_through: DraftFolder) -> Draft:
    return looked_through.draft


@pytest.fixture
def desk(looked_through: DraftFolder, tmp_path: Path) -> Callable[[], CastDesk]:
    """Opens the desk, each time as after a restart."""
    return lambda: looked_through.desk(tmp_path)

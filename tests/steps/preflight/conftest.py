"""A run that can work, and an account for tests that change it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.films.tiny_film import tiny_film, tiny_production
from tests.studio.endpoint_fixture import FAST, running_endpoint
from tests.studio.studio_fixture import Studio


@pytest.fixture
def ready(studio: Studio, tmp_path) -> dict:
    """Parameters of a run that preflight lets through."""
    studio.ensure_a2i()
    film = studio.upload(tiny_film(tmp_path / "film.mp4", seconds=3))
    return {"videos": [film], "production": tiny_production(studio)}


@pytest.fixture
def lonely_studio(tmp_path: Path) -> Iterator[Studio]:
    """An account of its own, whose quota nobody else uses."""
    with running_endpoint(tmp_path / "data", FAST) as endpoint:
        yield Studio.opened(endpoint)

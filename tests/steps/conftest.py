"""Fixtures that tests of several steps share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.endpoint_fixture import RunningEndpoint

if TYPE_CHECKING:
    from tests.removal_world import World


@pytest.fixture(scope="session")
def built(local_endpoint: RunningEndpoint, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A workspace to remove from, filled once for each worker."""
    from tests.removal_world import filled_world

    return filled_world(local_endpoint, tmp_path_factory.mktemp("films"))


@pytest.fixture
def world(built: World) -> Iterator[World]:
    """The workspace as it was filled; what a test does to it is undone."""
    yield built
    built.restore()

"""What every test may use, and one rule: an unexpected ERROR in the log is a failure."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

# NumPy's threads wait for work by spinning. Beside the other workers and their endpoints that takes
# the cores from them: one thread each halves the CPU time of what compares pictures. It must be set
# before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.long_tests import keep_chosen
from tests.studio.endpoint_fixture import RunningEndpoint, quick_folder, running_endpoint
from tests.studio.studio_fixture import FOOTAGE, Studio

if TYPE_CHECKING:
    from tests.material.removal_world import World

# A busy machine takes a second now and then for what else takes a millisecond.
settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")

FAST = ("--customization-seconds", "0.2", "--throughput-seconds", "0.2")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say how many of the long tests run; see ``tests/long_tests.py``."""
    parser.addoption(
        "--long", type=float, help="share of the long tests, 0 to 1; all with -m long, else none"
    )
    parser.addoption("--seed", type=int, default=0, help="which of the long tests a share takes")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in its own hook
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out long tests, and keep what shares servers or a workspace in one process."""
    keep_chosen(config, items)
    for item in items:
        shares_world = "built" in getattr(item, "fixturenames", ())
        group = "world" if shares_world else item.location[0]
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(autouse=True)
def no_unexpected_errors(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """Fail a test that logs an ERROR without having said so by ``@pytest.mark.logs_errors``."""
    yield
    if request.node.get_closest_marker("logs_errors"):
        return
    errors = [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert not errors, f"unexpected ERROR in the log: {errors}"


@pytest.fixture(autouse=True)
def no_open_films() -> Iterator[None]:
    """Close the films that a test has opened; see ``tests/films/film_files.py``."""
    yield
    if films := sys.modules.get("tests.films.film_files"):
        films.close_films()


@pytest.fixture(scope="session")
def local_endpoint() -> Iterator[RunningEndpoint]:
    """A running local AWS endpoint whose jobs end quickly; one for each xdist worker."""
    with quick_folder() as folder, running_endpoint(folder / "data", FAST) as endpoint:
        yield endpoint


@pytest.fixture
def studio(local_endpoint: RunningEndpoint) -> Studio:
    """A workspace of its own on the endpoint."""
    return Studio.opened(local_endpoint)


@pytest.fixture
def small_program() -> Iterator[None]:
    """A stand-in is installed as the training program, which needs torch."""
    from tests.studio.trainers.open_training import small_program_installed

    with small_program_installed():
        yield


@pytest.fixture(scope="session")
def footage() -> Path:
    """The licensed test footage; the test is skipped where it is absent."""
    if not FOOTAGE.is_dir():
        pytest.skip(f"no test footage at {FOOTAGE}; set STORYBOARD_FOOTAGE")
    return FOOTAGE


@pytest.fixture(scope="session")
def built(local_endpoint: RunningEndpoint, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A workspace to remove from, filled once for each worker."""
    from tests.material.removal_world import filled_world

    return filled_world(local_endpoint, tmp_path_factory.mktemp("films"))


@pytest.fixture
def world(built: World) -> Iterator[World]:
    """The workspace as it was filled; what a test does to it is undone."""
    yield built
    built.restore()

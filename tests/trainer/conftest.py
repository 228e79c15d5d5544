"""The laboratory that tests of the training program share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.trainer.laboratory import Laboratory


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """A warm process with the training program; skips where its environment is missing."""
    made = Laboratory(tmp_path_factory.mktemp("laboratory"))
    yield made
    made.close()

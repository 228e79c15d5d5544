"""A workspace on the local endpoint."""

from __future__ import annotations

from typing import Any

import pytest

from launcher.product import Workspace
from tests.studio.studio_fixture import Studio


@pytest.fixture
def workspace(studio: Studio) -> Workspace:
    return Workspace.at(f"s3://{studio.bucket}/team")


@pytest.fixture
def s3(studio: Studio) -> Any:
    return studio.client("s3")

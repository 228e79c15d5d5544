"""A run whose Bedrock and S3 are in memory: what it costs, without an endpoint."""

from __future__ import annotations

import pytest

from tests.fakes.memory_bedrock import MemoryBedrock
from tests.studio.trainers.bedrock_run import NOON, Run, opener


@pytest.fixture
def bedrock() -> MemoryBedrock:
    return MemoryBedrock(NOON)


@pytest.fixture
def run(bedrock: MemoryBedrock) -> Run:
    """Opens the tool box of a run at noon."""
    return opener(bedrock)

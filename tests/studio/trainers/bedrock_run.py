"""A run at noon whose Bedrock and S3 are in memory, and what it buys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.money.paid_usage import PaidResource
from storyboard_ops.domain.training.model_facts import Claim, TrainedModel
from storyboard_ops.domain.utc_time import iso_millis
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.bedrock import settle_bedrock
from tests.fakes.memory_bedrock import MemoryBedrock
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import factories

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MODEL = TrainedModel(
    job_arn="", job_name="job", model_arn="arn:model", base_model_id="nova", images_seen=80
)
DATASET = TrainingSet(
    images=ManifestRef(uri="s3://b/images.jsonl", count=0, sha256="0" * 64),
    training_uri="s3://b/train.jsonl",
    training_sha256="1" * 64,
    training=6,
    evaluation=0,
)
JOB = Claim(kind="customization job", name="job", owner="run-1", claimed_at=iso_millis(NOON))
CAP = Claim(kind="provisioned throughput", name="cap", owner="run-1", claimed_at=iso_millis(NOON))

Run = Callable[..., ToolBox]


def opener(bedrock: MemoryBedrock) -> Run:
    """Return what opens the tool box of a run at noon; all its runs share one bucket."""
    services: dict[str, Any] = {"s3": MemoryBucket(), "bedrock": bedrock}

    def opened(run_key: str = "run-1", **params: Any) -> ToolBox:
        given = {"role_arn": "arn:aws:iam::123456789012:role/R", **params}
        return ToolBox(run_key, factories.settings(**given), services.__getitem__, lambda: NOON)

    return opened


def later(tools: ToolBox, **by: float) -> ToolBox:
    return replace(tools, clock=lambda: NOON + timedelta(**by))


def throughput_line(
    tools: ToolBox, bedrock: MemoryBedrock, deleted_at: str = "", name: str = "cap"
) -> PaidResource:
    """Write the receipt line of capacity that exists."""
    found = settle_bedrock.BedrockControl(bedrock).find_throughput(name)
    assert found is not None
    return settle_bedrock.write_throughput_line(tools, found, deleted_at)

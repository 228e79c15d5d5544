"""Resources as a run of the pipeline buys them: named, tagged and claimed in its workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.object_keys import Workspace, aws_name
from storyboard_ops.domain.training.model_facts import Claim, ClaimKind
from tests.local_aws.bedrock_data import NOVA_CANVAS


def name_of(purpose: str, number: int = 1, run: str = "run-1") -> str:
    """A name as the pipeline gives it."""
    return aws_name(purpose, run, f"{number:08x}")


def write_claim(
    s3: Any, workspace: Workspace, kind: ClaimKind, name: str, run: str = "run-1", **changes: Any
) -> None:
    """Write a run's claim as it is before a purchase; ``changes`` replace its fields."""
    record = Claim(kind=kind, name=name, owner=run, claimed_at="2026-11-23T03:00:00+00:00")
    place = workspace.run(run) / f"claims/{kind.replace(' ', '-')}/{name}.json"
    body = canonical_json(record.model_copy(update=changes)).encode()
    s3.put_object(Bucket=place.bucket, Key=place.key, Body=body)


def create_throughput(bedrock: Any, name: str, tags: dict[str, str]) -> str:
    """Create capacity that no run has claimed; returns its ARN."""
    made = bedrock.create_provisioned_model_throughput(
        modelUnits=1,
        provisionedModelName=name,
        modelId=NOVA_CANVAS,
        tags=[{"key": key, "value": value} for key, value in tags.items()],
    )
    return str(made["provisionedModelArn"])


def buy_capacity(
    clients: Callable[[str], Any], workspace: Workspace, number: int, tags: dict[str, str]
) -> str:
    """Claim and create capacity of run-1; returns its ARN. Its name has this number."""
    name = name_of("capacity", number)
    write_claim(clients("s3"), workspace, "provisioned throughput", name)
    return create_throughput(clients("bedrock"), name, tags)

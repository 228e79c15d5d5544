"""Buy provisioned throughput for a customized model; a retry adopts what was bought."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import GateClosed, error_for_status
from storyboard_ops.domain.object_keys import aws_name, client_token
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel
from storyboard_ops.gateways.training.bedrock_control import (
    NAME_TAKEN,
    BedrockControl,
    CapacityRequest,
    ThroughputState,
)
from storyboard_ops.steps.money.adopt_or_create import Purchase, adopt_or_create
from storyboard_ops.steps.money.claims import (
    claim,
    extended_lease,
    kept_until,
    lease_end,
    lease_until,
    receipt_lines,
    refuse_unclaimed,
)
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.bedrock.settle_bedrock import THROUGHPUT, write_throughput_line

log = logging.getLogger(__name__)


def start_capacity(tools: ToolBox, model: TrainedModel) -> str:
    """Buy throughput for a model, or adopt what an earlier try bought; returns its name.

    Every purchase has its own name, so the name of a released one is not used again. Failed
    capacity is deleted and bought again; only clearing the task leads here. Raises GateClosed when
    capacity of this name has other inputs.
    """
    released = [
        line for line in receipt_lines(tools) if line.kind == THROUGHPUT and line.deleted_at
    ]
    capacity = ProvisionedCapacity(tools, BedrockControl(tools.clients("bedrock")), model)
    return adopt_or_create(capacity, first_attempt=len(released)).request.name


def finish_capacity(tools: ToolBox, name: str) -> Capacity:
    """Record and return capacity that is in service; raises JobFailed with the service's reason."""
    found = BedrockControl(tools.clients("bedrock")).find_throughput(name)
    if found is None or found.status != "InService":
        state = f"is {found.status}. {found.failure}" if found else "no longer exists."
        raise error_for_status(found.status if found else "")(
            f"Provisioned throughput {name} {state} Nothing can be drawn without it."
        )
    write_throughput_line(tools, found)
    capacity = Capacity(
        arn=found.arn,
        name=found.name,
        model_arn=found.model_arn,
        model_units=found.model_units,
        created_at=found.created_at,
    )
    tools.write_record("model/capacity.json", capacity)
    return capacity


def serves(tools: ToolBox, capacity: Capacity) -> bool:
    """Return whether capacity that was provided still exists."""
    return BedrockControl(tools.clients("bedrock")).find_throughput(capacity.name) is not None


@dataclass(frozen=True)
class ProvisionedCapacity(Purchase[CapacityRequest, ThroughputState]):
    """Throughput that serves a customized model."""

    tools: ToolBox
    control: BedrockControl
    model: TrainedModel

    name_taken = NAME_TAKEN

    def request(self, attempt: int) -> CapacityRequest:
        tools, settings = self.tools, self.tools.settings
        inputs = (self.model.model_arn, settings.model_units, settings.commitment)
        # A name contains only the start of a long run key: the digest distinguishes runs.
        digest = digest_of(tools.run_key, *inputs, attempt)
        return CapacityRequest(
            name=aws_name("capacity", tools.run_key, digest),
            model_arn=self.model.model_arn,
            model_units=settings.model_units,
            commitment=settings.commitment,
            client_token=client_token(digest),
            tags=lease_until(tools, _capacity_end(tools)),
        )

    def find(self, request: CapacityRequest) -> ThroughputState | None:
        return self.control.find_throughput(request.name)

    def is_spent(self, found: ThroughputState) -> bool:
        if found.status != "Failed":
            return False
        log.warning("Capacity %s failed: %s. Buying it again.", found.name, found.failure)
        self.control.delete_throughput(found.arn)
        return True

    def adopt(self, found: ThroughputState, request: CapacityRequest) -> None:
        existing = (found.model_arn, found.model_units, found.commitment)
        if existing != (request.model_arn, request.model_units, request.commitment):
            raise GateClosed(
                f"Capacity named {found.name} exists with other inputs ({found.model_arn}, "
                f"{found.model_units} model units, commitment {found.commitment}). It is not "
                "adopted; delete or rename it."
            )
        tags = self.control.tags(found.arn)
        refuse_unclaimed(self.tools, THROUGHPUT, found.name, tags)
        log.info("Adopting provisioned throughput %s (%s).", found.name, found.status)
        # It is in use again, so its lease starts again.
        own = _capacity_end(self.tools)
        self.control.tag(found.arn, extended_lease(self.tools, own, tags))

    def claim(self, request: CapacityRequest) -> None:
        claim(self.tools, THROUGHPUT, request.name)

    def create(self, request: CapacityRequest) -> None:
        arn = self.control.create_throughput(request)
        log.info("Bought %s, model units: %d. It bills until deleted.", arn, request.model_units)


def _capacity_end(tools: ToolBox) -> datetime:
    """Return the end of the run's lease, or the later time until which capacity is kept."""
    lease = lease_end(tools)
    return max(lease, kept_until(tools, bought_at=tools.clock()) or lease)

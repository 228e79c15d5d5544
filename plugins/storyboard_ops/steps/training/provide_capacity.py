"""Provisioned throughput for a customized model, idempotent: a retry adopts what was bought."""

from __future__ import annotations

import logging
from datetime import datetime
from itertools import count

from botocore.exceptions import ClientError

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import GateClosed, RemoteFailure
from storyboard_ops.domain.object_keys import aws_name, client_token
from storyboard_ops.domain.training.model_facts import Capacity, CustomizedModel
from storyboard_ops.gateways.aws.errors import error_code
from storyboard_ops.gateways.training.bedrock_control import (
    NAME_TAKEN,
    BedrockControl,
    CapacityRequest,
    ThroughputState,
)
from storyboard_ops.steps.money.claims import (
    claim,
    entered,
    extended_lease,
    kept_until,
    lease_end,
    lease_until,
)
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.settle import THROUGHPUT, enter_throughput

log = logging.getLogger(__name__)


def start_capacity(tools: ToolBox, model: CustomizedModel) -> str:
    """Buy throughput for a model, or adopt what an earlier try has bought; returns its name.

    What was released before is not bought again under its name: a purchase has a name of its own.
    Capacity that has failed is deleted and bought anew; that is reached only when a person clears
    the task. Raises GateClosed when the name belongs to capacity of other inputs.
    """
    control = BedrockControl(tools.clients("bedrock"))
    released = [line for line in entered(tools) if line.kind == THROUGHPUT and line.deleted_at]
    for purchase in count(len(released)):
        request = _request(tools, model, purchase)
        found = control.find_throughput(request.name)
        if found is None:
            return _buy(tools, control, request)
        if found.status != "Failed":
            return _adopt(tools, control, found, request)
        log.warning("Capacity %s has failed: %s. Buying anew.", found.name, found.failure)
        control.delete_throughput(found.arn)
    raise AssertionError("unreachable: count() does not end")


def finish_capacity(tools: ToolBox, name: str) -> Capacity:
    """Facts of capacity that is in service; raises RemoteFailure with the service's reason."""
    found = BedrockControl(tools.clients("bedrock")).find_throughput(name)
    if found is None or found.status != "InService":
        state = f"is {found.status}. {found.failure}" if found else "does not exist any more."
        raise RemoteFailure(f"Provisioned throughput {name} {state} Nothing is drawn without it.")
    enter_throughput(tools, found)
    capacity = Capacity(
        arn=found.arn,
        name=found.name,
        model_arn=found.model_arn,
        model_units=found.model_units,
        created_at=found.created_at,
    )
    tools.write_record("model/capacity.json", capacity)
    return capacity


def _request(tools: ToolBox, model: CustomizedModel, purchase: int) -> CapacityRequest:
    units, commitment = tools.settings.model_units, tools.settings.commitment
    # A name holds only the beginning of a long run key: the digest keeps runs apart.
    digest = digest_of(tools.run_key, model.model_arn, units, commitment, purchase)
    return CapacityRequest(
        name=aws_name("capacity", tools.run_key, digest),
        model_arn=model.model_arn,
        model_units=units,
        commitment=commitment,
        client_token=client_token(digest),
        tags=lease_until(tools, _capacity_end(tools)),
    )


def _capacity_end(tools: ToolBox) -> datetime:
    """The end of the run's lease, or of the time it is kept on purpose where that is later."""
    lease = lease_end(tools)
    return max(lease, kept_until(tools, bought_at=tools.clock()) or lease)


def _buy(tools: ToolBox, control: BedrockControl, request: CapacityRequest) -> str:
    claim(tools, THROUGHPUT, request.name)
    try:
        arn = control.create_throughput(request)
    except ClientError as error:
        # Its name may be taken by a purchase that was not yet to be seen a moment ago.
        found = control.find_throughput(request.name) if error_code(error) in NAME_TAKEN else None
        if found is None:
            raise
        return _adopt(tools, control, found, request)
    log.info("Bought %s, model units: %d. It bills until deleted.", arn, request.model_units)
    return request.name


def _adopt(
    tools: ToolBox, control: BedrockControl, found: ThroughputState, request: CapacityRequest
) -> str:
    if (found.model_arn, found.model_units) != (request.model_arn, request.model_units):
        raise GateClosed(
            f"Capacity named {found.name} exists with other inputs ({found.model_arn}, "
            f"{found.model_units} model units). It is not adopted; delete or rename it."
        )
    log.info("Adopting provisioned throughput %s (%s).", found.name, found.status)
    # It is in use again: its lease begins anew.
    lease = extended_lease(tools, _capacity_end(tools), control.tags(found.arn))
    control.tag(found.arn, lease)
    return found.name

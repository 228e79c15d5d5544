"""Provisioned throughput for a customized model, idempotent: a retry adopts what was bought."""

from __future__ import annotations

import logging

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import RemoteFailure
from storyboard_ops.domain.model_facts import Capacity, CustomizedModel
from storyboard_ops.domain.object_keys import aws_name, client_token
from storyboard_ops.gateways.bedrock_control import BedrockControl
from storyboard_ops.steps.paid_claims import claim, lease_tags, now
from storyboard_ops.steps.tool_box import ToolBox

log = logging.getLogger(__name__)


def start_capacity(tools: ToolBox, model: CustomizedModel) -> str:
    """Buy throughput for a model, or adopt what an earlier try has bought; returns its name."""
    name = aws_name(
        "capacity", tools.run_key, digest_of(model.model_arn, tools.settings.model_units)
    )
    control = BedrockControl(tools.clients("bedrock"))
    found = control.find_throughput(name)
    if found is not None:
        log.info("Adopting provisioned throughput %s (%s).", name, found.status)
        return name
    claim(tools, "provisioned throughput", name)
    # The token carries the hour of the claim: after a release, cleared tasks may buy anew.
    token = client_token(digest_of(tools.run_key, name, now()[:13]))
    units = tools.settings.model_units
    arn = control.create_throughput(name, model.model_arn, units, token, lease_tags(tools))
    log.info("Bought %d model unit(s): %s. They bill by the hour until deleted.", units, arn)
    return name


def finish_capacity(tools: ToolBox, name: str) -> Capacity:
    """Facts of capacity that is in service; raises RemoteFailure with the service's reason."""
    found = BedrockControl(tools.clients("bedrock")).find_throughput(name)
    if found is None or found.status != "InService":
        state = f"is {found.status}. {found.failure}" if found else "does not exist any more."
        raise RemoteFailure(f"Provisioned throughput {name} {state} Nothing is drawn without it.")
    capacity = Capacity(
        arn=found.arn,
        name=found.name,
        model_arn=found.model_arn,
        model_units=found.model_units,
        created_at=found.created_at,
    )
    tools.write_record("model/capacity.json", capacity)
    return capacity

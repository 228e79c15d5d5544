"""The studio's own machine, as the deployment names it."""

from __future__ import annotations

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.deployment import Gpu
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.settings.training import OpenModelSection
from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.gateways.deployment_file import read_deployment
from storyboard_ops.gateways.training.gpu_machine import GpuMachine, ThisMachine
from storyboard_ops.steps.run.tool_box import ToolBox

NO_MACHINE = "the deployment names no machine of the studio's own"
REMEDY = (
    "Add the section gpu to include/deployment.yaml, which shows its fields, or set trainer to "
    "another."
)


def machine_for(gpu: Gpu, tools: ToolBox) -> GpuMachine:
    """Return the machine that a deployment describes."""
    if gpu.where != "ssh":
        return ThisMachine(gpu)
    # Imported here, because the packages for SSH are installed where they are needed.
    from storyboard_ops.gateways.training.ssh_machine import SshMachine

    return SshMachine(gpu, tools.open_ssh)


def own_machine(tools: ToolBox) -> GpuMachine:
    """Return the studio's machine; raises GateClosed when the deployment names none."""
    gpu = read_deployment().gpu
    if gpu is None:
        raise GateClosed(f"There is no machine to train on: {NO_MACHINE}. {REMEDY}")
    return machine_for(gpu, tools)


def weights_name(settings: OpenModelSection, base: BaseModel) -> str:
    """Return the name of a base model's folder on the machine: other weights have another."""
    own = f"-{digest_of(settings.open_weights)[:8]}" if settings.open_weights else ""
    return f"{base.id}{own}"

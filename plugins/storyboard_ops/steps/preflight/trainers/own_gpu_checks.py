"""Check that the studio's own machine can train and draw; nothing is started there."""

from __future__ import annotations

from collections.abc import Iterable

from storyboard_ops.core.preflight.machine_checks import (
    has_weights,
    machine_fault,
    needed_packages,
)
from storyboard_ops.domain.error_tree import BadInput, MachineUnusable
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.gateways.deployment_file import read_deployment
from storyboard_ops.gateways.training.model_files import base_models
from storyboard_ops.steps.preflight.check_runner import CheckFunction
from storyboard_ops.steps.preflight.trainers.open_model_checks import (
    check_embedder,
    check_licence,
    check_references,
    check_weights,
)
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.own_gpu.machine import (
    NO_MACHINE,
    REMEDY,
    machine_for,
    weights_name,
)


def own_gpu_checks(tools: ToolBox) -> Iterable[tuple[str, CheckFunction]]:
    """Yield the checks of a run that trains or draws on the studio's own machine, by name."""
    yield "base model", check_licence
    yield "machine", _check_machine
    if not base_models().has(tools.settings.open_model):
        return
    if tools.settings.panel_source == "references":
        yield "reference pictures", check_references
    if tools.settings.trains:
        yield "weights of the score", _check_embedder


def _check_machine(tools: ToolBox[CommonSettings]) -> Finding:
    gpu = read_deployment().gpu
    if gpu is None:
        return failed(f"{NO_MACHINE}.", REMEDY)
    if gpu.where == "queue":
        return _of_queue(tools, gpu.queue)
    try:
        base = base_models().find(tools.settings.open_model)
        machine = machine_for(gpu, tools)
        facts = machine.look(weights_name(tools.settings, base), needed_packages(base))
    except (BadInput, MachineUnusable) as error:
        return failed(str(error), "Correct the section gpu of include/deployment.yaml.")
    if fault := machine_fault(facts, base, tools.settings.trains):
        return failed(fault, "Fix that, then start the run again.")
    if not has_weights(facts, base):
        stored = check_weights(tools)
        if stored.state == "fail":
            return failed(
                f"{facts.host} has no weights of {base.name} in {gpu.weights}, and "
                f"{stored.finding}",
                stored.remedy,
            )
    gpu_name = f"{facts.gpu}, {facts.gpu_gb:.0f} GB" if facts.gpu else "no GPU"
    weights = "with the weights" if has_weights(facts, base) else "which gets the weights from S3"
    return passed(
        f"{facts.host} ({gpu_name}, torch {facts.torch}, {facts.free_gb:.0f} GB of disk free), "
        f"{weights}; it bills nothing."
    )


def _check_embedder(tools: ToolBox[CommonSettings]) -> Finding:
    """Warn when the bucket lacks the weights that checkpoints are scored with."""
    stored = check_embedder(tools)
    if stored.state != "fail":
        return stored
    return warned(f"if the machine does not have them either: {stored.finding}", stored.remedy)


def _of_queue(tools: ToolBox[CommonSettings], queue: str) -> Finding:
    """Return what can be known of a machine that only the workers of its queue reach."""
    stored = check_weights(tools)
    if stored.state == "fail":
        return warned(
            f"the machine of queue {queue} is looked at when the training begins there. If it has "
            f"no weights: {stored.finding}",
            stored.remedy,
        )
    return passed(f"the machine of queue {queue}, looked at when the training begins there.")

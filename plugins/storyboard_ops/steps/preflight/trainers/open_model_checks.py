"""Check that a base model with open weights can be trained and drawn with by SageMaker.

Checked before anything is paid: its licence, its weights, the machines with their quotas and
memory, and the role of the jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.domain.settings.common import CommonSettings, TrainingSettings
from storyboard_ops.domain.training.base_models import BaseModel, InstanceType
from storyboard_ops.gateways.aws import account as account_facts
from storyboard_ops.gateways.storage.object_store import ObjectHead
from storyboard_ops.gateways.training.model_files import base_models, sagemaker_facts
from storyboard_ops.steps.preflight.account.role_checks import check_rights, check_trust
from storyboard_ops.steps.preflight.check_runner import CheckFunction
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.training.open_model import find_embedder, find_weights, job_role_arn
from storyboard_ops.steps.training.recipe import embedder_of

#: Weights that differ from the documented size by more than this are another model, or incomplete.
SIZE_TOLERANCE = 0.25
GB = 1e9


def open_model_checks(tools: ToolBox) -> Iterable[tuple[str, CheckFunction]]:
    """Yield the checks of a run that trains or draws with open weights on SageMaker, by name."""
    yield "base model", check_licence
    if not base_models().has(tools.settings.open_model):
        return  # the other checks ask about the model
    yield "weights", check_weights
    if tools.settings.panel_source == "references":
        yield "reference pictures", check_references
    if tools.settings.trains:
        yield "weights of the score", check_embedder
    yield "machines", _check_machines
    yield "training role", _check_role
    yield "training rights", _check_rights


def usable_machines(tools: ToolBox[CommonSettings]) -> tuple[list[InstanceType], list[str]]:
    """Return the machines that can train and draw here, by preference, and why others cannot.

    Raises SettingsError for a machine that is not known.
    """
    facts, model = sagemaker_facts(), base_models().find(tools.settings.open_model)
    wanted = [facts.find(name) for name in tools.settings.instance_types] or _suited(
        model, tools.settings.trains
    )
    quotas = {
        found["QuotaName"]: float(found["Value"])
        for found in account_facts.list_quotas(tools.clients("service-quotas"), "sagemaker")
    }
    usable, lacking = [], []
    for machine in wanted:
        names = _quota_names(tools, machine)
        empty = [name for name in names if quotas.get(name, 0) < 1]
        if not machine.carries(model, tools.settings.trains):
            have = f"{machine.gpu_gb:g} GB of GPU memory"
            need = f"{model.needed_gb(tools.settings.trains):g} GB"
            if model.trains_on_cpu:
                have = f"{machine.memory_gb:g} GB of memory"
            lacking.append(f"{machine.type} has {have}, {model.name} needs {need}")
        elif empty:
            lacking.append(f"the quota {' and '.join(map(repr, empty))} is 0")
        else:
            usable.append(machine)
    return usable, lacking


def _suited(model: BaseModel, trains: bool) -> list[InstanceType]:
    """Return the machines that have the memory, and no GPU where the model needs none."""
    return [
        machine
        for machine in sagemaker_facts().instances
        if machine.carries(model, trains) and bool(machine.gpu) != model.trains_on_cpu
    ]


def _quota_names(tools: ToolBox[CommonSettings], machine: InstanceType) -> list[str]:
    names = sagemaker_facts().quotas
    uses = [names.processing]
    if has_section(tools, TrainingSettings) and tools.settings.trains:
        uses.append(names.spot if tools.settings.spot else names.training)
    return [use.format(type=machine.type) for use in uses]


def check_licence(tools: ToolBox[CommonSettings]) -> Finding:
    """Check that the model is known, and that its licence allows the use or was accepted."""
    try:
        model = base_models().find(tools.settings.open_model)
    except BadInput as error:
        return failed(str(error))
    licence = model.licence
    stated = f"{model.name} is under {licence.name}"
    if not licence.restriction:
        return passed(f"{stated}; commercial use is allowed ({licence.source}).")
    if model.id in tools.settings.accepted_licences:
        return warned(f"{stated}, which {licence.restriction}; this production accepts it.")
    return failed(
        f"{stated}, which {licence.restriction} ({licence.source}).",
        "Set open_model to a model whose licence allows your use. If yours is allowed, or you have "
        f"an agreement with its maker, add {model.id} to accepted_licences.",
    )


def check_weights(tools: ToolBox[CommonSettings]) -> Finding:
    """Check that the folder of the base model has its files, about as large as documented."""
    model = base_models().find(tools.settings.open_model)
    place = find_weights(tools)
    heads = list(tools.objects.list(place))
    if fault := _find_fault(place, heads, model.files):
        return failed(
            fault,
            f"Copy the folder of {model.upstream} there, complete and in its own layout, or set "
            "open_weights to where it is.",
        )
    size = sum(head.size for head in heads) / GB
    if size < model.weights_gb * (1 - SIZE_TOLERANCE):
        return failed(
            f"{place} has {size:.3g} GB; {model.name} has about {model.weights_gb:g} GB.",
            "Copy the folder again; a part of it is missing.",
        )
    return passed(f"{place}, {size:.3g} GB.")


def check_references(tools: ToolBox[CommonSettings]) -> Finding:
    """Check that the base model takes reference pictures, where it draws by nothing else."""
    model = base_models().find(tools.settings.open_model)
    if model.takes_references:
        return passed(f"{model.name} takes them.")
    others = ", ".join(one.id for one in base_models().models if one.takes_references)
    return failed(
        f"{model.name} takes no reference pictures, and panels_from is references.",
        f"Set open_model to one of {others}, or panels_from to trained or prompts.",
    )


def check_embedder(tools: ToolBox[CommonSettings]) -> Finding:
    """Check that the folder of the model that checkpoints are scored with has its files."""
    embedder = embedder_of(base_models().find(tools.settings.open_model))
    if not embedder.files:
        return passed(f"{embedder.id} is part of the training program.")
    place = find_embedder(tools, embedder)
    if fault := _find_fault(place, list(tools.objects.list(place)), embedder.files):
        return failed(fault, f"Copy the folder of {embedder.upstream} there.")
    return passed(f"{place}.")


def _find_fault(place: S3Uri, heads: Sequence[ObjectHead], files: Iterable[str]) -> str:
    """Return what a folder of weights lacks, as a sentence; empty: nothing."""
    first_parts = {head.uri.key.removeprefix(place.key).partition("/")[0] for head in heads}
    if missing := sorted(set(files) - first_parts):
        return f"{place} has no {', '.join(missing)}."
    empty = [head.uri for head in heads if head.size == 0]
    return f"{empty[0]} is empty." if empty else ""


def _check_machines(tools: ToolBox[CommonSettings]) -> Finding:
    try:
        sagemaker_facts().image.uri(tools.region)
        usable, lacking = usable_machines(tools)
    except BadInput as error:
        return failed(str(error))
    if not usable:
        return failed(
            f"no machine can be used: {'; '.join(lacking)}.",
            "Request the quotas in the Service Quotas console (Amazon SageMaker), or set "
            "instance_types to machines that the account may use.",
        )
    names = ", ".join(f"{one.type} ({one.gpu or 'no GPU'})" for one in usable)
    others = f"; {'; '.join(lacking)}" if lacking else ""
    return passed(f"{names}{others}.")


def _check_role(tools: ToolBox[CommonSettings]) -> Finding:
    return check_trust(tools, job_role_arn(tools), "sagemaker.amazonaws.com")


def _check_rights(tools: ToolBox[CommonSettings]) -> Finding:
    return check_rights(
        tools,
        job_role_arn(tools),
        ("s3:GetObject", tools.run_root / "dataset/pictures.jsonl"),
        ("s3:GetObject", tools.workspace.root / "library/trainer/code/train.py"),
        ("s3:GetObject", find_weights(tools) / "model.safetensors"),
        ("s3:ListBucket", S3Uri(tools.run_root.bucket, "")),
        ("s3:PutObject", tools.run_root / "model/checkpoints/progress.json"),
        ("s3:PutObject", tools.run_root / "storyboard/candidates/panel.png"),
    )

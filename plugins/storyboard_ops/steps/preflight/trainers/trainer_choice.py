"""Choose the trainer of a run, once and before anything is paid; every call is free."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.preflight.preflight_report import (
    Check,
    PreflightReport,
    failed,
    passed,
    warned,
)
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.settings.training import TrainerSection
from storyboard_ops.domain.training.trainer_choice import TrainerChoice, TrainerName
from storyboard_ops.steps.money.cost_gate import PREFLIGHT
from storyboard_ops.steps.preflight.check_runner import CheckFunction, run_check
from storyboard_ops.steps.preflight.trainers.bedrock_checks import bedrock_checks
from storyboard_ops.steps.preflight.trainers.open_model_checks import (
    open_model_checks,
    usable_machines,
)
from storyboard_ops.steps.preflight.trainers.own_gpu_checks import own_gpu_checks
from storyboard_ops.steps.run.earlier_runs import settings_of_run
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.training.model_line import chosen_model

#: What each trainer needs, in the order in which ``auto`` tries them.
TRAINERS: dict[TrainerName, Callable[[ToolBox], Iterable[tuple[str, CheckFunction]]]] = {
    "bedrock": bedrock_checks,
    "sagemaker": open_model_checks,
    "own_gpu": own_gpu_checks,
}
AUTO = "auto"


@dataclass(frozen=True)
class SettledTrainer:
    """The trainer of a run, its settings with the choice in them, and what was checked."""

    choice: TrainerChoice
    settings: CommonSettings
    checks: tuple[Check, ...]


def settle_trainer(tools: ToolBox[Any], production: str) -> SettledTrainer:
    """Take the trainer that the parameter names, or the first that can work here.

    A run that draws with an existing model has that model's trainer; ``production``: its slug. What
    the preflight of this run has recorded earlier stays: its job may be running.
    """
    if has_section(tools, DrawingSettings):
        return _trainer_of_model(tools, production)
    if tools.settings.trainer != AUTO:
        choice = TrainerChoice(trainer=tools.settings.trainer, why="as the parameter trainer says")
        return _settled(tools, choice)
    if recorded := _recorded_choice(tools):
        return _settled(tools, recorded)
    return _first_that_works(tools)


def _trainer_of_model(tools: ToolBox[DrawingSettings], production: str) -> SettledTrainer:
    try:
        model = chosen_model(tools, production)
    except BadInput as error:
        choice = TrainerChoice(trainer="bedrock", why="because no model is known")
        return SettledTrainer(choice, tools.settings, (failed(str(error)).named("model"),))
    update: dict[str, Any] = {"panels_from": model.panels_from, "trainer": model.trainer}
    if model.trainer != "bedrock":
        update["open_model"] = model.base_model_id
    tools = replace(tools, settings=tools.settings.model_copy(update=update))
    if not tools.settings.draws:
        check = passed("nothing is drawn: the earlier panels are published as they were chosen.")
        choice = TrainerChoice(trainer=model.trainer, why="which has trained the model")
        return SettledTrainer(choice, tools.settings, (check.named("trainer"),))
    return _settled(tools, TrainerChoice(trainer=model.trainer, why="which has trained the model"))


def _first_that_works(tools: ToolBox[Any]) -> SettledTrainer:
    reasons: list[str] = []
    for trainer in TRAINERS:
        why = "chosen because " + ("; ".join(reasons) if reasons else "it can work here")
        settled = _settled(tools, TrainerChoice(trainer=trainer, why=why))
        faults = [check for check in settled.checks if check.state == "fail"]
        if not faults:
            return settled
        found = "; ".join(f"{check.name}: {check.finding.rstrip('.')}" for check in faults)
        reasons.append(f"{trainer} cannot ({found})")
    return _without_trainer(tools, "; ".join(reasons))


def _without_trainer(tools: ToolBox[Any], reasons: str) -> SettledTrainer:
    """End with the dataset where that is a result; else the check fails."""
    choice = TrainerChoice(trainer="dataset_only", why=f"because no trainer can work: {reasons}")
    remedy = "Remove one of the reasons, or set trainer to the one you want, to see its remedies."
    if not tools.settings.ENDS_WITH_DATASET:
        check = failed(f"no trainer can work here: {reasons}.", remedy).named("trainer")
        return SettledTrainer(choice, tools.settings, (check,))
    settings = tools.settings.model_copy(update={"trainer": choice.trainer})
    check = warned(
        f"{choice}. The run ends with the approved dataset, without a storyboard.", remedy
    ).named("trainer")
    return SettledTrainer(choice, settings, (check,))


def _settled(tools: ToolBox[Any], choice: TrainerChoice) -> SettledTrainer:
    tools = replace(tools, settings=tools.settings.model_copy(update={"trainer": choice.trainer}))
    checks = _check(tools, choice.trainer)
    settings = tools.settings
    if choice.trainer == "sagemaker" and all(check.state != "fail" for check in checks):
        machines, _ = usable_machines(tools)
        settings = settings.model_copy(update={"instance_types": [one.type for one in machines]})
    return SettledTrainer(choice, settings, (passed(f"{choice}.").named("trainer"), *checks))


def _check(tools: ToolBox, trainer: TrainerName) -> tuple[Check, ...]:
    checks = TRAINERS[trainer](tools) if trainer in TRAINERS else ()
    return tuple(run_check(name, check, tools) for name, check in checks)


def _recorded_choice(tools: ToolBox[Any]) -> TrainerChoice | None:
    """Return the trainer that this run's preflight recorded when it passed."""
    settings = settings_of_run(tools.workspace, tools.objects, tools.run_key)
    if not isinstance(settings, TrainerSection) or settings.trainer == AUTO:
        return None
    report = tools.read_record(PREFLIGHT, PreflightReport)
    if report and report.trainer and report.trainer.trainer == settings.trainer:
        return report.trainer
    why = "as an earlier preflight of this run recorded"
    return TrainerChoice(trainer=settings.trainer, why=why)

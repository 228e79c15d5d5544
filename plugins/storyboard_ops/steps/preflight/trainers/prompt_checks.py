"""Check that panels can be drawn from prompts alone: the model, its price, and the requests."""

from __future__ import annotations

from collections.abc import Iterable

from storyboard_ops.core.text.panel_prompt import PromptLimit, panel_prompt
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.money.paid_usage import DRAWN_IMAGE
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.gateways.models.limits_file import limits_table
from storyboard_ops.gateways.models.model_directory import ModelDirectory, ModelFacts
from storyboard_ops.gateways.money.pricing import price_file, price_table
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.preflight.account.own_rights import Right, check_caller
from storyboard_ops.steps.preflight.check_runner import CheckFunction
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.draw_from_prompts import PromptedModel, prompted_model
from storyboard_ops.steps.storyboard.board.chosen_style import in_chosen_style

#: Share of a drawn picture that a panel must show; with less, much of what was drawn is cut off.
LEAST_SHOWN = 0.8


def prompt_checks(tools: ToolBox) -> Iterable[tuple[str, CheckFunction]]:
    """Yield the checks of a run that draws panels from prompts alone, by name."""
    yield "prompt model", _check_model
    try:
        prompted_model(tools)
    except BadInput:
        return  # the other checks ask about the model
    yield "price of a picture", _check_price
    yield "prompts", _check_prompts
    yield "prompt rights", _check_rights


def _check_model(tools: ToolBox[CommonSettings]) -> Finding:
    try:
        model = prompted_model(tools)
    except BadInput as error:
        return failed(str(error), "Set prompt_model_id to one of these.")
    directory = ModelDirectory(tools.client_in(model.region, "bedrock"))
    facts = directory.model(model.id)
    if facts is None or not facts.on_demand:
        return failed(
            f"{model.id} is not offered on demand by Bedrock in {model.region}, or past its end of "
            "life.",
            f"Set prompt_model_id to another model: {_others(model)}.",
        )
    if lacking := directory.missing_access(model.id):
        return failed(
            f"{model.id} is not open to this account in {model.region} ({', '.join(lacking)}).",
            f"Let an administrator accept its terms in Bedrock's console in {model.region}, or set "
            f"prompt_model_id to another model: {_others(model)}.",
        )
    return _judge_life_cycle(tools, model, facts)


def _judge_life_cycle(tools: ToolBox, model: PromptedModel, facts: ModelFacts) -> Finding:
    if facts.status != "ACTIVE":
        ends = f" and ends {facts.end_of_life}" if facts.end_of_life else ""
        return warned(
            f"{model.id} is {facts.status} since {facts.legacy_since}{ends}.",
            "Choose another model before the end of its life.",
        )
    finding = f"{model.id} is active in {model.region}; it does not know the characters."
    if model.region == tools.region:
        return passed(finding)
    return warned(
        f"{finding} The descriptions of the panels are sent there from {tools.region}.",
        "Draw with a trained model if they must stay in the region.",
    )


def _others(model: PromptedModel) -> str:
    known = [name for limits in limits_table().prompted for name in limits.models]
    return ", ".join(name for name in known if name != model.id)


def _check_price(tools: ToolBox[CommonSettings]) -> Finding:
    model_id = prompted_model(tools).id
    price = price_table(tools.region).find("bedrock", model_id, DRAWN_IMAGE)
    if price is None:
        return failed(
            f"no sourced price in {tools.region} for a picture of {model_id}.",
            f"Add it with date and source to {price_file(tools.region)}, or draw with a trained "
            "model.",
        )
    return passed(f"{price.usd:g} USD ({price.source}).")


def _check_prompts(tools: ToolBox[CommonSettings]) -> Finding:
    """Check that the script's prompts and the panels' shape suit the model."""
    settings, limits = tools.settings, prompted_model(tools).limits
    most = PromptLimit(limits.prompt_characters[1])
    ratio = limits.closest_ratio(settings.panel_width, settings.panel_height)
    try:
        loaded = load_production(tools.objects, settings.production).production
        production = in_chosen_style(loaded, settings)
        panels = [panel for scene in production.storyboard for panel in scene.panels]
        long = [
            f"panel {number}"
            for number, panel in enumerate(panels, start=1)
            if panel_prompt(production, panel, most).note
        ]
    except BadInput as error:
        return failed(str(error), "Fix the production file.")
    if long:
        return warned(
            f"The descriptions of {', '.join(long)} will be shortened: prompts have at most "
            f"{most}.",
            "Shorten them in the production file.",
        )
    shown = limits.kept_share(settings.panel_width, settings.panel_height)
    if shown < LEAST_SHOWN:
        return warned(
            f"Panels of {settings.panel_width} x {settings.panel_height} px show {shown:.0%} of a "
            f"picture: the closest shape that the model draws is {ratio}.",
            f"Change panel_width or panel_height; it draws {', '.join(limits.aspect_ratios)}.",
        )
    return passed(f"{len(panels)} of at most {most}; pictures are drawn in {ratio}.")


def _check_rights(tools: ToolBox[CommonSettings]) -> Finding:
    return check_caller(tools, [Right(("bedrock:InvokeModel",), prompted_model(tools).arn)])

"""Check the containers of heavy tasks on Fargate: their region, their size, and its price."""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.preflight.estimate_basis import ContainerPlan
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.gateways.money.fargate import Fargate
from storyboard_ops.gateways.money.pricing import cost_of, price_file
from storyboard_ops.steps.run.tool_box import ToolBox


def plan_containers(tools: ToolBox[Any]) -> tuple[ContainerPlan | None, Finding]:
    """Return the containers of the heavy tasks, and whether their hours have a price.

    Raises ServiceError when ECS does not answer; the place of the heavy tasks is Fargate.
    """
    place = tools.fargate
    assert place is not None
    region = place.region or tools.region
    if region != tools.region:
        return None, failed(
            f"heavy tasks run in {region}, but the run is in {tools.region}, whose prices it uses.",
            f"Run them in {tools.region}, or leave the alias heavy out of [core] executor.",
        )
    size = Fargate(tools.client_in(region, "ecs")).size_of(place.definition)
    if size is None:
        return None, failed(
            f"the task definition {place.definition} names no cpu and memory for the whole task.",
            "Register it again as Fargate needs it, e.g. with include/cloudformation.",
        )
    if cost_of(size.usages(3600), region)[1]:
        return None, failed(
            f"heavy tasks run on Fargate, and {region} has no sourced price for it.",
            f"Add the price of a vCPU-hour and of a GB-hour to {price_file(region)}, or leave the "
            "alias heavy out of [core] executor.",
        )
    finding = (
        f"on Fargate, in containers of {size}; the estimate has them for two seconds a frame or "
        "drawing, an hour to draw, three minutes for each start, and no second try."
    )
    found = passed(finding)
    if not place.metered:
        found = warned(
            f"{finding} The receipt will not have them, because their executor books nothing.",
            "Use EcsTaskExecutor of this project for the alias heavy.",
        )
    return ContainerPlan(size=size, callers=tools.detecting_tasks), found

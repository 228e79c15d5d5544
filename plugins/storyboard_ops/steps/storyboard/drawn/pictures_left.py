"""How much of a board is left to draw, before anything is bought."""

from __future__ import annotations

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.storyboard.bedrock.draw_from_prompts import ask_prompted, buys_pictures
from storyboard_ops.steps.storyboard.bedrock.draw_storyboard import ask_customized
from storyboard_ops.steps.storyboard.drawing_task import ask_by_job
from storyboard_ops.steps.storyboard.drawn.asked_panels import AskedPanel
from storyboard_ops.steps.storyboard.drawn.drawn_pictures import DrawnPictures
from storyboard_ops.steps.storyboard.slots import board_slots
from storyboard_ops.steps.training.model_line import chosen_model


def pictures_left(tools: ToolBox, production: Production, board: BoardRevision) -> int | None:
    """Return how many pictures of a board no run has drawn yet; None: it is not known.

    That is known where no model is trained first. A picture that is drawn from reference pictures
    counts as left, because these may not be stored yet.
    """
    asked = _ask(tools, production, board)
    return None if asked is None else len(DrawnPictures(tools).missing(asked))


def _ask(tools: ToolBox, production: Production, board: BoardRevision) -> list[AskedPanel] | None:
    slots = list(board_slots(board))
    if buys_pictures(tools):
        return ask_prompted(tools, production, slots)
    if not has_section(tools, DrawingSettings):
        return None
    try:
        model = chosen_model(tools, production.slug)
    except ObjectMissing:
        return None  # another check says so
    if model.trainer == "bedrock":
        return ask_customized(tools, production, model.model_arn, slots)
    return ask_by_job(tools, _without_references(production), model, slots)


def _without_references(production: Production) -> Production:
    bare = (one.model_copy(update={"references": ()}) for one in production.characters)
    return production.model_copy(update={"characters": tuple(bare)})

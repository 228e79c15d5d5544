"""Check the board that a run draws, and count the pictures that are left to draw."""

from __future__ import annotations

from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.board.revise_board import describe, expected_board
from storyboard_ops.steps.storyboard.drawn.pictures_left import pictures_left


def check_board(tools: ToolBox, production: Production) -> tuple[int | None, Finding | None]:
    """Return the number of pictures that are left to draw, and what changes on the board.

    Neither is known before a model is trained.
    """
    try:
        board = expected_board(tools, production)
        left = pictures_left(tools, production, board)
    except BadInput as error:
        return None, failed(str(error), "Fix the script, or set the parameter board to another.")
    if left is None:
        return None, None
    return left, passed(f"{describe(board)} {pluralize(left, 'picture')} left to draw.")

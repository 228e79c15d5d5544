"""Which board a run draws, and how its revisions are kept."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.settings.run import parse_as
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.board.revise_board import (
    board_name,
    board_of_run,
    describe,
    expected_board,
)
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import factories

Open = Any


@pytest.fixture
def run() -> Open:
    """Opens runs that share one bucket, each with one scene of these panels."""
    bucket = {"s3": MemoryBucket()}

    def opened(run_key: str, *panels: dict[str, Any] | str, **params: Any) -> ToolBox:
        cards = [{"description": one} if isinstance(one, str) else one for one in panels]
        tools = ToolBox(run_key, factories.settings(**params), bucket.__getitem__)
        sheet = factories.production(storyboard=[{"scene": "EXT. HILL", "panels": cards}])
        tools.write_record("production.json", sheet)
        return tools

    return opened


def ids_of(board: BoardRevision) -> list[str]:
    return [f"{one.number}-{card.shot}" for one in board.scenes for card in one.panels]


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({}, "main"),
        ({"script": "s3://b/scripts/The Ferry, ep. 2.fountain"}, "the-ferry-ep-2"),
        ({"panels": ["Mira waves."]}, "panels"),
        ({"script": "s3://b/scripts/a.txt", "board": "pilot"}, "pilot"),
    ],
)
def test_a_board_is_named_after_what_is_drawn(params: dict[str, Any], name: str) -> None:
    assert board_name(parse_as(DrawingSettings, params)) == name


def test_versions_follow_each_other_and_a_repeated_task_has_its_own(run: Open) -> None:
    first = board_of_run(run("run-1", "Fog.", "Rain."))
    second = board_of_run(run("run-2", "Fog.", "Snow.", "Rain."))
    assert ids_of(second) == ["010-010", "010-010A", "010-020"]
    assert (first.version, second.version, second.new) == (1, 2, ("010-010A-010",))
    assert describe(second) == ("The board main is version 2 (blue), with 3 panels: 1 new.")
    assert board_of_run(run("run-1", "Fog.", "Rain.")) == first
    tools = run("run-3", "Fog.")
    expected = expected_board(tools, tools.production)
    assert (expected.version, expected.omitted_now) == (3, ("010-010A-010", "010-020-010"))
    kept = tools.objects.list(tools.workspace.board("lantern-keepers", "main"))
    assert [one.uri.name for one in kept] == ["0001.json", "0002.json"], "nothing is drawn yet"


def test_a_script_that_changed_in_the_run_is_numbered_again(run: Open) -> None:
    board_of_run(run("run-1", "Fog.", "Rain."))
    again = board_of_run(run("run-1", "Fog.", "Rain.", "Snow."))
    assert (again.version, ids_of(again)[-1]) == (2, "010-030")


def test_boards_do_not_know_each_other(run: Open) -> None:
    board_of_run(run("run-1", "Fog.", "Rain."))
    other = board_of_run(run("run-2", "Rain.", board="pilot"))
    assert (other.board, other.version, ids_of(other)) == ("pilot", 1, ["010-010"])


def test_locked_numbers_that_cannot_be_given_are_refused(run: Open) -> None:
    lock = {"description": "Fog.", "shot": "010", "panel": "010", "locked": True}
    with pytest.raises(BadInput, match="2 panels have the locked number 010-010-010"):
        board_of_run(run("run-1", lock, lock))

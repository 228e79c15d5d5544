"""The board that a run draws: numbered by the last revision, and kept as the next one."""

from __future__ import annotations

import logging
from pathlib import PurePosixPath
from typing import Any

from storyboard_ops.core.storyboard.revisions.matching import content_of
from storyboard_ops.core.storyboard.revisions.revise import revise_board
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.error_tree import Contended
from storyboard_ops.domain.object_keys import S3Uri, slug
from storyboard_ops.domain.production_sheet import Production, ScriptScene
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

#: The revision that a run draws.
RECORD = "storyboard/board.json"
#: Names of the boards of the production's own panels, and of those given as a parameter.
MAIN, GIVEN = "main", "panels"
#: Tries to write a version while other runs are faster.
ATTEMPTS = 20


def board_name(settings: Any) -> str:
    """Return the name of a run's board: the parameter, or else after what is drawn."""
    script = getattr(settings, "script", "")
    stem = PurePosixPath(script).stem
    of_script = slug(stem)[:60].strip("-") if stem else ""
    given = GIVEN if getattr(settings, "panels", ()) else ""
    return settings.board or of_script or given or MAIN


def board_of_run(tools: ToolBox) -> BoardRevision:
    """Return the revision with the panels of this run, which is kept unless nothing has changed.

    A second call returns that of the first. Raises BadInput when locked numbers cannot be given,
    Contended when other runs write versions faster.
    """
    scenes = tools.production.storyboard
    found = tools.read_record(RECORD, BoardRevision)
    if found is not None and _content(found.scenes) == _content(scenes):
        return found
    revision = _keep(tools, tools.production)
    tools.write_record(RECORD, revision)
    return revision


def adopt_board(tools: ToolBox, root: S3Uri, production: Production) -> None:
    """Let this run draw the board of an earlier one, by the prefix of its folder.

    Its panels keep their numbers, and no version is written. A run of an earlier version has no
    board: its panels get numbers by position.
    """
    uri = root / RECORD
    found = tools.objects.head(uri) and tools.objects.record(uri, BoardRevision)
    tools.write_record(RECORD, found or _revise(tools, production, None))


def expected_board(tools: ToolBox, production: Production) -> BoardRevision:
    """Return the revision that a run would draw now; writes nothing."""
    return _revise(tools, production, last_revision(tools, _place(tools, production)))


def _revise(tools: ToolBox, production: Production, last: BoardRevision | None) -> BoardRevision:
    return revise_board(
        production.storyboard,
        last,
        board=board_name(tools.settings),
        run_key=tools.run_key,
        date=iso(tools.clock()),
    )


def _place(tools: ToolBox, production: Production) -> S3Uri:
    return tools.workspace.board(production.slug, board_name(tools.settings))


def last_revision(tools: ToolBox, place: S3Uri) -> BoardRevision | None:
    """Return the last revision of a board, by the prefix of its versions; None without one."""
    kept = [one.uri for one in tools.objects.list(place.folder)]
    return tools.objects.record(kept[-1], BoardRevision) if kept else None


def _keep(tools: ToolBox, production: Production) -> BoardRevision:
    """Write the next version; the last one is returned when nothing has changed."""
    place = _place(tools, production)
    for _ in range(ATTEMPTS):
        last = last_revision(tools, place)
        revision = _revise(tools, production, last)
        if last and revision.version == last.version:
            log.info("The board %s is still version %d.", revision.board, revision.version)
            return revision
        body = canonical_json(revision).encode()
        if tools.objects.create(place / f"{revision.version:04d}.json", body, "application/json"):
            log.info("%s", describe(revision))
            return revision
    raise Contended(f"{place} is written by other runs; clear the task to number the board again.")


def describe(revision: BoardRevision) -> str:
    """Return what a revision changes, in a sentence."""
    counts = ", ".join(
        f"{len(names)} {word}"
        for word, names in (
            ("new", revision.new),
            ("changed", revision.changed),
            ("moved", revision.moved),
            ("omitted", revision.omitted_now),
        )
        if names
    )
    panels = sum(len(scene.panels) for scene in revision.scenes)
    return (
        f"The board {revision.board} is version {revision.version} ({revision.colour}), with "
        f"{pluralize(panels, 'panel')}{f': {counts}' if counts else ''}."
    )


def _content(scenes: tuple[ScriptScene, ...]) -> list[Any]:
    """Return what a revision and its script have in common."""
    return [
        (
            one.scene,
            one.sequence,
            [(content_of(card), card.note, card.lines) for card in one.panels],
        )
        for one in scenes
    ]

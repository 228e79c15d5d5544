"""Put the result of a run into a record for programs."""

from __future__ import annotations

from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.storyboard.board import Board, BoardPanel
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.report.run_results import ResultPanel, RunResults


def run_results(facts: ReportFacts, board: Board) -> RunResults:
    """Return what programs read of a run; its panels are in the order of the board."""
    source = facts.production.source
    return RunResults(
        production=facts.production.production,
        attribution=f"{source.attribution or source.title} ({source.licence})",
        approved=facts.pictures.approved,
        likeness=str((facts.consistency or {}).get("summary", "")),
        panels=tuple(_panel(placed, facts.production) for placed in board.panels),
    )


def _panel(placed: BoardPanel, production: Production) -> ResultPanel:
    panel = placed.panel
    return ResultPanel(
        label=placed.label,
        scene=panel.scene,
        description=panel.description,
        cast=tuple(map(production.display_name, panel.characters)),
        seconds=placed.seconds,
        sha256="" if panel.failure else panel.sha256,
        uri="" if panel.failure else panel.uri,
        failure=panel.failure,
        candidates=len(panel.candidates),
        chosen_because=panel.chosen_because,
    )

"""Write the pages of a run: report.html, and the storyboard as PDF and for editing.

The report shows whatever exists. It can be written again at any time: after the teardown has
written its receipt, the same call includes it.
"""

from __future__ import annotations

import logging
from typing import Any

from storyboard_ops.core.report.comparison_view import ComparisonView
from storyboard_ops.core.report.contact_sheet import wanted_pictures
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.report.page import moment, render_report
from storyboard_ops.core.report.run_results import run_results
from storyboard_ops.core.report.training_view import pictures_of_model
from storyboard_ops.core.storyboard.board import Board, arrange_board
from storyboard_ops.core.storyboard.sheets.sheet_view import SheetFacts
from storyboard_ops.domain.report.report_facts import RunManifests
from storyboard_ops.domain.report.run_figures import count_panels
from storyboard_ops.domain.report.run_results import RESULTS
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.steps.report.collect_facts import collect_facts, find_named_pictures
from storyboard_ops.steps.report.compare_datasets import make_thumbnails
from storyboard_ops.steps.report.editorial_files import write_editorial_files
from storyboard_ops.steps.report.write_sheets import write_sheets
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

#: When the run began and how it ended: enough to write its report again.
REPORT_FACTS = "report.json"
REVISION = "storyboard/board.json"


def write_report(tools: ToolBox, run: RunManifests) -> dict[str, Any]:
    """Write ``report.html`` and, where panels exist, the files in ``storyboard/``.

    Returns their URIs ("" where there is none), a few counts, and missing parts with the reason.
    """
    facts = collect_facts(tools, run)
    find_named_pictures(tools, run, facts)
    board = arrange_board(facts.panels or (), facts.settings.rate)
    written = _write_storyboard(tools, facts, board) if board.panels else {}
    pictures = (
        *wanted_pictures(facts, board),
        *pictures_of_model(facts, board),
        *ComparisonView(facts).pictures,
    )
    thumbnails = make_thumbnails(tools, {one.key: one for one in pictures}.values())
    page = render_report(
        facts.model_copy(
            update={
                "thumbnails": thumbnails,
                "missing_letters": written.get("missing_letters", ""),
            }
        ),
        include_text("templates/report.html.j2"),
        include_text("templates/report.css"),
    ).encode()
    uri = tools.objects.put(tools.run_root / "report.html", page, "text/html; charset=utf-8")
    tools.write_record(RESULTS, run_results(facts, board))
    tools.write_record(REPORT_FACTS, facts.run)
    log.info("Wrote %s: %.1f MB, %d pictures shown.", uri, len(page) / 1e6, len(thumbnails))
    return {
        "report": uri,
        "pdf": written.get("pdf", ""),
        "board": written.get("board", ""),
        "timeline": written.get("timeline", ""),
        "pictures": facts.pictures.approved,
        "panels": count_panels(facts.panels or ()).drawn,
        "missing": dict(facts.missing),
    }


def _write_storyboard(tools: ToolBox, facts: ReportFacts, board: Board) -> dict[str, str]:
    sheets = write_sheets(tools, board, _sheet_facts(tools, facts))
    # The animatic takes minutes: it waits until nothing bills any more.
    nothing_bills = facts.capacity is None or facts.receipt is not None
    files = write_editorial_files(tools, board, facts.production.production, film=nothing_bills)
    return {**sheets._asdict(), "timeline": files["storyboard.otio"]}


def _sheet_facts(tools: ToolBox, facts: ReportFacts) -> SheetFacts:
    source = facts.production.source
    model, caution = _who_drew(facts)
    return SheetFacts(
        production=facts.production.production,
        date=moment(facts.run.finished_at),
        model=model,
        attribution=f"{source.attribution or source.title} ({source.licence})",
        names=facts.production.names,
        style=facts.production.style,
        likeness=str((facts.consistency or {}).get("summary", "")),
        caution=caution,
        revision=tools.read_record(REVISION, BoardRevision),
    )


def _who_drew(facts: ReportFacts) -> tuple[str, str]:
    """Return the model that drew the panels, and what a reader must know of it, if anything."""
    if base := facts.base_model:
        return f"{base.name}, trained", base.note
    if facts.training:
        return f"{facts.training.base.id}, trained", ""
    stand_in = "Drawn by the stand-in model of a local endpoint." if facts.run.endpoint else ""
    return f"{facts.settings.base_model_id}, customized", stand_in

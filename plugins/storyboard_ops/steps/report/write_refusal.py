"""Write the report of a run that was refused before it began."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from markupsafe import Markup

from storyboard_ops.core.report.page import moment
from storyboard_ops.core.text.templates import page_environment
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.error_tree import StoryboardError
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.steps.money.cost_gate import PREFLIGHT
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)


@contextmanager
def reporting_refusal(tools: ToolBox) -> Iterator[None]:
    """Write ``report.html`` when the block raises a StoryboardError, and raise it again."""
    try:
        yield
    except StoryboardError as refusal:
        try:
            write_refusal(tools, str(refusal))
        except StoryboardError as error:  # the workspace may be what was refused
            log.info("The refusal has no report: %s", error)
        raise


def write_refusal(tools: ToolBox, reason: str) -> str:
    """Write the report of a refused run: what to correct, and every check; returns its URI."""
    preflight = tools.read_record(PREFLIGHT, PreflightReport)
    environment = page_environment()
    environment.filters |= {"moment": moment, "pluralize": pluralize}
    page = environment.from_string(include_text("templates/refusal.html.j2")).render(
        run_key=tools.run_key,
        at=iso(tools.clock()),
        reason=reason,
        checks=preflight.checks if preflight else (),
        failed=preflight.failed if preflight else (),
        cost=preflight.cost_sentence if preflight else "",
        css=Markup(include_text("templates/report.css")),
    )
    place = tools.run_root / "report.html"
    uri: str = tools.objects.put(place, page.encode(), "text/html; charset=utf-8")
    return uri

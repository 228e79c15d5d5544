"""Render the report of a run that preflight has refused: what to correct, and every check."""

from __future__ import annotations

from markupsafe import Markup

from storyboard_ops.core.report.page import moment
from storyboard_ops.core.text.templates import page_environment
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.preflight.preflight_report import PreflightReport


def render_refusal(
    run_key: str,
    at: str,
    reason: str,
    preflight: PreflightReport | None,
    template: str,
    css: str,
) -> str:
    """Render the page; ``template`` is Jinja, ``css`` is inserted verbatim.

    ``reason`` is shown where there are no checks; ``at`` is ISO 8601.
    """
    environment = page_environment()
    environment.filters |= {"moment": moment, "pluralize": pluralize}
    return environment.from_string(template).render(
        run_key=run_key,
        at=at,
        reason=reason,
        checks=preflight.checks if preflight else (),
        failed=preflight.failed if preflight else (),
        cost=preflight.cost_sentence if preflight else "",
        css=Markup(css),
    )

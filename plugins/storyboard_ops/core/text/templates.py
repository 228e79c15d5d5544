"""The Jinja environments of the files that people read: pages and the dataset's card."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from storyboard_ops.core.text.visible import isolated, visible


def page_environment() -> Environment:
    """Return the environment of an HTML page: every value is escaped and made visible."""
    return _environment(autoescape=True)


def markdown_environment() -> Environment:
    """Return the environment of a Markdown file; its template escapes each value by a filter."""
    return _environment(autoescape=False, keep_trailing_newline=True)


def _environment(**settings: bool) -> Environment:
    environment = Environment(
        undefined=StrictUndefined,
        finalize=_show,
        trim_blocks=True,
        lstrip_blocks=True,
        **settings,  # type: ignore[arg-type]
    )
    environment.filters["isolated"] = isolated
    return environment


def _show(value: object) -> object:
    """Make a text visible; styles, plots and what macros return are markup of our own."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

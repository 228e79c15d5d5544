"""Prints texts as they are: no markup, no emoji names, no control of the terminal.

Names of films, messages of errors and answers of services come from outside. rich would interpret
`[link=…]` and `:cat:` in them, and pass escape sequences to the terminal. Every text of the
launcher that is not written in its own code goes through here.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from launcher.product import visible


def plain(text: str) -> Text:
    """Return `text` for a table or a console, with signs in place of control characters."""
    return Text(visible(text))


def print_text(console: Console, text: str, style: str = "") -> None:
    """Print `text` without breaking its lines."""
    console.print(plain(text), style=style, soft_wrap=True)


def make_table(columns: Sequence[str], title: str) -> Table:
    """Return a table whose long cells are folded; `add_row` fills it."""
    table = Table(title=plain(title), title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def add_row(table: Table, *cells: str, style: str = "") -> None:
    """Add a row of texts to a table."""
    table.add_row(*map(plain, cells), style=style)

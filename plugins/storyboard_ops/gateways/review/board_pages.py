"""The pages of boards: the shell of the board kit, filled in for each board.

A page has no data and no inline script or style; its script reads the data from beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

from storyboard_ops.gateways.include_files import include_text

SHELL = "board_kit/page.html"


@dataclass(frozen=True)
class PageParts:
    """What the page of one board puts into the shell.

    Attributes:
        title: of the tab, until the board knows its own.
        items: what is loading.
        name: the page in the sentence for browsers without JavaScript.
        depth: folders between the page's address and the folder of ``static/``.
        styles: the kit's style sheets, in order; the board's own is the last one.
        script: the module that starts the page, in the board's folder.
        root: the start tag of the element that the script fills.
    """

    title: str
    items: str
    name: str
    depth: int = 0
    styles: tuple[str, ...] = ("base", "board", "sheets", "loupe")
    script: str = "airflow_page"
    root: str = 'div id="board"'


#: By the board's folder in ``include/boards/``.
PAGES = {
    "breakdown": PageParts(
        "Breakdown", "the script", "The breakdown page", depth=4, styles=("base", "board", "sheets")
    ),
    "cast": PageParts("Who is this?", "the figures", "This page", script="local_page"),
    "panels": PageParts("Panels", "the panels", "The panel board", depth=4),
    "review": PageParts("Review", "the pictures", "The review board", depth=3),
    "runs": PageParts(
        "Reviews",
        "the reviews",
        "The list of reviews",
        styles=("base", "board"),
        script="runs",
        root='main id="runs" class="board runs"',
    ),
}


def read_board_page(board: str) -> str:
    """Return the page of a board."""
    page = PAGES[board]
    static = "../" * page.depth + "static/"
    styles = [f"board_kit/style/{name}.css" for name in page.styles]
    return Template(include_text(SHELL)).substitute(
        title=page.title,
        styles="\n".join(
            f'  <link rel="stylesheet" href="{static}{path}">'
            for path in (*styles, f"boards/{board}/{board}.css")
        ),
        static=static,
        script=f"{board}/{page.script}.js",
        root=page.root,
        items=page.items,
        tag=page.root.partition(" ")[0],
        name=page.name,
    )

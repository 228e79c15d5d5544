"""Draw the plots of the report as SVG markup to inline in the page.

Colours are CSS variables of the page, so plots follow its light and dark scheme. Equal figures give
equal bytes: ids come from a fixed salt, and no date is written. Without pyplot there is no global
state.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator
from numpy.typing import NDArray

#: Placeholder colours that matplotlib draws with, and the CSS variable that replaces each.
INK, MUTED, LINE, KEPT, LOST, MARK, CARD = (f"#00fe0{n}" for n in range(7))
PAGE_COLOURS = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    LINE: "var(--line)",
    KEPT: "var(--kept)",
    LOST: "var(--lost)",
    MARK: "var(--mark)",
    CARD: "var(--card)",
}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # keep text: selectable, and in the font of the page
    "text.parse_math": False,  # a $ in a name is a dollar sign
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.linewidth": 1,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": LINE,
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.major.pad": 6,
    "ytick.major.pad": 6,
}
#: Inches. Small, so that letters are legible on a phone; CSS scales them down on wide screens.
WIDTH = 5.0
BINS = 40
TIME_BINS = 90
#: Most letters of a name next to its row; longer names would leave no room for the row.
MOST_LABEL = 18
TICK_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400)

Curve = Sequence[tuple[float, float]]


def similarity_plot(distinct: Sequence[float], doubles: Sequence[float], threshold: float) -> str:
    """Draw the histogram of similarity to the nearest kept picture, with the threshold marked."""
    edges = edges_around(threshold, min([*distinct, *doubles, threshold]))

    def draw(axes: Axes) -> None:
        axes.hist(
            [list(distinct), list(doubles)],
            bins=edges.tolist(),
            stacked=True,
            rwidth=0.86,
            color=[KEPT, LOST],
        )
        axes.set_ylim(top=axes.get_ylim()[1] * 1.16)
        axes.axvline(threshold, color=MARK, linewidth=1.4)
        axes.annotate(
            f"near-duplicate from {threshold:g}",
            (threshold, 1),
            (-7, -3),
            color=MARK,
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="right",
            va="top",
            bbox={"facecolor": CARD, "edgecolor": "none", "pad": 2},
        )
        axes.set_xlabel("similarity to the nearest kept picture (cosine)")
        axes.set_ylabel("pictures")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))

    return _svg("similarity", (WIDTH, 2.15), draw)


def edges_around(threshold: float, least: float) -> NDArray[np.floating[Any]]:
    """Return edges of about BINS equal bins up to 1; one edge is the threshold."""
    usual = (1 - least + 0.02) / BINS
    above = max(1, round((1 - threshold) / usual))
    width = max(usual, 1 - threshold) if above == 1 else (1 - threshold) / above
    below = math.floor((threshold - least) / width) + 1
    edges = threshold + width * np.arange(-below, above + 1)
    edges[-1] = max(1.0, edges[-1])  # rounding must not exclude a similarity of 1
    return edges


def appearance_plot(appearances: Mapping[str, Sequence[float]], length_s: float) -> str:
    """Draw when in the film each character's kept pictures occur: a row of bars per name.

    ``appearances`` maps a display name to seconds since the start of the film.
    """
    edges = np.linspace(0, max(length_s, 1.0), TIME_BINS + 1)
    counts = {name: np.histogram(at, edges)[0] for name, at in appearances.items()}
    most = max((int(row.max()) for row in counts.values()), default=1) or 1

    def draw(axes: Axes) -> None:
        for place, row in enumerate(counts.values()):
            some = row > 0
            axes.bar(
                edges[:-1][some],
                0.74 * row[some] / most,
                width=edges[1] * 0.78,
                bottom=-place,
                align="edge",
                color=KEPT,
            )
            axes.axhline(-place, color=LINE, linewidth=0.8)
        axes.set_yticks(
            [0.3 - place for place in range(len(counts))],
            [_short(name) for name in counts],
            color=INK,
        )
        axes.set_xlim(0, edges[-1])
        axes.set_ylim(-len(counts) + 0.92, 0.9)
        axes.grid(False)
        axes.spines["bottom"].set_visible(False)
        axes.xaxis.set_major_locator(MultipleLocator(_tick_seconds(float(edges[-1]))))
        axes.xaxis.set_major_formatter(lambda seconds, _: _clock(seconds))

    return _svg("appearances", (WIDTH, 0.45 + 0.3 * len(counts)), draw)


def curve_plot(name: str, curve: Curve) -> str:
    """Draw one metric of the training job over its steps."""

    def draw(axes: Axes) -> None:
        steps, values = zip(*curve, strict=True)
        axes.plot(steps, values, color=KEPT, linewidth=1.8, solid_capstyle="round")
        axes.plot(steps[-1:], values[-1:], "o", color=KEPT, markersize=5)
        axes.annotate(
            f"{values[-1]:.3g}",
            (steps[-1], values[-1]),
            (0, 9),
            textcoords="offset points",
            ha="right",
            color=INK,
        )
        axes.set_xlabel("training step")
        axes.set_ylabel(name)
        axes.margins(x=0.02, y=0.14)

    return _svg(f"curve-{name}", (WIDTH, 2.0), draw)


def _svg(name: str, inches: tuple[float, float], draw: Callable[[Axes], None]) -> str:
    # matplotlib reads the salt and the font settings when it writes, not from the figure.
    with mpl.rc_context(STYLE | {"svg.hashsalt": name}):
        figure = Figure(figsize=inches, layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure.add_subplot())
        figure.patch.set_visible(False)
        figure.axes[0].patch.set_visible(False)
        text = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        with warnings.catch_warnings():  # the page's font draws the text; this one only measures it
            warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
            figure.savefig(text, format="svg", metadata=nothing)
    return _fit_page(text.getvalue(), name)


def _fit_page(svg: str, name: str) -> str:
    """Make ids unique in the page, and leave colours, font and size to the page's CSS."""
    svg = svg[svg.index("<svg") :].replace("<svg", '<svg aria-hidden="true"', 1)
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower())
    svg = re.sub(r"<defs>\s*<style.*?</defs>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{slug}-", svg)
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    for size in ("width", "height"):
        svg = re.sub(rf'(<svg[^>]*?) {size}="[^"]*"', r"\1", svg)
    for stand_in, variable in PAGE_COLOURS.items():
        svg = svg.replace(stand_in, variable)
    return svg


def _short(name: str) -> str:
    return name if len(name) <= MOST_LABEL else f"{name[: MOST_LABEL - 1].rstrip()}…"


def _tick_seconds(length: float) -> float:
    """Choose a round interval with at most eight ticks over the length, in seconds."""
    return next((step for step in TICK_SECONDS if length <= 8 * step), TICK_SECONDS[-1])


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"

"""The figures as a table for the terminal and as a section of RESULTS.md."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from bench.shared.result_files import markdown_table

#: Headings of a table, and which figure of a score each column after the first shows.
HEADINGS = (
    "character",
    "shown",
    "precision",
    "recall",
    "box IoU",
    "crops",
    "crops right",
    "share of figure in crop",
    "crop IoU",
    "head whole",
    "sharpness",
    "heads",
    "heads right",
)
FIGURES = (
    "present",
    "precision",
    "recall",
    "box_iou",
    "crops",
    "crops_right",
    "crop_cover",
    "crop_iou",
    "head_whole",
    "sharpness",
    "heads",
    "heads_right",
)
DEFINITIONS = (
    "Precision and recall are image-level: they count the detections that remain after the "
    "product's own rules. A crop is right when the centre of the character's true box is inside "
    "it; crops from frames without the character are wrong. Samples that repeat the one before "
    "are not scored; boxes in the truth of the clips are accurate to about 0.04 of the frame. "
    "A head is whole, or right, when the top of the true box is inside the crop; sharpness is that "
    "of the figure by its other pictures in the shot. Crops are bodies, heads are counted apart; "
    "unsure pictures, which people decide about, are not counted."
)


def cells(figures: dict[str, Any]) -> list[str]:
    """The figures of one row, without its name."""
    return [shown(figures[name]) for name in FIGURES]


def shown(figure: float | None) -> str:
    """A count as it is, a ratio with two digits, a dash where nothing could be divided."""
    if figure is None:
        return "–"
    return str(figure) if isinstance(figure, int) else f"{figure:.2f}"


def terminal_table(result: dict[str, Any]) -> Table:
    """All films in one table for the terminal."""
    table = Table("film", "frames", *HEADINGS, title="Accuracy of detection and crops")
    for film in result["films"]:
        for scope, rows in film["scopes"].items():
            for character, figures in rows.items():
                table.add_row(film["film"], scope, character, *cells(figures))
            table.add_section()
    return table


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    parts = [
        "## Accuracy of detection and crops",
        f"Measured {result['measured']}.",
        result["stand_ins"],
        DEFINITIONS,
        result["verdict"],
    ]
    for film in result["films"]:
        for scope, rows in film["scopes"].items():
            figures = [(character, *cells(row)) for character, row in rows.items()]
            parts += [f"**{film['film']}**, {scope}", markdown_table(HEADINGS, figures)]
        parts.append(_notes(film))
    return "\n\n".join(parts)


def _notes(film: dict[str, Any]) -> str:
    dropped = ", ".join(f"{count} {reason}" for reason, count in film["samples_dropped"].items())
    return (
        f"One sample every {film['interval_s']:g} s; dropped before detection: "
        f"{dropped or 'none'}; frames that could not be examined: {len(film['failures'])}; "
        f"{film['seconds']:.0f} s."
    )

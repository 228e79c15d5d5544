"""The figures of the review board as a section of RESULTS.md."""

from __future__ import annotations

from typing import Any

from bench.shared.result_files import markdown_table

#: The 95th percentile of the largest board by that of the smallest.
RATIO_LIMIT = 1.5


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    frames = {int(size): figures for size, figures in result["frames_ms"].items()}
    rows = [
        (
            f"{size:,} pictures",
            *(f"{figures[f'clock_{share}']:.1f} ms" for share in (50, 95)),
            *(f"{figures[f'processor_{share}']:.1f} ms" for share in (50, 95)),
        )
        for size, figures in sorted(frames.items())
    ]
    least, most = frames[min(frames)], frames[max(frames)]
    ratios = [f"{most[f'{kind}_95'] / least[f'{kind}_95']:.2f}" for kind in ("clock", "processor")]
    rows.append((f"ratio, at most {RATIO_LIMIT}", "", ratios[0], "", ratios[1]))
    names = ("board", "frame, median", "frame, 95 %", "processor, median", "processor, 95 %")
    return (
        "## The review board in a browser\n\n"
        f"Measured {result['measured']}, {result['rounds']} rounds. Headless Chromium scrolls "
        "through the board and approves a picture in every fourth frame; processor: of the page's "
        f"own thread.\n\n{markdown_table(names, rows)}"
    )

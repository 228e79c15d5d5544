"""The figures of sampling as a section of RESULTS.md."""

from __future__ import annotations

from typing import Any

from bench.sampling.compare import BASE, FLOOR, ONE_THREAD, OWN, PEERS, TWO_RANGES
from bench.shared.result_files import markdown_table

#: Wanted ratios of ffmpeg's time to ours, and limits of other figures.
WANTED = {"1080p H.264, GOP 48": "2.8", "1080p H.264, GOP 250": "2.0", "1080p HEVC": "2.2"}
LIMITS = {
    "cpu_a_minute_60_against_10": "0.95 to 1.05",
    "peak_mb_4k": "below 350",
    "peak_mb_4k_hdr": "below 350",
    "two_ranges_at_once_speed_up": "1.8 or more",
    "read_by_needed": "1.2 or less",
    "make_frames_480p_2_min_by_ffmpeg": "1.00 or less",
    "make_frames_720p_40_s_by_ffmpeg": "0.67 or less",
}


def section(results: dict[str, Any]) -> str:
    """The results as a section of RESULTS.md."""
    parts = [
        "## Sampling, one frame a second to RGB",
        "Ratios are medians over the rounds, between two methods that ran in turn. `equal`: "
        "pictures that match a full decode in every byte and every round; `same`: pictures that "
        "show the same frame. `floor`: only the frames that references need, known in advance and "
        "decoded by one thread; nothing that gives these frames takes less CPU. `two ranges at "
        "once`: one single-threaded process for each half, as when two workers take two shards.",
        "**How much longer ffmpeg takes, as a factor**",
        markdown_table(
            GAINS, [(name, *gains(name, rows)) for name, rows in results["films"].items()]
        ),
    ]
    for name, rows in results["films"].items():
        missing = "".join(f"; {peer} is not installed" for peer in PEERS if peer not in rows)
        table = markdown_table(HEADINGS, map(cells, rows.items()))
        parts += [f"**{name}** ({results['measured'][name]}{missing})", table]
    for title, key in (
        ("Length, memory, ranges", "grown"),
        ("Sparse samples", "sparse"),
        ("Whole processes that write a PNG a second", "processes"),
    ):
        if key in results:
            figures = [
                (name.replace("_", " "), str(value), LIMITS.get(name, ""))
                for name, value in results[key].items()
            ]
            table = markdown_table(("figure", "value", "wanted"), figures)
            parts += [f"**{title}** ({results['measured'][key]})", table]
    return "\n\n".join(parts)


HEADINGS = (
    *("method", "CPU s", "wall s", "CPU, times ours", "wall, times ours"),
    *("MB", "equal", "same"),
)


def cells(row: tuple[str, dict[str, Any]]) -> tuple[str, ...]:
    """One method's line in the table of a film."""
    method, r = row
    figures = ("cpu_s", "wall_s", "cpu_times_own", "wall_times_own", "peak_mb")
    checks = (f"{r[key]}/{r['frames']}" for key in ("equal", "same"))
    return (method, *(str(r[key]) for key in figures), *checks)


GAINS = (
    *("film", "wanted", "two ranges, wall", "one thread, CPU", "frame threads, wall"),
    *("frame threads, CPU", "floor, CPU", "of the floor reached", "wanted"),
)


def gains(film: str, rows: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    """One line of the table of gains: ffmpeg's time over ours, and the share of the floor."""
    ways = ((TWO_RANGES, "wall_s"), (ONE_THREAD, "cpu_s"), (OWN, "wall_s"), (OWN, "cpu_s"))
    times = (rows[BASE][what] / rows[way][what] for way, what in (*ways, (FLOOR, "cpu_s")))
    reached = rows[FLOOR]["cpu_s"] / rows[ONE_THREAD]["cpu_s"]
    return (WANTED.get(film, ""), *(f"{ratio:.2f}" for ratio in (*times, reached)), "0.90")

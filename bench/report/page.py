"""The figures of dataset and report as a section of RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.shared.result_files import markdown_table
from storyboard_ops.gateways.aws.call_pool import WIDE_POOL_SIZE

SECONDS_LIMIT, MEGABYTES_LIMIT, PAGE_LIMIT = 60.0, 1_000.0, 15.0
#: A call to S3 within its region takes about this long. Nearly all of the calls are those of the
#: dataset, which has this many in flight.
CALL_SECONDS, CALLS_AT_A_TIME = 0.03, WIDE_POOL_SIZE
#: The time for one picture on a display that shows 60 a second.
FRAME_MS = 1_000 / 60


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    stages, busy = result["stages_s"], result["processor_s"]
    limit = f"{SECONDS_LIMIT:.0f} s"
    rows = [
        *((stage, f"{s:.1f} s", f"{busy[stage]:.1f} s", "") for stage, s in stages.items()),
        ("total", f"{sum(stages.values()):.1f} s", f"{sum(busy.values()):.1f} s", limit),
        ("peak memory", f"{result['peak_mb']} MB", "", f"{MEGABYTES_LIMIT:.0f} MB"),
        ("page", f"{result['page_mb']:.1f} MB", "", f"{PAGE_LIMIT:.0f} MB"),
        *_browser_rows(result.get("browser")),
    ]
    title = f"## Dataset and report of {result['pictures']:,} pictures, {result['panels']} panels"
    table = markdown_table(("figure", "wall", "processor", "limit"), rows)
    added = result["s3_calls"] * CALL_SECONDS / CALLS_AT_A_TIME
    network = (
        f"The bucket is in memory. With S3 there would have been {result['s3_calls']:,} calls: at "
        f"{1e3 * CALL_SECONDS:.0f} ms a call and {CALLS_AT_A_TIME} at a time, about "
        f"{added:.0f} s more, spent waiting."
    )
    return f"{title}\n\nMeasured {result['measured']}. {network}\n\n{table}"


def _browser_rows(found: dict[str, float] | None) -> Iterator[tuple[str, str, str, str]]:
    if found is None:
        return
    yield "first picture of the page on screen", f"{found['first_paint_ms']:.0f} ms", "", ""
    yield "page complete", f"{found['load_ms']:.0f} ms", "", ""
    for name in ("median", "95 %", "longest"):
        yield f"frame while scrolling, {name}", f"{found[name]:.0f} ms", "", f"{FRAME_MS:.0f} ms"

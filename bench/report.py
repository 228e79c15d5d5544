"""The report and the storyboard of a long run: time by stage, size of the page, peak memory.

    python -m bench.report [--pictures 10000] [--panels 200] [--page FILE]

Everything of the report step but the network: manifests are decoded from their bytes, every shown
picture is decoded and shrunk, the page is rendered, every panel is printed. A few distinct
pictures stand for all of them; each is decoded as often as it is shown. `--page` keeps the page.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markdown import Markdown

from bench.result_files import markdown_table, measured, save
from storyboard_ops.core.contact_sheet import Picture, thumbnail, wanted_pictures
from storyboard_ops.core.picture_codec import encode_png
from storyboard_ops.core.report_page import render_report
from storyboard_ops.core.storyboard_board import Board, arrange_board
from storyboard_ops.core.storyboard_pdf import SheetFacts, print_picture, storyboard_pdf
from storyboard_ops.core.timeline_export import timeline_json
from storyboard_ops.domain.image_records import Frame, FrameDetections, ImageRecord
from storyboard_ops.domain.manifest_codec import decode_manifest, encode_manifest
from storyboard_ops.domain.report_facts import ReportFacts
from storyboard_ops.gateways.include_files import include_text
from tests import factories

SECONDS_LIMIT, MEGABYTES_LIMIT, PAGE_LIMIT = 60.0, 1_000.0, 15.0
DISTINCT = 24
CROP_SIZE, PANEL_SIZE = (1024, 1280), (1280, 720)  # pixels, width and height
GRAIN = 6.0  # standard deviation, 0..255 units
SHEET = SheetFacts("The Lantern Keepers", "20 November 2026", "bench", "bench", {})


@dataclass
class Clock:
    """Seconds by stage, on the wall and on the processor."""

    seconds: dict[str, float] = field(default_factory=dict)
    processor: float = 0.0  # of all stages; on a busy machine the wall clock runs ahead of it

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start, busy = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] = time.perf_counter() - start
        self.processor += time.process_time() - busy


def distinct_pictures(size: tuple[int, int]) -> list[bytes]:
    """PNG bytes of some drawn pictures with the grain of film, which is what costs bytes."""
    dice = np.random.default_rng(0)
    drawn = (factories.picture(seed, *size) for seed in range(DISTINCT))
    return [
        encode_png(np.clip(dice.normal(picture, GRAIN), 0, 255).astype(np.uint8))
        for picture in drawn
    ]


def decoded(manifests: dict[str, bytes]) -> dict[str, tuple]:
    """Records of the manifests, from their bytes."""
    return {
        "frames": decode_manifest(manifests["frames"], Frame, "frames").records,
        "detections": decode_manifest(
            manifests["detections"], FrameDetections, "detections"
        ).records,
        "images": decode_manifest(manifests["images"], ImageRecord, "images").records,
    }


def shrunk(wanted: tuple[Picture, ...], crops: list[bytes], panels: list[bytes]) -> dict:
    """A thumbnail for every picture that the page shows."""
    sources = {True: cycle(panels), False: cycle(crops)}
    return {p.key: thumbnail(next(sources[p.side > 240]), p) for p in wanted}


def printed(board: Board, panels: list[bytes]) -> bytes:
    """The PDF of the board."""
    pictures = {
        placed.panel.sha256: print_picture(png)
        for placed, png in zip(board.drawn, cycle(panels), strict=False)
    }
    return storyboard_pdf(board, pictures, SHEET)


def as_manifests(facts: ReportFacts) -> tuple[ReportFacts, dict[str, bytes]]:
    """The facts without their records, and the records as manifests."""
    kinds = ("frames", "detections", "images")
    manifests = {kind: encode_manifest(kind, "digest", getattr(facts, kind)) for kind in kinds}
    return facts.model_copy(update=dict.fromkeys(kinds)), manifests


def measure(facts: ReportFacts, manifests: dict[str, bytes], clock: Clock) -> tuple[str, bytes]:
    """Run the report step's work; returns the page and the PDF."""
    crops, panels = distinct_pictures(CROP_SIZE), distinct_pictures(PANEL_SIZE)
    with clock.stage("decode manifests"):
        facts = facts.model_copy(update=decoded(manifests))
    board = arrange_board(facts.panels or ())
    with clock.stage("shrink pictures"):
        thumbnails = shrunk(wanted_pictures(facts, board), crops, panels)
    with clock.stage("render page"):
        page = render_report(
            facts.model_copy(update={"thumbnails": thumbnails}),
            include_text("templates/report.html.j2"),
            include_text("templates/report.css"),
        )
    with clock.stage("print storyboard"):
        pdf = printed(board, panels)
    with clock.stage("export timeline"):
        timeline_json(board, "bench")
    return page, pdf


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    stages = result["stages_s"]
    rows = [
        *((stage, f"{seconds:.1f} s", "") for stage, seconds in stages.items()),
        ("all of it", f"{sum(stages.values()):.1f} s", f"{SECONDS_LIMIT:.0f} s"),
        ("of it on the processor", f"{result['processor_s']:.1f} s", ""),
        ("peak memory", f"{result['peak_mb']} MB", f"{MEGABYTES_LIMIT:.0f} MB"),
        ("page", f"{result['page_mb']:.1f} MB", f"{PAGE_LIMIT:.0f} MB"),
        ("pdf", f"{result['pdf_mb']:.1f} MB", ""),
    ]
    title = f"## Report of {result['pictures']:,} pictures and {result['panels']} panels"
    table = markdown_table(("figure", "measured", "limit"), rows)
    return f"{title}\n\nMeasured {result['measured']}.\n\n{table}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--panels", type=int, default=200)
    parser.add_argument("--page", type=Path, help="keep the page here")
    options = parser.parse_args()
    clock = Clock()
    stored = as_manifests(factories.large_report_facts(options.pictures, options.panels))
    page, pdf = measure(*stored, clock)
    if options.page:
        options.page.write_text(page)
    result = {
        "measured": measured(),
        "pictures": options.pictures,
        "panels": options.panels,
        "stages_s": {stage: round(seconds, 2) for stage, seconds in clock.seconds.items()},
        "processor_s": round(clock.processor, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000),  # from kB
        "page_mb": round(len(page.encode()) / 1e6, 2),
        "pdf_mb": round(len(pdf) / 1e6, 2),
    }
    save("report", result)
    Console().print(Markdown(section(result)))


if __name__ == "__main__":
    main()

"""Dataset and report of a long run: time by step, size of the page, peak memory, smoothness.

    python -m bench.report [--pictures 10000] [--panels 200] [--page FILE]

The real steps run, from linted captions to the written page, on a bucket in memory: everything
except the network. Calls to the bucket are counted, and the section says how much time they would
add with S3. A few distinct pictures stand for all of them; each is decoded as often as it is
shown. `--page` keeps the page. If Chromium and its driver are installed, it opens the page and
scrolls through it.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from pathlib import Path

from bench.report.browser import browse
from bench.report.measure import Clock, prepare_run, run_steps
from bench.report.page import section
from bench.shared.result_files import measured, save, show


def main() -> None:
    """Measure, save the result and print its section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--panels", type=int, default=200)
    parser.add_argument("--page", type=Path, help="keep the page here")
    given = parser.parse_args()
    clock = Clock()
    tools, bucket, manifests = prepare_run(given.pictures, given.panels)
    bucket.calls = 0
    page = run_steps(tools, manifests, clock)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        file = given.page or Path(folder) / "report.html"
        file.write_bytes(page)
        browser = browse(file)
    result = {
        "measured": measured(),
        "pictures": given.pictures,
        "panels": given.panels,
        "stages_s": clock.seconds,
        "processor_s": clock.processor,
        "s3_calls": bucket.calls,
        "peak_mb": round(peak_kb / 1_000),
        "page_mb": round(len(page) / 1e6, 2),
        "browser": browser,
    }
    save("report", result)
    show(section(result))


if __name__ == "__main__":
    main()

"""The review board with many pictures: the time of a frame while people scroll and decide.

    python -m bench.board [--pictures 200 5000] [--rounds 3]

Headless Chromium, which renders on the processor, scrolls through boards of these sizes in turn and
approves a picture in every fourth frame. The time of a frame by the clock is what people notice; a
busy machine stretches it. The processor's time of the page's own thread is what the board adds.
"""

from __future__ import annotations

import argparse
import shutil

from bench.board.measure import measure
from bench.board.page import section
from bench.shared.result_files import measured, save, show

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def main() -> None:
    """Measure, save the result and print its section."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pictures", type=int, nargs="+", default=[200, 5_000])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        found = measure(browser, given.pictures, given.rounds)
        browser.close()
    frames = {str(size): frames.summary for size, frames in found.items()}
    result = {"measured": measured(), "rounds": given.rounds, "frames_ms": frames}
    save("board", result)
    show(section(result))


if __name__ == "__main__":
    main()

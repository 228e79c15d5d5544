"""How smoothly headless Chromium, which renders on the processor, opens and scrolls a page."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WIDTH, HEIGHT = 1280, 900
#: Simulated scrolling with a mouse wheel: pixels per frame, and number of frames.
STEP_PX, FRAMES = 60, 400
#: Wait after loading, before the time of the first paint is read.
SETTLE_MS = 500

TIMES = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return { load_ms: page.loadEventEnd, first_paint_ms: paint ? paint.startTime : 0 };
}"""
SCROLL = """([step, frames]) => new Promise((resolve) => {
  const gaps = [];
  let last = null;
  const next = (now) => {
    if (last !== null) gaps.push(now - last);
    last = now;
    if (gaps.length === frames) return resolve(gaps);
    scrollBy({ top: step, behavior: "instant" });
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""


def browse(page: Path) -> dict[str, float] | None:
    """Milliseconds to first paint and load, and between frames; None without Chromium or driver."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if CHROMIUM is None:
        return None
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        opened.goto(page.resolve().as_uri())
        opened.wait_for_timeout(SETTLE_MS)
        times = opened.evaluate(TIMES)
        gaps = opened.evaluate(SCROLL, [STEP_PX, FRAMES])
        browser.close()
    return {
        "load_ms": round(times["load_ms"], 1),
        "first_paint_ms": round(times["first_paint_ms"], 1),
        "median": round(float(np.median(gaps)), 1),
        "95 %": round(float(np.percentile(gaps, 95)), 1),
        "longest": round(float(max(gaps)), 1),
    }

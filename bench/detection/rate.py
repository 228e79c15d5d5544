"""2,000 detections against the local endpoint: the rate they reach, and how many are paid for.

    python -m bench.detection.rate [--pictures 2000] [--faulty 2000]

The product's own step sends small pictures to DetectLabels, which answers after 80 ms. Three
rounds: without faults; with one attempt in five throttled and one in twenty failing; and the
pictures of that round again, in another run. The endpoint's bill says how many were paid for. The
second round throttles the same share of calls at any speed, so the rate settles where it gains as
much as it loses.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.shared.result_files import markdown_table, measured, save, show
from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.image_records import FrameDetections
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.aws.call_pool import client_settings
from storyboard_ops.gateways.aws.call_rates import account_rates
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material.factories import frame
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint
from tests.studio.studio_fixture import Studio

SIDE = 80  # pixels, the minimum of Rekognition
DARKEST, GREYS = 20, 200
ANSWER_MS = 80.0
LEAST_SHARE = 0.9
CALL = {"service": "rekognition", "operation": "DetectLabels"}
SLOW = {"kind": "delay", "delay_ms": ANSWER_MS, **CALL}
THROTTLED = {"kind": "error", "code": "ProvisionedThroughputExceededException", "share": 0.2,
             "seed": "throttled", "per_request": 1, **CALL}  # fmt: skip
FAILING = {"kind": "error", "code": "InternalServerError", "share": 0.05, "seed": "failing",
           "per_request": 1, **CALL}  # fmt: skip


def tool_box(endpoint: RunningEndpoint, run_key: str) -> ToolBox[RunSettings]:
    """A run that detects labels only: settings refuse that, because labels name no character."""
    studio = Studio.opened(endpoint)
    clients = cache(lambda service: endpoint.client(service, **client_settings(service)))
    tools = studio.tools(run_key)
    settings = tools.settings.model_copy(update={"detectors": ["labels"]})
    return with_production(replace(tools, settings=settings, clients=clients))


def with_production(tools: ToolBox[RunSettings]) -> ToolBox[RunSettings]:
    """Write the production into the run, as preflight does."""
    loaded = load_production(tools.objects, tools.settings.production)
    write_run(tools, loaded, PreflightReport(checks=()))
    return tools


def commit_frames(tools: ToolBox[RunSettings], count: int, seed: int) -> ManifestRef:
    """Commit a "frames" manifest of `count` different pictures, each in one shade of grey.

    They are cheap for the endpoint to examine, so that the ordered delay dominates the answers.
    """
    frames = []
    for k in range(count):
        width, height, grey = SIDE + k // GREYS, SIDE + seed, DARKEST + k % GREYS
        body = encode_png(np.full((height, width, 3), grey, np.uint8))
        uri = tools.workspace.root / f"library/film/samples/{k:06d}.png"
        tools.objects.put(uri, body, "image/png")
        stored = {"uri": str(uri), "sha256": sha256_hex(body)}
        frames.append(frame(k).model_copy(update=stored))
    place = tools.workspace.root / "library/film/samples/shards/film/0-60.jsonl"
    return tools.manifests.commit(place, "frames", "bench", frames)


def paid(endpoint: RunningEndpoint) -> float:
    """Number of pictures on the endpoint's bill."""
    lines = endpoint.admin("GET", "bill")["lines"]
    return float(sum(line["quantity"] for line in lines if line["item"] == CALL["operation"]))


def run_round(
    endpoint: RunningEndpoint,
    tools: ToolBox[RunSettings],
    ref: ManifestRef,
    faults: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """Examine all pictures under these faults and return the figures."""
    before = paid(endpoint)
    endpoint.admin("PUT", "faults", {"faults": list(faults)})
    began = time.perf_counter()
    found = detect_characters(tools, ref)
    seconds = time.perf_counter() - began
    ordered = endpoint.admin("GET", "faults")["faults"]
    endpoint.admin("DELETE", "faults")
    records = tools.manifests.read(found, FrameDetections, "detections").records
    return {
        "pictures": ref.count,
        "seconds": round(seconds, 2),
        "per_second": round(ref.count / seconds, 2),
        "attempts": ordered[0]["matches"] if ordered else 0,
        "answered": sum(not record.failure for record in records),
        "paid": round(paid(endpoint) - before),
    }


def another_run(tools: ToolBox[RunSettings], ref: ManifestRef) -> ToolBox[RunSettings]:
    """Another run of the same films, which finds the answers but no finished manifest."""
    detections = tools.objects.list(tools.workspace.root / "library/film/samples/detections/")
    tools.objects.delete([found.uri for found in detections])
    return with_production(replace(tools, run_key="another-run"))


def measure(pictures: int, faulty: int) -> dict[str, Any]:
    """The three rounds; the first two each have an endpoint of their own."""
    rounds = {}
    with tempfile.TemporaryDirectory() as folder:
        with running_endpoint(Path(folder) / "calm") as endpoint:
            tools = tool_box(endpoint, "calm")
            quotas, client = tools.clients("service-quotas"), tools.clients("rekognition")
            allowed = account_rates(quotas, client)[CALL["operation"]]
            rounds["without faults"] = run_round(
                endpoint, tools, commit_frames(tools, pictures, 1), [SLOW]
            )
        with running_endpoint(Path(folder) / "faulty") as endpoint:
            tools = tool_box(endpoint, "faulty")
            ref = commit_frames(tools, faulty, 2)
            faults = [SLOW, THROTTLED, FAILING]
            rounds["20 % throttled, 5 % failing"] = run_round(endpoint, tools, ref, faults)
            rounds["the same pictures again"] = run_round(
                endpoint, another_run(tools, ref), ref, [SLOW]
            )
    return {"measured": measured(), "allowed": allowed, "rounds": rounds}


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    headings = ("round", "pictures", "seconds", "pictures/s", "attempts", "answered", "paid")
    keys = ("pictures", "seconds", "per_second", "attempts", "answered", "paid")
    rows = [
        (name, *(f"{figures[key]:,}" for key in keys)) for name, figures in result["rounds"].items()
    ]
    share = result["rounds"]["without faults"]["per_second"] / result["allowed"]
    return "\n\n".join(
        (
            "## Detections within the account's rate",
            f"Measured {result['measured']}. DetectLabels answers after {ANSWER_MS:.0f} ms; the "
            f"account allows {result['allowed']:.0f} calls a second. Reached: {share:.0%} of them, "
            f"target {LEAST_SHARE:.0%}: {'met' if share >= LEAST_SHARE else 'MISSED'}.",
            markdown_table(headings, rows),
        )
    )


def main() -> None:
    """Measure, save the result and print its section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=2_000)
    parser.add_argument("--faulty", type=int, default=2_000)
    given = parser.parse_args()
    result = measure(given.pictures, given.faulty)
    save("detection_rate", result)
    show(section(result))


if __name__ == "__main__":
    main()

"""The throughput of the local endpoint and of moto's server, measured in turn, as ratios.

    python -m bench.endpoint.throughput [--rounds N]

Both servers run as processes of their own and answer the same boto3 calls in turn, so that a busy
machine slows both. moto checks no signatures and keeps objects in memory; the endpoint verifies
every signature and writes every object to disk. Two figures have no peer: DetectLabels at the rate
of its quota, on a picture that was examined before, and the growth of memory over 10,000 calls.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import psutil
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from PIL import Image, ImageDraw

from bench.shared.result_files import markdown_table, measured, save, show
from launcher.processes.ports import find_free_ports
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint

LARGE_BYTES = 100 * 1000 * 1000
SMALL_BYTES = 4096
SMALL_OBJECTS = 400
THREADS = 8
LABELS_PER_SECOND = 50
LABEL_SECONDS = 20
MEMORY_CALLS = 10_000

#: Figures of a row, with the number of digits that are shown.
FIGURES = {"endpoint_s": 3, "moto_s": 3, "ratio": 2}


def s3_client(url: str, key: str = "any", secret: str = "any") -> Any:
    """A client of either server, for 8 threads, without retries."""
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(
            signature_version="s3v4", retries={"total_max_attempts": 1}, max_pool_connections=16
        ),
    )


@contextmanager
def running_moto() -> Iterator[str]:
    """Run moto's own server as a process; yields its URL."""
    (port,) = find_free_ports(1)
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            s3_client(url).list_buckets()
        except EndpointConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def put_large(s3: Any) -> float:
    """Seconds to put 100 MB in one request."""
    body = io.BytesIO(os.urandom(LARGE_BYTES))
    began = time.perf_counter()
    s3.put_object(Bucket="bench", Key="large", Body=body)
    return time.perf_counter() - began


def get_large(s3: Any) -> float:
    """Seconds to read 100 MB."""
    began = time.perf_counter()
    body = s3.get_object(Bucket="bench", Key="large")["Body"]
    while body.read(1 << 20):
        pass
    return time.perf_counter() - began


def small_objects(s3: Any, call: Callable[[Any, str], Any]) -> float:
    """Seconds for 400 calls from 8 threads."""
    keys = [f"small/{number:05d}" for number in range(SMALL_OBJECTS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda key: call(s3, key), keys))
    return time.perf_counter() - began


def put_small(s3: Any) -> float:
    """Seconds to put 400 objects of 4 KiB from 8 threads."""
    body = os.urandom(SMALL_BYTES)
    return small_objects(
        s3, lambda client, key: client.put_object(Bucket="bench", Key=key, Body=body)
    )


def get_small(s3: Any) -> float:
    """Seconds to read them back."""
    return small_objects(
        s3, lambda client, key: client.get_object(Bucket="bench", Key=key)["Body"].read()
    )


MEASURES: dict[str, Callable[[Any], float]] = {
    "put 100 MB": put_large,
    "get 100 MB": get_large,
    f"put {SMALL_OBJECTS} x 4 KiB, {THREADS} threads": put_small,
    f"get {SMALL_OBJECTS} x 4 KiB, {THREADS} threads": get_small,
}


def compare(endpoint: RunningEndpoint, moto_url: str, rounds: int) -> list[dict[str, Any]]:
    """Each measure on both servers in turn: medians of the rounds and their ratio."""
    ready = endpoint.ready
    clients = {
        "endpoint": s3_client(endpoint.url, ready["access_key_id"], ready["secret_access_key"]),
        "moto": s3_client(moto_url),
    }
    for client in clients.values():
        client.create_bucket(Bucket="bench")
    rows = []
    for name, measure in MEASURES.items():
        seconds: dict[str, list[float]] = {server: [] for server in clients}
        for _ in range(rounds):
            for server, client in clients.items():
                seconds[server].append(measure(client))
        ours, theirs = (statistics.median(seconds[server]) for server in ("endpoint", "moto"))
        rows.append(
            {
                "measure": name,
                "endpoint_s": round(ours, 3),
                "moto_s": round(theirs, 3),
                "ratio": round(ours / theirs, 2),
            }
        )
    return rows


def picture() -> bytes:
    """A PNG with a few plain shapes."""
    image = Image.new("RGB", (640, 360), "skyblue")
    draw = ImageDraw.Draw(image)
    draw.ellipse((250, 80, 420, 300), fill="brown")
    draw.rectangle((40, 200, 160, 340), fill="green")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def sustain_labels(endpoint: RunningEndpoint) -> str:
    """DetectLabels at 50 calls a second on one picture: outcomes, rate and latency."""
    client = endpoint.client("rekognition", max_pool_connections=16)
    image = {"Bytes": picture()}
    client.detect_labels(Image=image)
    outcomes: dict[str, int] = {}
    latencies: list[float] = []

    def call(due: float) -> None:
        time.sleep(max(0.0, due - time.perf_counter()))
        began = time.perf_counter()
        try:
            client.detect_labels(Image=image)
            outcome = "answered"
        except ClientError as error:
            outcome = error.response["Error"]["Code"]
        latencies.append(time.perf_counter() - began)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    calls = LABELS_PER_SECOND * LABEL_SECONDS
    start = time.perf_counter() + 1.0
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(call, [start + number / LABELS_PER_SECOND for number in range(calls)]))
    rate = calls / (time.perf_counter() - start)
    worst = statistics.quantiles(latencies, n=100)[98] * 1000
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.items())
    return f"{counts} at {rate:.1f} calls/s, 99 % within {worst:.0f} ms"


def memory_growth(endpoint: RunningEndpoint) -> str:
    """Resident memory before and after 10,000 calls, after 1,000 calls to warm up."""
    s3 = s3_client(
        endpoint.url, endpoint.ready["access_key_id"], endpoint.ready["secret_access_key"]
    )
    process = psutil.Process(endpoint.process.pid)

    def call(number: int) -> None:
        key = f"memory/{number % 100}"
        s3.put_object(Bucket="bench", Key=key, Body=b"x" * SMALL_BYTES)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(call, range(1_000)))
        before = process.memory_info().rss
        list(pool.map(call, range(MEMORY_CALLS)))
        after = process.memory_info().rss
    return f"{before / 1e6:.1f} MB -> {after / 1e6:.1f} MB over {MEMORY_CALLS:,} PutObject"


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    rows = [
        (row["measure"], *(f"{row[key]:.{digits}f}" for key, digits in FIGURES.items()))
        for row in result["rows"]
    ]
    return "\n".join(
        (
            "## Local endpoint compared with moto's server",
            "",
            f"Measured {result['measured']}. Medians of {result['rounds']} rounds, in turn. moto "
            "checks no signatures and keeps objects in memory; the endpoint verifies every "
            "signature and writes every object to disk.",
            "",
            markdown_table(("measure", "endpoint s", "moto s", "endpoint / moto"), rows),
            "",
            f"- DetectLabels: {result['labels']}",
            f"- Memory: {result['memory']}",
        )
    )


def main() -> None:
    """Measure, save the result and print its section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with (
        tempfile.TemporaryDirectory() as folder,
        running_moto() as moto_url,
        running_endpoint(Path(folder) / "data") as endpoint,
    ):
        result = {
            "measured": measured(),
            "rounds": rounds,
            "rows": compare(endpoint, moto_url, rounds),
            "labels": sustain_labels(endpoint),
            "memory": memory_growth(endpoint),
        }
    save("endpoint_throughput", result)
    show(section(result))


if __name__ == "__main__":
    main()

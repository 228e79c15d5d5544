"""Stands in for Prometheus' statsd_exporter, which Debian does not package.

It takes StatsD lines with InfluxDB's tags by UDP and shows them to a scrape as the exporter does by
default: dots of names as underscores, tags as labels, timers as summaries in seconds. It does not
forget series, so the ``ttl`` of ``statsd-mapping.yaml`` has no effect here.
"""

from __future__ import annotations

import socketserver
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TYPES = {"c": "counter", "g": "gauge", "ms": "summary"}
#: The name and the labels as Prometheus writes them.
Series = tuple[str, str]


class Exporter:
    """Everything received so far."""

    def __init__(self) -> None:
        self.statsd_port = self.metrics_port = 0
        self._lock = threading.Lock()
        self._values: dict[str, defaultdict[Series, float]] = defaultdict(
            lambda: defaultdict(float)
        )

    def receive(self, packet: str) -> None:
        """Take lines like ``airflow.ti.finish,state=success:1|c``."""
        for line in packet.splitlines():
            head, _, value = line.rpartition(":")
            amount, kind = value.split("|")[:2]
            name, *tags = head.split(",")
            pairs = sorted(tag.partition("=")[::2] for tag in tags)
            labels = ",".join(f'{key}="{text}"' for key, text in pairs)
            with self._lock:
                self._add(name.replace(".", "_").replace("-", "_"), labels, float(amount), kind)

    def _add(self, name: str, labels: str, amount: float, kind: str) -> None:
        values = self._values[f"{name} {TYPES[kind]}"]
        if kind == "g":
            values[name, labels] = amount
        elif kind == "c":
            values[name, labels] += amount
        else:
            values[f"{name}_sum", labels] += amount / 1000
            values[f"{name}_count", labels] += 1

    def text(self) -> str:
        """The metrics in Prometheus' text format."""
        with self._lock:
            return "".join(
                f"# TYPE {family}\n"
                + "".join(f"{name}{{{labels}}} {v!r}\n" for (name, labels), v in values.items())
                for family, values in self._values.items()
            )


@contextmanager
def running_exporter() -> Iterator[Exporter]:
    """Listen on free loopback ports until the block ends."""
    exporter = Exporter()

    class Packet(socketserver.DatagramRequestHandler):
        def handle(self) -> None:
            exporter.receive(self.rfile.read().decode())

    class Scrape(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(exporter.text().encode())

        def log_message(self, *_: Any) -> None:
            pass

    with (
        socketserver.ThreadingUDPServer(("127.0.0.1", 0), Packet) as udp,
        ThreadingHTTPServer(("127.0.0.1", 0), Scrape) as http,
    ):
        exporter.statsd_port, exporter.metrics_port = udp.server_address[1], http.server_port
        threads = [threading.Thread(target=one.serve_forever) for one in (udp, http)]
        for thread in threads:
            thread.start()
        try:
            yield exporter
        finally:
            udp.shutdown()
            http.shutdown()
            for thread in threads:
                thread.join()

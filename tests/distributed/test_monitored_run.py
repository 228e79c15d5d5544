"""A whole run on a real Airflow, scraped by Debian's Prometheus: every query of the dashboard."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import requests
from rich.console import Console

from launcher.aws.local_account import STUDIO_WORKSPACE
from launcher.commands.pipeline import DEMO_PARAMS
from launcher.context import Context
from launcher.embedded import stack
from launcher.embedded.stack import Stack
from launcher.processes.interrupts import Interrupts
from launcher.processes.ports import find_free_ports
from launcher.runs.dag_run import DAG_ID, trigger
from launcher.runs.inputs import Request, read_production
from launcher.runs.local_run import LOCAL_DEFAULTS, LocalRun
from launcher.state.layout import PROJECT_ROOT, SAMPLE_PRODUCTION, Project
from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.gateways.deployment_file import WORKSPACES_VARIABLE
from tests.distributed.configured_cloud import ConfiguredCloud, reporting_to
from tests.distributed.statsd_exporter import Exporter, running_exporter
from tests.films.short_film import SECONDS, short_film

pytest.importorskip("statsd")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.skipif(
        shutil.which("prometheus") is None,
        reason="no prometheus on this machine (Debian: apt-get install prometheus)",
    ),
]

MONITORED_DAGS = Path(__file__).parent / "monitored_dags"
DASHBOARD = PROJECT_ROOT / "include/monitoring/storyboard-dashboard.json"
RUN_ID = "monitored"
PATIENCE_SECONDS = 120.0
#: Variables of the user that would change the run.
CLEAN = (WORKSPACES_VARIABLE, "REVIEW")


@dataclass(frozen=True)
class Prometheus:
    """Debian's Prometheus, which scrapes every second."""

    url: str
    began: float

    def series(self, query: str) -> list[Mapping[str, str]]:
        """The labels of every series that a query had since Prometheus began."""
        times = {"start": str(self.began), "end": str(time.time()), "step": "2"}
        found = requests.get(
            f"{self.url}/api/v1/query_range", params={"query": query, **times}, timeout=30
        ).json()
        assert found["status"] == "success", found
        return [one["metric"] for one in found["data"]["result"]]

    def is_up(self) -> bool:
        try:
            return bool(self.series("up == 1"))
        except (requests.RequestException, ValueError):
            return False


@contextmanager
def scraping(exporter: Exporter, folder: Path) -> Iterator[Prometheus]:
    """Start Prometheus with our own configuration, but for its pace and the exporter's address."""
    (port,) = find_free_ports(1)
    written = (PROJECT_ROOT / "include/monitoring/prometheus.yml").read_text()
    written = written.replace("statsd-exporter:9102", f"127.0.0.1:{exporter.metrics_port}")
    config = folder / "prometheus.yml"
    config.write_text(written.replace("scrape_interval: 15s", "scrape_interval: 1s"))
    shutil.copy(PROJECT_ROOT / "include/monitoring/alerts.yml", folder)
    command = (
        *("prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"),
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            prometheus = Prometheus(f"http://127.0.0.1:{port}", time.time())
            until(prometheus.is_up)
            yield prometheus
        finally:
            process.terminate()
            process.wait()


def until(is_so: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < limit, f"not so within {PATIENCE_SECONDS:g} s"
        time.sleep(0.5)


@dataclass(frozen=True)
class Monitored:
    """A run that has ended, on a stack that is still up."""

    running: Stack
    prometheus: Prometheus
    texts: list[str]  # what the webhook has received

    def log_events(self, task_id: str) -> list[dict[str, Any]]:
        """The events of the log of the first instance of a task."""
        client = self.running.client
        tasks = client.list_task_states(DAG_ID, RUN_ID)
        first = next(task for task in tasks if task.task_id == task_id)
        return client.get_log_events(DAG_ID, RUN_ID, first)


@pytest.fixture(scope="module")
def monitored() -> Iterator[Monitored]:
    """A run of a short film from film to storyboard, while Prometheus scrapes."""
    with ExitStack() as ends, pytest.MonkeyPatch.context() as patch:
        for name in CLEAN:
            patch.delenv(name, raising=False)
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        project = make_project(folder / "project")
        exporter = ends.enter_context(running_exporter())
        texts: list[str] = []
        webhook = ends.enter_context(running_webhook(texts))
        prometheus = ends.enter_context(scraping(exporter, folder))
        variables = {
            **reporting_to(exporter.statsd_port),
            "AIRFLOW_CONN_STORYBOARD_REMINDER": json.dumps({"conn_type": "http", "host": webhook}),
            WORKSPACES_VARIABLE: STUDIO_WORKSPACE,
        }
        cloud, interrupts = ConfiguredCloud(variables), Interrupts()
        context = Context(project, Console(file=StringIO(), width=120), interrupts)
        state = project.state("monitored")
        running = ends.enter_context(stack.running(project, state, cloud, interrupts))
        running.wait_for_dag(DAG_ID)
        film = short_film(folder / "film.mp4", (*SECONDS, SECONDS[-1]))  # its last frame is dropped
        production = read_production(project, SAMPLE_PRODUCTION)
        request = Request((film,), production, {**LOCAL_DEFAULTS, **DEMO_PARAMS})
        LocalRun(context, running, cloud.ready_endpoint()).carry_out(
            request, RUN_ID, project.out / RUN_ID
        )
        yield Monitored(running, prometheus, texts)


def make_project(root: Path) -> Project:
    """The project itself with one more DAG, in a folder of its own."""
    (root / "dags").mkdir(parents=True)
    for file in (*(PROJECT_ROOT / "dags").glob("*.py"), *MONITORED_DAGS.glob("*.py")):
        (root / "dags" / file.name).symlink_to(file)
    for name in ("local_aws", "include", "plugins"):
        (root / name).symlink_to(PROJECT_ROOT / name)
    return Project(root)


@contextmanager
def running_webhook(texts: list[str]) -> Iterator[str]:
    from tests.airflow_ops.test_reminder import serving

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            texts.append(json.loads(body)["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with serving(HTTPServer(("127.0.0.1", 0), Webhook)) as server:
        yield f"http://127.0.0.1:{server.server_address[1]}"


def test_each_query_of_the_dashboard_returns_a_series(monitored: Monitored) -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    queries = {
        f"{panel['title']} {query['refId']}": query["expr"].replace("$__rate_interval", "1m")
        for panel in panels
        for query in panel["targets"]
    }
    empty = [title for title, query in queries.items() if not monitored.prometheus.series(query)]
    assert empty == []
    assert len(queries) > 15


def test_each_line_of_a_log_carries_run_film_and_shard(monitored: Monitored) -> None:
    events = monitored.log_events("shard.sample_frames")
    ours = [event for event in events if str(event.get("logger", "")).startswith("storyboard_ops")]
    assert ours
    for event in ours:
        assert event["run_key"] == run_key(DAG_ID, RUN_ID)
        assert event["film"].endswith("/film.mp4")
        assert event["shard"].startswith("0-")


def test_airflow_itself_notifies_people_of_a_missed_deadline(monitored: Monitored) -> None:
    trigger(monitored.running, "late", {}, "late_watch")
    until(lambda: bool(monitored.texts))
    assert monitored.texts[0].startswith("The watch over leases and runs is late. The run late of")
    assert monitored.texts[0].endswith("/dags/late_watch/runs/late")

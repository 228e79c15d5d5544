"""The launcher with a real Airflow and the real endpoint, on a DAG that does nothing."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from launcher.aws.clouds import LocalCloud
from launcher.aws.local_account import STUDIO_BUCKET, prepare_account
from launcher.context import Context
from launcher.embedded import stack
from launcher.errors import ComponentFailed, UsageError
from launcher.processes.interrupts import Interrupts
from launcher.processes.sessions import processes_in
from launcher.runs import dag_run, failures
from launcher.runs.inputs import Request
from launcher.runs.local_run import LOCAL_DEFAULTS, LocalRun
from launcher.runs.progress import PlainProgress
from launcher.state.layout import PROJECT_ROOT, Project

pytestmark = pytest.mark.slow

TOY_DAGS = Path(__file__).parent / "toy_dags"
FAILING_SEED, WAITING_SEED = 13, 99
CONF = {"videos": [], "production": "", "workspace": f"s3://{STUDIO_BUCKET}"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with the toy DAG in place of ours; plugin pages are left out."""
    shutil.copytree(TOY_DAGS, tmp_path / "dags")
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / ".airflowignore").write_text("storyboard_ops\n")
    links = ("local_aws", "include", "plugins/storyboard_ops")
    for name in links:
        (tmp_path / name).symlink_to(PROJECT_ROOT / name)
    return Project(tmp_path)


def processes_of(project: Project) -> list[psutil.Process]:
    """Every process that works in this project's folder or is started with its path."""
    return [process for process in psutil.process_iter() if _belongs(process, project)]


def _belongs(process: psutil.Process, project: Project) -> bool:
    try:
        root = str(project.root)
        return process.cwd() == root or any(root in argument for argument in process.cmdline())
    except psutil.Error:
        return False


@pytest.mark.long
def test_a_stack_runs_dags_until_a_component_dies(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEW", "human")  # this Airflow has no approval page for a script
    cloud, out = LocalCloud(), StringIO()
    progress = PlainProgress(Console(file=out, width=120))
    with (
        pytest.raises(ComponentFailed) as caught,
        stack.running(project, project.state("test"), cloud, Interrupts()) as running,
    ):
        sessions = running.supervisor.session_ids
        endpoint = cloud.ready_endpoint()
        context = Context(project, Console(file=out, width=120), Interrupts())
        LocalRun(context, running, endpoint).carry_out(
            Request((), "s3://films/sheet.yaml", LOCAL_DEFAULTS), "good", project.out / "good"
        )
        prepare_account(endpoint, project)

        with pytest.raises(UsageError, match="seed"):
            dag_run.trigger(running, "refused", {**CONF, "seed": -1})

        failed = dag_run.trigger(running, "failing", {**CONF, "seed": FAILING_SEED})
        assert dag_run.follow(failed, progress) == "failed"
        explained = failures.explain(failed)

        waiting = dag_run.trigger(running, "waiting", {**CONF, "seed": WAITING_SEED})
        component = next(c for c in running.supervisor.started if "triggerer" in c.spec.name)
        component.process.kill()
        dag_run.follow(waiting, progress)

    assert "Airflow's triggerer ended with signal 9" in str(caught.value)
    assert (project.out / "good" / "report.html").read_text() == "{}"
    assert not (project.out / "good" / "crops").exists()
    assert re.search(r"count frames +done +3/3", out.getvalue())
    message, log = explained.splitlines()
    assert message == (
        "crop_characters failed: The crop of mira is 12 px wide. Raise max_enlargement."
    )
    assert Path(log.removeprefix("    Its log: ")).is_file()
    assert processes_in(sessions) == []
    assert processes_of(project) == []


@contextmanager
def launcher(project: Project, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command line in a process of its own; its output is one stream."""
    process = subprocess.Popen(
        [sys.executable, "-m", "launcher", "--project", str(project.root), *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, "REVIEW": "human"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], pattern: str) -> None:
    """Read lines until one matches; fails when the output ends before."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if re.search(pattern, line):
            return
    pytest.fail(f"no line matches {pattern!r} in:\n{''.join(lines)}")


@pytest.mark.long
def test_ctrl_c_in_the_middle_of_a_run_leaves_nothing(project: Project) -> None:
    (project.root / "film.mp4").write_bytes(b"film")
    arguments = (
        *("run", "--video", str(project.root / "film.mp4")),
        *("--production", "s3://films/sheet.yaml", "--params", f'{{"seed": {WAITING_SEED}}}'),
    )
    with launcher(project, *arguments) as process:
        read_until(process, r"wait for approval +running")
        assert len(processes_of(project)) > 6, "launcher, endpoint and five of Airflow"
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGINT
    assert rest.splitlines()[-1] == "Stopped by SIGINT; nothing is left running."
    assert time.monotonic() - began < 20
    assert processes_of(project) == []


def test_up_and_down(project: Project) -> None:
    def output(command: str) -> str:
        with launcher(project, command) as process:
            text, _ = process.communicate(timeout=300)
            assert process.returncode == 0, text
        return text

    assert output("status").startswith("Nothing is running.")
    try:
        shown = output("up")
        assert re.search(r"Airflow +http://127\.0\.0\.1:\d+", shown)
        shell = Path(re.search(r"^source (.+)$", shown, re.MULTILINE)[1])
        assert shell.stat().st_mode & 0o777 == 0o600, "it holds keys"
        assert "export AWS_ENDPOINT_URL=http://127.0.0.1:" in shell.read_text()
        assert output("status") in shown
        assert output("up") == output("status"), "a second up shows the first"
    finally:
        ended = output("down")  # also when an assertion fails: nothing may go on running
    assert ended.startswith("Stopped.")
    assert output("down") == "Nothing is running.\n"
    assert processes_of(project) == []

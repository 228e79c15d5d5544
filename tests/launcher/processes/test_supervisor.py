"""Processes are started, watched and ended; nothing is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.errors import ComponentFailed, StartFailed
from launcher.processes.interrupts import Interrupts
from launcher.processes.sessions import processes_in
from launcher.processes.supervisor import ProcessSpec, Supervisor

STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgid(0, 0)  # as Airflow does for each task
print("ready", flush=True)
time.sleep(60)
"""


def spec(folder: Path, code: str, name: str = "worker") -> ProcessSpec:
    command = (sys.executable, "-c", code)
    return ProcessSpec(name, command, dict(os.environ), folder / f"{name}.log", folder)


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor(Interrupts()) as supervisor:
        yield supervisor


def wait_for(log: Path, text: str, times: int = 1) -> None:
    deadline = time.monotonic() + 20
    while not log.exists() or log.read_text().count(text) < times:
        assert time.monotonic() < deadline, f"{text!r} is not in {log}"
        time.sleep(0.02)


def test_a_dead_component_is_named_with_its_last_output(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(spec(tmp_path, "print('disk is full'); raise SystemExit(3)", "triggerer"))
    with pytest.raises(ComponentFailed) as caught:
        supervisor.wait_until("Airflow", lambda: False, timeout=20)
    assert "triggerer ended with exit status 3" in str(caught.value)
    assert "disk is full" in str(caught.value)


def test_a_component_killed_by_a_signal_is_named_with_it(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    component = supervisor.start(spec(tmp_path, "import time; time.sleep(60)"))
    component.process.kill()
    component.process.wait()
    with pytest.raises(ComponentFailed, match="worker ended with signal 9"):
        supervisor.check()


def test_a_component_may_not_end_even_with_status_0(supervisor: Supervisor, tmp_path: Path) -> None:
    component = supervisor.start(spec(tmp_path, "pass"))
    component.process.wait()
    with pytest.raises(ComponentFailed, match="exit status 0"):
        supervisor.check()


def test_a_job_may_end_with_status_0(supervisor: Supervisor, tmp_path: Path) -> None:
    job = supervisor.start_job(spec(tmp_path, "print('drawn')"))
    supervisor.wait_until("the film", job.is_done, timeout=20)
    assert job.spec.log.read_text() == "drawn\n"


def test_a_job_that_fails_ends_the_wait_for_it(supervisor: Supervisor, tmp_path: Path) -> None:
    job = supervisor.start_job(spec(tmp_path, "raise SystemExit('no ink')"))
    with pytest.raises(ComponentFailed, match="no ink"):
        supervisor.wait_until("the film", job.is_done, timeout=20)


def test_a_wait_times_out_and_names_what_it_waited_for(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(spec(tmp_path, "import time; time.sleep(60)"))
    with pytest.raises(StartFailed, match=f"Airflow was not ready after 0 s.*{tmp_path}"):
        supervisor.wait_until("Airflow", lambda: False, timeout=0.3)


def test_stop_ends_children_in_groups_of_their_own_that_ignore_term(tmp_path: Path) -> None:
    with Supervisor(Interrupts()) as supervisor:
        component = supervisor.start(spec(tmp_path, STUBBORN))
        wait_for(component.spec.log, "ready", times=2)
        session = component.process.pid
        assert len(processes_in([session])) == 2
    assert processes_in([session]) == []


OWNER = """
import sys, time
from pathlib import Path
from launcher.processes.interrupts import Interrupts
from launcher.processes.supervisor import ProcessSpec, Supervisor
folder = Path(sys.argv[1])
spec = ProcessSpec("worker", (sys.executable, "-c", sys.argv[2]), {}, folder / "worker.log", folder)
print(Supervisor(Interrupts()).start(spec).process.pid, flush=True)
time.sleep(60)
"""


def test_components_end_when_their_launcher_is_killed(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path), "import time; time.sleep(60)"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    session = int(owner.stdout.readline())
    assert len(processes_in([session])) == 1
    owner.kill()
    owner.communicate()
    deadline = time.monotonic() + 20
    while processes_in([session]):
        assert time.monotonic() < deadline, "the crash guard has not ended the component"
        time.sleep(0.05)

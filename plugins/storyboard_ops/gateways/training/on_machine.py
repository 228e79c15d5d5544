"""What runs on a machine with a GPU: start a job's program, watch it, and end it.

The machine's own Python gets this file with each question, so it imports nothing of the product.
All files of a job are in one folder, which only its owner can read:

    running.lock    locked while the job runs
    pids.json       of the watching process and of the program
    stopping        where the program has been asked to end
    exit_code       of a job that has ended
    output.log      what the program prints
    ml/             the folders of SageMaker, where the program finds its inputs
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

#: Variables of the machine's environment that a program gets: no credentials are among them.
INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "CUDA_HOME",
    "CUDA_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
)
#: As a shell reports it: a job that ended without a word was killed, or its machine was off.
KILLED = 137
#: Time for the watching process to write down what it has started.
START_SECONDS = 10.0
#: Time in which those who only look at a lock have let it go.
LOOK_SECONDS = 1.0
LOG_CHARACTERS = 2_000
FAILURE_CHARACTERS = 1_024


def look(work: str, weights: str, needs: list[str]) -> dict[str, Any]:
    """Return what the machine has: MachineFacts as a dict.

    ``weights``: folder of weights that may be there; ``needs``: packages of the program.
    """
    Path(work).mkdir(mode=0o700, parents=True, exist_ok=True)
    there = Path(weights)
    missing = [name for name in needs if find_spec(name) is None]
    facts: dict[str, Any] = {
        "host": platform.node(),
        "missing_packages": missing,
        "free_gb": shutil.disk_usage(work).free / 1e9,
        "weights": sorted(one.name for one in there.iterdir()) if there.is_dir() else [],
    }
    return facts if missing else {**facts, **_look_at_gpu()}


def _look_at_gpu() -> dict[str, Any]:
    import torch  # type: ignore[import-not-found,unused-ignore]

    facts = {"torch": str(torch.__version__)}
    if not torch.cuda.is_available():
        # A GPU that torch cannot use has a driver that is missing, or too old for this torch.
        return {**facts, "seen_by_driver": _seen_by_driver()}
    free, total = torch.cuda.mem_get_info()
    name = torch.cuda.get_device_name()
    return {**facts, "gpu": name, "gpu_gb": total / 1e9, "gpu_free_gb": free / 1e9}


def _seen_by_driver() -> str:
    query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip().partition("\n")[0]


def state(folder: str) -> dict[str, Any] | None:
    """Return how a job is: JobOnMachine as a dict; None when it was never started here."""
    job = Path(folder)
    if not (job / "running.lock").exists():
        return None
    running, code, log = _is_locked(job), _read(job / "exit_code"), job / "output.log"
    return {
        "host": platform.node(),
        "running": running,
        "stopping": running and (job / "stopping").exists(),
        "began": _changed(job / "running.lock"),
        "ended": 0.0 if running else _changed(job / "exit_code") or _changed(log),
        "exit_code": None if running else int(code or KILLED),
        "failure": _read(job / "ml/output/failure")[:FAILURE_CHARACTERS],
        "log": _read(log)[-LOG_CHARACTERS:],
        "log_bytes": log.stat().st_size if log.exists() else 0,
    }


def start(folder: str, program: str, limit_seconds: float, stop_seconds: float) -> bool:
    """Start the job's program in a session of its own; returns False when it runs already.

    ``program``: file beneath ``ml``. After ``limit_seconds`` it is stopped; a program that is
    stopped has ``stop_seconds`` to save its work.
    """
    os.umask(0o077)
    job = Path(folder)
    lock = os.open(job / "running.lock", os.O_RDWR | os.O_CREAT, 0o600)
    if not _lock(lock):
        return False
    for old in ("exit_code", "pids.json", "stopping", "ml/output/failure"):
        (job / old).unlink(missing_ok=True)
    os.utime(lock)
    watch = ["watch", str(job), program, str(lock), str(limit_seconds), str(stop_seconds)]
    subprocess.Popen(
        [sys.executable, str(job / "on_machine.py"), *watch],
        pass_fds=[lock],
        start_new_session=True,
        cwd=job,
        env=program_environment(job),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(lock)
    return True


def program_environment(job: Path) -> dict[str, str]:
    """Return the environment of a job's program, whose temporary files stay in the job's folder."""
    (job / "tmp").mkdir(exist_ok=True)
    own = {"ML_ROOT": str(job / "ml"), "TMPDIR": str(job / "tmp"), "HF_HUB_OFFLINE": "1"}
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | own


def watch(folder: str, program: str, lock: int, limit_seconds: float, stop_seconds: float) -> None:
    """Run the program, end it when that is asked for or its time is over, and note its end."""
    job, kill_at = Path(folder), float("inf")

    def ask_to_end(*_: object) -> None:
        nonlocal kill_at
        kill_at = min(kill_at, time.monotonic() + stop_seconds)

    signal.signal(signal.SIGTERM, ask_to_end)
    stop_at = time.monotonic() + limit_seconds
    with (job / "output.log").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, str(job / "ml" / program)],
            pass_fds=[lock],  # it is locked as long as either of the two lives
            start_new_session=True,
            cwd=job / "ml",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        _write(job / "pids.json", json.dumps({"watch": os.getpid(), "program": running.pid}))
        while running.poll() is None:
            time.sleep(0.1)
            if time.monotonic() > stop_at and kill_at == float("inf"):
                running.terminate()
                ask_to_end()
            if time.monotonic() > kill_at:
                _signal_group(running.pid, signal.SIGKILL)
    _signal_group(running.pid, signal.SIGKILL)  # what it has started and left behind
    code = running.returncode
    _write(job / "exit_code", str(code if code >= 0 else 128 - code))


def stop(folder: str) -> bool:
    """Ask a job's program to save its work and end; returns False when it does not run."""
    job = Path(folder)
    deadline = time.monotonic() + START_SECONDS
    while _is_locked(job):
        (job / "stopping").touch()
        if pids := _read(job / "pids.json"):
            for pid in json.loads(pids).values():  # the watching process then sets the deadline
                _ask_to_end(pid)
            return True
        if time.monotonic() > deadline:
            return True
        time.sleep(0.05)
    return False


def clear(folder: str, aside: str | None) -> None:
    """Remove all files of a job that has ended, or move them to another folder."""
    if _is_locked(Path(folder)):
        return
    if aside and Path(folder).exists():
        Path(aside).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(folder).rename(aside)
    shutil.rmtree(folder, ignore_errors=True)


def sweep(jobs: str, seconds: float) -> list[str]:
    """Remove what jobs have left that ended this long ago; returns their names."""
    left = []
    for job in Path(jobs).glob("*"):
        last = max(
            map(_changed, (job, job / "running.lock", job / "exit_code", job / "output.log"))
        )
        if last < time.time() - seconds and not _is_locked(job):
            shutil.rmtree(job, ignore_errors=True)
            left.append(job.name)
    return left


def listing(folder: str) -> list[tuple[str, int]]:
    """Return name, relative to the folder, and bytes of each complete file beneath it."""
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _is_partial(name)]
        for name in filter(lambda name: not _is_partial(name), names):
            path = Path(root, name)
            with suppress(FileNotFoundError):  # replaced at this moment
                found.append((path.relative_to(folder).as_posix(), path.stat().st_size))
    return sorted(found)


def make_room(folder: str) -> None:
    """Make a job's folder, which only its owner can enter, with the folders of its outputs."""
    os.umask(0o077)
    for name in ("ml/checkpoints", "ml/model", "ml/output", "ml/processing/output"):
        Path(folder, name).mkdir(parents=True, exist_ok=True)
    Path(folder).chmod(0o700)


def use_folder(folder: str, at: str) -> None:
    """Let the program find a folder of the machine at another place."""
    place = Path(at)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not place.is_symlink():
        place.symlink_to(folder)


def keep(part: str, whole: str) -> None:
    """Give a folder that has been filled its name; one that another job has filled stays."""
    if Path(whole).is_dir():
        shutil.rmtree(part, ignore_errors=True)
    else:
        Path(part).rename(whole)


def _is_partial(name: str) -> bool:
    return name.startswith(".") or name.endswith((".partial", ".new"))


def _is_locked(job: Path) -> bool:
    try:
        lock = os.open(job / "running.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _lock(lock: int) -> bool:
    """Lock a job; returns False when it runs. Those who only look have it locked for a moment."""
    deadline = time.monotonic() + LOOK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def _ask_to_end(pid: int) -> None:
    """Send SIGTERM to a process that leads a session, as both of a job do."""
    with suppress(ProcessLookupError, PermissionError):
        if os.getsid(pid) == pid:
            os.kill(pid, signal.SIGTERM)


def _changed(path: Path) -> float:
    """Return when a file was changed, in seconds since 1970; 0 when there is none."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


#: What can be asked from outside, by name.
QUESTIONS = (look, state, start, stop, clear, sweep, listing, make_room, use_folder, keep)


def answer(question: str, arguments: dict[str, Any]) -> None:
    """Print the answer to a question as one line of JSON."""
    asked = {function.__name__: function for function in QUESTIONS}[question]
    sys.stdout.write(f"{json.dumps(asked(**arguments))}\n")


if __name__ == "__main__" and sys.argv[1:2] == ["watch"]:
    folder_, program_, lock_, limit_, stop_ = sys.argv[2:]
    watch(folder_, program_, int(lock_), float(limit_), float(stop_))

"""Run tests against a mutant, in a copy of the project and in a process of its own."""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.mutants.operators import Mutant

PRELOADED = ("pytest", "numpy", "cv2", "PIL.Image", "pydantic", "boto3", "hypothesis", "pandas")
"""Imported once and inherited by every trial; nothing of the project itself."""

OPTIONS = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=1",
           "-W", "ignore::pytest.PytestAssertRewriteWarning")  # fmt: skip
PASSED, NO_TESTS = 0, 5
CPU_SECONDS = 60
WALL_SECONDS = 300.0


def project_files(root: Path) -> list[Path]:
    """What git tracks or would track, relative to `root`."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in sorted(set(listed.splitlines())) if (root / name).is_file()]


class TrialCopy:
    """A copy of the project in which one file at a time is mutated."""

    def __init__(self, root: Path, copy: Path) -> None:
        self._root, self._copy = root, copy
        for file in project_files(root):
            (copy / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / file, copy / file)
        for name in PRELOADED:
            importlib.import_module(name)

    def outcome(self, mutant: Mutant, tests: Sequence[Path]) -> str:
        """What becomes of a mutant: "killed", "timeout", "survived" or "untested"."""
        if not tests:
            return "untested"
        file = self._copy / mutant.path
        file.write_text(mutant.code)
        try:
            return self._run(tests)
        finally:
            file.write_text(mutant.module.code)

    def check_baseline(self, tests: Sequence[Path]) -> None:
        """Exit, naming the tests, where they fail without a mutant."""
        if self._run(tests, quiet=False) != "survived":
            raise SystemExit("the tests have to pass without a mutant first")

    def _run(self, tests: Sequence[Path], *, quiet: bool = True) -> str:
        child = os.fork()
        if child == 0:
            arguments = [*OPTIONS, *(["-x"] if quiet else []), *map(str, tests)]
            _become_test_run(self._root, self._copy, arguments, quiet=quiet)
        deadline = time.monotonic() + WALL_SECONDS
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # an endpoint that the tests left behind
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            return "timeout"
        return {PASSED: "survived", NO_TESTS: "untested"}.get(code, "killed")


def _become_test_run(root: Path, copy: Path, arguments: list[str], *, quiet: bool) -> None:
    """Run pytest over the copy and end this process with its exit code."""
    import pytest

    os.setsid()
    os.chdir(copy)
    inside = {str(root): str(copy), str(root / "plugins"): str(copy / "plugins")}
    sys.path[:] = [inside.get(entry, entry) for entry in sys.path]
    for name in [name for name in sys.modules if name.split(".")[0] == "tools"]:
        del sys.modules[name]
    sys.dont_write_bytecode = quiet  # a mutant must leave no bytecode for the next trial
    if quiet:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    code = 3
    try:
        code = int(pytest.main(arguments))
    finally:
        os._exit(code)

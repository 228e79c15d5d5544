"""A machine with a GPU that belongs to the studio: its files, and questions to its Python."""

from __future__ import annotations

import json
import os
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from storyboard_ops.domain.deployment import Gpu
from storyboard_ops.domain.error_tree import MachineUnusable
from storyboard_ops.domain.training.machine_facts import JobOnMachine, MachineFacts

#: The file that answers the questions; it is next to this one.
HELPER = "on_machine.py"
#: Time for an answer: a machine imports torch for it, perhaps from a network drive.
ANSWER_SECONDS = 300.0
#: Files of jobs that ended this long ago are nobody's any more.
LEFT_SECONDS = 24 * 3600.0
#: Time that a program has to save its work, as at SageMaker.
STOP_SECONDS = 120.0


@cache
def helper() -> str:
    """Return the source of what runs on the machine."""
    return Path(__file__).with_name(HELPER).read_text(encoding="utf-8")


def question(what: str, **arguments: Any) -> str:
    """Return the script that makes a machine's Python print an answer as JSON."""
    return f"{helper()}\nanswer({what!r}, json.loads({json.dumps(arguments)!r}))\n"


@dataclass(frozen=True)
class GpuMachine(ABC):
    """A machine, by the deployment's facts about it. Raises MachineUnusable when it fails."""

    facts: Gpu

    @abstractmethod
    def run(self, script: str) -> str:
        """Run a script by the machine's Python, which reads it from its input; returns its output.

        Nothing but the path of the interpreter is on a command line.
        """

    @abstractmethod
    def writing(self, path: str) -> AbstractContextManager[BinaryIO]:
        """Open a file that its owner alone can read; the folders above it are made."""

    @abstractmethod
    def reading(self, path: str) -> AbstractContextManager[BinaryIO]:
        """Open a file of the machine; raises FileNotFoundError when it has gone."""

    def look(self, weights: str, needs: list[str]) -> MachineFacts:
        """Return what the machine has; ``weights``: name of a folder of weights."""
        place = f"{self.facts.weights}/{weights}"
        found = self._ask("look", work=self.facts.work_folder, weights=place, needs=needs)
        return MachineFacts.model_validate(found)

    def state(self, job: str) -> JobOnMachine | None:
        """Return how a job is; None when the machine has none of this name."""
        found = self._ask("state", folder=self.folder(job))
        return JobOnMachine.model_validate(found) if found else None

    def start(self, job: str, program: str, hours: float) -> bool:
        """Start a job whose files are there; returns False when it runs already."""
        with self.writing(f"{self.folder(job)}/{HELPER}") as file:
            file.write(helper().encode())
        started: bool = self._ask(
            "start",
            folder=self.folder(job),
            program=program,
            limit_seconds=hours * 3600,
            stop_seconds=STOP_SECONDS,
        )
        return started

    def stop(self, job: str) -> bool:
        """Ask a job to save its work and end; returns False when it does not run."""
        stopped: bool = self._ask("stop", folder=self.folder(job))
        return stopped

    def clear(self, job: str, aside: str | None) -> None:
        """Remove the files of a job that has ended, or move them to another folder."""
        self._ask("clear", folder=self.folder(job), aside=aside)

    def sweep(self) -> list[str]:
        """Remove what jobs have left that ended long ago and were not collected."""
        jobs = f"{self.facts.work_folder}/jobs"
        return list(self._ask("sweep", jobs=jobs, seconds=LEFT_SECONDS))

    def listing(self, folder: str) -> dict[str, int]:
        """Return the bytes of each complete file beneath a folder, by name relative to it."""
        return dict(self._ask("listing", folder=folder))

    def make_room(self, job: str) -> None:
        """Make the folder of a job, which its owner alone can enter."""
        self._ask("make_room", folder=self.folder(job))

    def use_folder(self, folder: str, at: str) -> None:
        """Let a program find a folder of the machine at another place."""
        self._ask("use_folder", folder=folder, at=at)

    def keep(self, part: str, whole: str) -> None:
        """Give a folder that has been filled its name."""
        self._ask("keep", part=part, whole=whole)

    def folder(self, job: str) -> str:
        """Return the folder of a job."""
        return f"{self.facts.work_folder}/jobs/{job}"

    def _ask(self, what: str, **arguments: Any) -> Any:
        told = self.run(question(what, **arguments))
        try:
            return json.loads(told.strip().rpartition("\n")[2])
        except ValueError as error:
            raise self._unusable(f"answered {told[-200:]!r}") from error

    def _unusable(self, what: str) -> MachineUnusable:
        return MachineUnusable(
            f"{self.facts.name} {what}. Correct gpu in include/deployment.yaml, or the machine, "
            "and clear the task."
        )


@dataclass(frozen=True)
class ThisMachine(GpuMachine):
    """The machine of the worker that runs the task."""

    def run(self, script: str) -> str:
        # The variables of a worker contain credentials, and nobody there needs them.
        own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        try:
            done = subprocess.run(
                [self.facts.python, "-"],
                input=script,
                env=own,
                capture_output=True,
                text=True,
                timeout=ANSWER_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise self._unusable(f"cannot run {self.facts.python}: {error}") from error
        if done.returncode:
            raise self._unusable(f"reports {last_line(done.stderr)}")
        return done.stdout

    @contextmanager
    def writing(self, path: str) -> Iterator[BinaryIO]:
        try:
            Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside = Path(f"{path}.partial")
            with open(beside, "wb", opener=_open_private) as file:
                yield file
            beside.replace(path)
        except OSError as error:
            raise self._unusable(f"cannot write {path}: {error.strerror}") from error

    @contextmanager
    def reading(self, path: str) -> Iterator[BinaryIO]:
        with Path(path).open("rb") as file:
            yield file


def last_line(text: str) -> str:
    """Return the last line of what a program has printed, which names its error."""
    return text.strip().rpartition("\n")[2]


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

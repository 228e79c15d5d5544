"""A machine with a GPU that is reached by SSH: questions by commands, files by SFTP."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from paramiko import SFTPClient, SSHException

from storyboard_ops.gateways.training.gpu_machine import ANSWER_SECONDS, GpuMachine, last_line

FAULTS = (SSHException, OSError, EOFError)


@dataclass(frozen=True)
class SshMachine(GpuMachine):
    """A machine by the id of a connection; ``connect`` opens a client of paramiko for it."""

    connect: Callable[[str], Any]

    @cached_property
    def _client(self) -> Any:
        return self.connect(self.facts.connection)

    @cached_property
    def _files(self) -> SFTPClient:
        return self._client.open_sftp()

    def run(self, script: str) -> str:
        command = f"{shlex.quote(self.facts.python)} -"
        try:
            given, told, failed = self._client.exec_command(command, timeout=ANSWER_SECONDS)
            given.write(script)
            given.channel.shutdown_write()
            output: str = told.read().decode()
            errors: str = failed.read().decode(errors="replace")
            code = told.channel.recv_exit_status()
        except FAULTS as error:
            raise self._unusable(f"does not answer: {error}") from error
        if code:
            raise self._unusable(f"reports {last_line(errors)}")
        return output

    @contextmanager
    def writing(self, path: str) -> Iterator[BinaryIO]:
        beside = f"{path}.partial"
        try:
            self._make_folder(path.rpartition("/")[0])
            with self._files.open(beside, "wb") as file:
                file.set_pipelined(True)  # not one round trip for each block
                file.chmod(0o600)
                yield file
            self._files.posix_rename(beside, path)
        except FAULTS as error:
            raise self._unusable(f"cannot write {path}: {error}") from error

    @contextmanager
    def reading(self, path: str) -> Iterator[BinaryIO]:
        with self._files.open(path, "rb") as file:
            file.prefetch()
            yield file

    def _make_folder(self, folder: str) -> None:
        """Make a folder and those above it, each for its owner alone."""
        try:
            self._files.stat(folder)
        except FileNotFoundError:
            self._make_folder(folder.rpartition("/")[0])
            self._files.mkdir(folder, 0o700)

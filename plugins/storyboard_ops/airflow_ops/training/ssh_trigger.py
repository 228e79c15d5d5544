"""Wait for a job on a machine that is reached by SSH, with a subclass of the provider's trigger.

It differs in what ends the wait: the job's lock instead of a file, so that a job whose machine was
switched off ends too, and a time after which the task copies new checkpoints and waits again. A
person who stops the task stops the job.
"""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import AsyncIterator
from typing import Any

from airflow.providers.ssh.triggers.ssh_remote_job import SSHRemoteJobTrigger
from airflow.triggers.base import TriggerEvent

from storyboard_ops.gateways.training.gpu_machine import question

#: Checkpoints and progress are copied to S3 this often.
COPY_SECONDS = 600.0


class GpuJobTrigger(SSHRemoteJobTrigger):
    """Fire when a job on the machine has ended, or when its checkpoints should be copied."""

    def __init__(self, *, python: str, copy_seconds: float = COPY_SECONDS, **data: Any) -> None:
        super().__init__(**data)
        self.python = python
        self.copy_seconds = copy_seconds
        self._copy_at = time.monotonic() + copy_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        _, fields = super().serialize()
        own = {"python": self.python, "copy_seconds": self.copy_seconds}
        return f"{__name__}.{type(self).__name__}", fields | own

    async def run(self) -> AsyncIterator[TriggerEvent]:
        async for event in super().run():
            if chunk := event.payload["log_chunk"].rstrip():
                self.log.info("%s", chunk)
            # The task asks the machine how the job ended, also when the connection was lost here.
            yield TriggerEvent({"status": "success", "message": event.payload["message"]})

    async def on_kill(self) -> None:
        """Ask the program to save its work and end."""
        async with await self._connect() as connection:
            await self._ask(connection, "stop")

    async def _check_completion(self, conn: Any) -> int | None:
        if time.monotonic() > self._copy_at:
            return 0
        found = await self._ask(conn, "state")
        return None if found and found["running"] else 0

    async def _ask(self, connection: Any, what: str) -> Any:
        command = f"{shlex.quote(self.python)} -"
        asked = question(what, folder=self.job_dir)
        told = await connection.run(command, input=asked, timeout=self.command_timeout, check=True)
        return json.loads(told.stdout)

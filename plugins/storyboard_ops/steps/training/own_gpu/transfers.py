"""Copy folders between S3 and the studio's machine, which has no credentials for S3."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import PurePosixPath

from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.training.gpu_machine import GpuMachine
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.jobs.job_task import PROGRESS

log = logging.getLogger(__name__)


def bring(tools: ToolBox, machine: GpuMachine, source: S3Uri, folder: str) -> int:
    """Copy the objects below a prefix to a folder of the machine; returns how many there are."""
    prefix, count = source.folder, 0
    there = machine.listing(folder)
    for head in tools.objects.list(prefix):
        name = head.uri.key.removeprefix(prefix.key)
        if not name or ".." in PurePosixPath(name).parts:
            raise BadInput(f"{head.uri} cannot be a file of a folder; delete or rename it.")
        count += 1
        if there.get(name) == head.size and name != PROGRESS:
            continue
        with machine.writing(f"{folder}/{name}") as file:
            tools.objects.download(head.uri, file)
    return count


def fetch(
    tools: ToolBox, machine: GpuMachine, folder: str, target: S3Uri, left_out: Collection[str] = ()
) -> None:
    """Copy the complete files of a folder of the machine to a prefix, unless they are there.

    Files are never changed once they are complete, except ``progress.json``.
    """
    prefix = target.folder
    there = {
        head.uri.key.removeprefix(prefix.key): head.size for head in tools.objects.list(prefix)
    }
    for name, size in machine.listing(folder).items():
        if name in left_out or (there.get(name) == size and name != PROGRESS):
            continue
        try:
            with machine.reading(f"{folder}/{name}") as file:
                tools.objects.upload(file, S3Uri(prefix.bucket, f"{prefix.key}{name}"))
        except FileNotFoundError:
            log.info("%s has gone from %s; another file replaces it.", name, folder)

"""End a run's jobs on the studio's own machine, leave nothing there, and write the receipt."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from storyboard_ops.domain.error_tree import ReleaseFailed
from storyboard_ops.domain.money.paid_usage import PaidResource
from storyboard_ops.domain.object_keys import S3Uri, is_aws_name
from storyboard_ops.domain.training.machine_facts import GpuJobPlace, JobOnMachine
from storyboard_ops.domain.training.model_facts import Claim, ClaimKind
from storyboard_ops.domain.utc_time import hours_between, iso
from storyboard_ops.gateways.deployment_file import read_deployment
from storyboard_ops.gateways.training.gpu_machine import STOP_SECONDS, GpuMachine
from storyboard_ops.steps.money.claims import claims, write_line
from storyboard_ops.steps.run.service_wait import wait_for
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.own_gpu.machine import machine_for, own_machine
from storyboard_ops.steps.training.own_gpu.transfers import fetch

log = logging.getLogger(__name__)

GPU_JOB: ClaimKind = "gpu job"
#: Exit code of a program that was asked to end, and has saved its work.
STOPPED = 143
#: Beyond the time that a program has to save its work.
SPARE_SECONDS = 30.0


def place_of(name: str) -> str:
    """Return the name of the record of where a job works."""
    return f"model/own_gpu/{name}.json"


def stop_gpu_jobs(tools: ToolBox, purpose: str) -> None:
    """Stop the jobs of one purpose that this run claimed, when it no longer waits for them.

    They save their work then; the next try, or the release, copies it and removes their files.
    """
    for claimed in claims(tools):
        ours = claimed.kind == GPU_JOB and is_aws_name(claimed.name, purpose)
        if ours and own_machine(tools).stop(claimed.name):
            log.warning("%s was asked to end.", claimed.name)


def settle_gpu_job(tools: ToolBox, claimed: Claim) -> None:
    """Stop the job if it still runs, copy its last checkpoint, and remove its files.

    A machine that only its queue's workers can reach is left to them: the task there stops the job,
    and the next one sweeps what it has left.
    """
    gpu = read_deployment().gpu
    if gpu is None:
        log.warning("No machine is deployed any more, so %s is not looked for.", claimed.name)
        return
    if gpu.where == "queue" and not Path(gpu.python).exists():
        log.info("%s is left to the workers of queue %s.", claimed.name, gpu.queue)
        return
    machine = machine_for(gpu, tools)
    if machine.stop(claimed.name):
        log.warning("%s still ran and was asked to end.", claimed.name)
    found = wait_for(lambda: _ended(machine, claimed.name), STOP_SECONDS + SPARE_SECONDS)
    if found is None:
        raise ReleaseFailed(f"{claimed.name} has not ended within {STOP_SECONDS:g} s.")
    if isinstance(found, JobOnMachine):
        put_away(tools, machine, claimed.name, found)
    else:  # its task may have been killed while it copied the inputs
        machine.clear(claimed.name, None)


def _ended(machine: GpuMachine, name: str) -> JobOnMachine | bool | None:
    """Return the job that has ended, True when there is none, None while it runs."""
    found = machine.state(name)
    if found is None:
        return True
    return None if found.running else found


def put_away(tools: ToolBox, machine: GpuMachine, name: str, found: JobOnMachine) -> None:
    """Copy the last checkpoint of a job that has ended, write its line, and remove its files."""
    place = tools.read_record(place_of(name), GpuJobPlace)
    if place is not None:
        live = f"{machine.folder(name)}/ml/{place.live_folder}"
        fetch(tools, machine, live, S3Uri.parse(place.live_uri), left_out={place.result_mark})
    _write_line(tools, name, found)
    kept = f"{machine.facts.work_folder}/kept/{name}-{found.began:.0f}"
    machine.clear(name, kept if machine.facts.keep_files else None)
    tools.objects.delete([tools.run_root / place_of(name)])


def _write_line(tools: ToolBox, name: str, found: JobOnMachine) -> None:
    began, ended = (iso(datetime.fromtimestamp(at, UTC)) for at in (found.began, found.ended))
    write_line(
        tools,
        PaidResource(
            kind=GPU_JOB,
            name=name,
            arn=f"{found.host}/{name}",
            owner=tools.run_key,
            created_at=began,
            deleted_at=ended,
            bills=False,
            hours=round(hours_between(began, ended), 4),
            note=f"{_status(found)} on the studio's own machine, which bills nothing",
        ),
    )


def _status(found: JobOnMachine) -> str:
    if found.exit_code == STOPPED:
        return "Stopped"
    return "Failed" if found.exit_code else "Completed"

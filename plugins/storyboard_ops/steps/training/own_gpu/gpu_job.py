"""A job of the training program on the studio's own machine: started once, and adopted after.

The machine knows whether the job runs, by a lock; S3 has the result, and until then the checkpoints
and the progress. What a task has started goes on when the task is killed, and the next try finds it
by its name, which derives from what decides the result.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from storyboard_ops.core.preflight.machine_checks import machine_fault, needed_packages
from storyboard_ops.domain.base_record import canonical_json, digest_of
from storyboard_ops.domain.error_tree import (
    GateClosed,
    JobFailed,
    JobStopped,
    ManifestCorrupt,
    NotFinished,
    StoryboardError,
)
from storyboard_ops.domain.manifest_codec import decode_record
from storyboard_ops.domain.object_keys import S3Uri, aws_name
from storyboard_ops.domain.training.machine_facts import GpuJobPlace, JobOnMachine
from storyboard_ops.domain.training.model_facts import Wait
from storyboard_ops.domain.training.program_results import Progress
from storyboard_ops.gateways.training.gpu_machine import STOP_SECONDS, GpuMachine
from storyboard_ops.steps.money.claims import claim
from storyboard_ops.steps.run.service_wait import wait_until
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.bundle import upload_bundle
from storyboard_ops.steps.training.jobs.job_task import JobTask
from storyboard_ops.steps.training.open_model import find_weights
from storyboard_ops.steps.training.own_gpu.machine import weights_name
from storyboard_ops.steps.training.own_gpu.settle_gpu import GPU_JOB, STOPPED, place_of, put_away
from storyboard_ops.steps.training.own_gpu.transfers import bring, fetch

log = logging.getLogger(__name__)

#: Exit code of one that was killed.
KILLED = 137
#: Inputs that machines share between jobs; nothing of a film is in them.
WEIGHTS = ("base", "embedder")
HYPERPARAMETERS = "input/config/hyperparameters.json"


@dataclass(frozen=True)
class GpuJob:
    """One job on the machine."""

    task: JobTask
    machine: GpuMachine

    @property
    def tools(self) -> ToolBox:
        return self.task.tools

    @cached_property
    def name(self) -> str:
        """The name of the job; other inputs give another."""
        digest = digest_of(self.tools.run_key, self.task.inputs)
        return aws_name(self.task.purpose, self.tools.run_key, digest)

    def start(self) -> Wait:
        """Start the job, or adopt the one that an earlier try has started.

        Raises GateClosed when the machine lacks something, or another machine has the job.
        """
        if not self._is_done(self.name):
            found = self._settled_state()
            if found is None or found.exit_code:
                if found:
                    put_away(self.tools, self.machine, self.name, found)
                self._begin()
            else:
                log.info("Adopting %s on %s.", self.name, found.host)
        return self._wait(self.name)

    def finish(self, name: str) -> Wait | None:
        """Copy what is new to S3; returns a wait while the job runs, None when its result is there.

        Raises JobFailed with the reason, JobStopped, or NotFinished when its time was over.
        """
        found = self.machine.state(name)
        if self._is_done(name):
            if found and not found.running:
                put_away(self.tools, self.machine, name, found)
            return None
        if found is None:
            raise JobStopped(
                f"{self.machine.facts.name} does not have {name} any more. Its checkpoints are "
                f"kept; clear {self.task.task_id} to go on from the last one."
            )
        if found.running:
            self._copy_live(name)
            self._log_progress(name)
            return self._wait(name, found.log_bytes)
        if found.exit_code == 0:
            self._copy_result(name)
        put_away(self.tools, self.machine, name, found)
        self._raise_failure(name, found)
        return None

    def _settled_state(self) -> JobOnMachine | None:
        """Return how the job is, once it has ended if it was asked to."""
        found = self.machine.state(self.name)
        if found and found.stopping:
            ended = wait_until(lambda: not self._runs(), STOP_SECONDS)
            if not ended:
                raise NotFinished(f"{self.name} is still being stopped; clear the task later.")
            found = self.machine.state(self.name)
        return found

    def _runs(self) -> bool:
        found = self.machine.state(self.name)
        return found is not None and found.running

    def _begin(self) -> None:
        tools, machine, name = self.tools, self.machine, self.name
        for left in machine.sweep():
            log.info("Removed what %s had left on the machine.", left)
        host = self._check_machine()
        earlier = tools.read_record(place_of(name), GpuJobPlace)
        if earlier and earlier.host != host:
            raise GateClosed(
                f"{name} was started on {earlier.host}, and this task runs on {host}. Let the "
                "queue of own_gpu have one machine; then stop the job there, and start a new run."
            )
        claim(tools, GPU_JOB, name)
        place = GpuJobPlace(
            host=host,
            live_folder=self.task.live_folder,
            live_uri=str(self.task.live_uri(name)),
            result_mark=self.task.result_mark,
        )
        tools.write_record(place_of(name), place)
        self._bring_inputs()
        if machine.start(name, self.task.entry_point, self.task.hours):
            log.info("Started %s on %s.", name, host)

    def _check_machine(self) -> str:
        base = self.task.base
        weights = weights_name(self.tools.settings, base)
        facts = self.machine.look(weights, needed_packages(base))
        if fault := machine_fault(facts, base, self.tools.settings.trains):
            raise GateClosed(f"{self.machine.facts.name} cannot work: {fault}")
        return facts.host

    def _bring_inputs(self) -> None:
        tools, machine, task = self.tools, self.machine, self.task
        task.write_inputs(self.name)
        machine.make_room(self.name)
        root = f"{machine.folder(self.name)}/ml"
        for channel, source in task.channels(self.name, upload_bundle(tools)).items():
            at = f"{root}/{task.input_folder}/{channel}"
            if channel in WEIGHTS:
                machine.use_folder(self._bring_weights(channel, source), at)
            else:
                bring(tools, machine, source, at)
        if task.numbers:
            with machine.writing(f"{root}/{HYPERPARAMETERS}") as file:
                file.write(canonical_json(dict(task.numbers)).encode())
        bring(tools, machine, task.live_uri(self.name), f"{root}/{task.live_folder}")

    def _bring_weights(self, channel: str, source: S3Uri) -> str:
        """Return the machine's folder of weights, filled from S3 when it is not there."""
        machine, name = self.machine, source.key.rstrip("/").rpartition("/")[2]
        if channel == "base":
            name = weights_name(self.tools.settings, self.task.base)
            source = find_weights(self.tools)
        folder = f"{machine.facts.weights}/{name}"
        if not machine.listing(folder):
            part = f"{folder}.{self.name}.partial"
            bring(self.tools, machine, source, part)
            machine.keep(part, folder)
        return folder

    def _copy_live(self, name: str) -> None:
        live = f"{self.machine.folder(name)}/ml/{self.task.live_folder}"
        fetch(
            self.tools,
            self.machine,
            live,
            self.task.live_uri(name),
            left_out={self.task.result_mark},
        )

    def _copy_result(self, name: str) -> None:
        """Copy the result, and at last the file that says that it is whole."""
        self._copy_live(name)
        task = self.task
        folder = f"{self.machine.folder(name)}/ml/{task.result_folder}"
        if task.result_mark not in self.machine.listing(folder):
            if self._is_done(name):  # another try was faster
                return
            raise JobFailed(f"{name} has ended without {task.result_mark}; its log says why.")
        target = task.result_uri(name)
        fetch(self.tools, self.machine, folder, target, left_out={task.result_mark})
        fetch(self.tools, self.machine, folder, target)

    def _log_progress(self, name: str) -> None:
        uri = self.task.progress_uri(name)
        with suppress(StoryboardError, ManifestCorrupt):  # not written yet
            told = decode_record(self.tools.objects.get(uri), Progress, str(uri))
            log.info("%s: %s", name, told.sentence())

    def _raise_failure(self, name: str, found: JobOnMachine) -> None:
        again = f"clear {self.task.task_id} to go on from the last checkpoint."
        if found.exit_code == 0:
            return
        if found.exit_code == STOPPED and found.ended - found.began >= self.task.hours * 3600:
            raise NotFinished(
                f"{name} is Stopped at its limit of {self.task.hours:g} hours. Raise it, and "
                f"{again}"
            )
        if found.exit_code == STOPPED:
            raise JobStopped(f"{name} is Stopped on {found.host}; {again}")
        reason = (found.failure or found.log.strip().rpartition("\n")[2]).rstrip(".")
        if found.exit_code == KILLED and not found.failure:
            reason = (
                "it was killed, perhaps because memory ran out, or its machine was switched off"
            )
        log.warning("%s printed at last:\n%s", name, found.log)
        raise JobFailed(f"{name} is Failed on {found.host}: {reason}. Fix that, then {again}")

    def _is_done(self, name: str) -> bool:
        mark = self.task.result_uri(name) / self.task.result_mark
        return self.tools.objects.head(mark) is not None

    def _wait(self, name: str, log_offset: int = 0) -> Wait:
        return Wait(
            kind=GPU_JOB,
            name=name,
            hours=self.task.hours,
            progress_uri=str(self.task.progress_uri(name)),
            log_offset=log_offset,
            attended=self.machine.facts.where != "ssh",
        )

"""How one job goes: from state to state, as its process and the endpoint's clock say.

Every state can be entered again after a kill of the endpoint: downloads and uploads are repeated,
and the process, which continued meanwhile, is watched further.
"""

import logging
import math
import shutil
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from local_aws.account.fault_plan import FaultPlan
from local_aws.account.price_table import HOURS_PER_MONTH
from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.containers.container_process import ContainerOutcome, ContainerProcess
from local_aws.services.sagemaker import resources
from local_aws.services.sagemaker.jobs import job_store, ml_folder, stand_in_image
from local_aws.services.sagemaker.jobs.final_metrics import read_final_metrics
from local_aws.services.sagemaker.jobs.job_store import (
    COMPLETED,
    DOWNLOADING,
    FAILED,
    INTERRUPTED,
    MAX_RUNTIME,
    MAX_WAIT,
    STARTING,
    STOPPING,
    TRAINING,
    UPLOADING,
)
from local_aws.services.sagemaker.jobs.role_files import RoleFiles
from local_aws.storage.private_files import make_private_folder
from local_aws.storage.state_store import Document

TICK_SECONDS = 0.1
SYNC_SECONDS = 0.5
LONGEST_REASON = 1024
SPOT_SHARE = 0.3
"""What a spot instance costs here, as a share of the price; AWS's share varies up to 0.9 off."""

CAPACITY_ERROR = "CapacityError"
INTERNAL_ERROR = "InternalServerError: We encountered an internal error. Please try again."

OPERATIONS = {
    resources.TRAINING_JOB: "CreateTrainingJob",
    resources.PROCESSING_JOB: "CreateProcessingJob",
}
UNITS = {
    resources.TRAINING_JOB: "training_hour",
    resources.PROCESSING_JOB: "processing_hour",
}
STOP_MESSAGES = {
    MAX_RUNTIME: "Training job runtime exceeded MaxRuntimeInSeconds provided",
    MAX_WAIT: "Training job runtime exceeded MaxWaitTimeInSeconds provided",
}

log = logging.getLogger(__name__)


class JobPlay:
    """Plays one job until it is over or `closing` is set."""

    def __init__(
        self, context: Context, faults: FaultPlan, kind: str, arn: str, closing: threading.Event
    ) -> None:
        self._context = context
        self._faults = faults
        self._kind = kind
        self._arn = arn
        self._closing = closing
        job = self._read()
        self._folder = job_store.find_folder(context.settings, job)
        self._ml = self._folder / "ml"
        self._home = self._folder / "home"
        self._files = RoleFiles(context, job["role_arn"], job["key_id"])
        self._syncs = [
            ml_folder.FolderSync(self._files, self._ml / item["path"], item["uri"])
            for item in job["synced"]
        ]
        self._synced_at = datetime.min

    def run(self) -> None:
        """Play the job; whatever goes wrong ends it as Failed."""
        steps: Mapping[str, Callable[[Document], None]] = {
            STARTING: self._start,
            DOWNLOADING: self._download,
            TRAINING: self._train,
            STOPPING: self._stop,
            INTERRUPTED: self._replace_instance,
            UPLOADING: self._upload,
        }
        try:
            while not self._closing.is_set():
                job = self._read()
                if job_store.has_ended(job):
                    break
                self._step(steps[job["secondary"]], job)
        except Exception:
            if not self._closing.is_set():
                log.exception("%s failed", self._arn)
                self._fail(self._read(), INTERNAL_ERROR)

    def _step(self, step: Callable[[Document], None], job: Document) -> None:
        try:
            step(job)
        except ServiceError as error:
            transfer = "Data download" if job["secondary"] == DOWNLOADING else "Artifact upload"
            self._fail(self._read(), f"ClientError: {transfer} failed: {error.message}")

    # States

    def _start(self, job: Document) -> None:
        """Wait for an instance: that of the job, or the next one if there is no capacity."""
        entered = datetime.fromisoformat(job["transitions"][-1]["StartTime"])
        ready = entered + timedelta(seconds=self._context.settings.job_start_seconds)
        self._wait(lambda: self._context.now() >= ready)
        job = self._read()
        if job["secondary"] != STARTING or self._closing.is_set():
            return
        failure = job["planned_failure"]
        missing = stand_in_image.explain_missing_interpreter(job, self._context.settings)
        if failure is not None and failure["code"] == CAPACITY_ERROR:
            self._miss_capacity(job)
        elif failure is not None:
            self._fail(job, f"{failure['code']}: {failure['message']}")
        elif missing is not None:
            self._fail(job, missing)
        else:
            self._begin_bill(job)
            self._move(STARTING, DOWNLOADING, "Downloading input data")

    def _miss_capacity(self, job: Document) -> None:
        if job["spot"]:
            self._wait(lambda: self._find_limit(self._read()) is not None)
            if not self._closing.is_set():
                self._finish(STARTING, MAX_WAIT, STOP_MESSAGES[MAX_WAIT])
        elif job["other_instance_types"]:
            first, *others = job["other_instance_types"]
            self._change(instance_type=first, other_instance_types=others, planned_failure=None)
        else:
            self._fail(job, f"{CAPACITY_ERROR}: {job['planned_failure']['message']}")

    def _download(self, job: Document) -> None:
        self._clear()
        for name in job["folders"]:
            make_private_folder(self._ml / name)
        for name, document in job["configuration"].items():
            ml_folder.write_json(self._ml, name, document)
        volume_gb = job["volume_gb"]
        left = math.inf if volume_gb is None else volume_gb * ml_folder.GIGABYTE
        for item in [*job["inputs"], *job["restored"]]:
            needed = item in job["inputs"]
            folder = self._ml / item["path"]
            left -= ml_folder.download(self._files, item["uri"], folder, left, needed)
        self._move(
            DOWNLOADING, TRAINING, "Training image download completed. Training in progress."
        )

    def _train(self, job: Document) -> None:
        process = self._find_process(job)
        if job["paused"]:
            self._wait(lambda: not process.is_running())
            if not process.is_running():
                again = 0 if job["interrupted"] else 1
                self._change(paused=False, attempt=job["attempt"] + again)
            return
        if not process.was_started():
            missing = stand_in_image.explain_missing_interpreter(job, self._context.settings)
            if missing is not None:
                self._fail(job, missing)
                return
            self._run_command(job, process)
        outcome = self._watch(process)
        if outcome is None:
            return
        job = self._read()
        if job["interrupted"]:
            self._end_bill()
            self._move(TRAINING, INTERRUPTED, "Training job interrupted", interrupted=False)
        elif outcome.exit_code == 0:
            self._move(TRAINING, UPLOADING, "Uploading generated training model")
        elif job["secondary"] == TRAINING:
            self._fail(job, self._explain(outcome))

    def _run_command(self, job: Document, process: ContainerProcess) -> None:
        settings = self._context.settings
        make_private_folder(self._home)
        process.start(
            stand_in_image.make_command(job, settings, self._ml),
            stand_in_image.make_environment(job, settings, self._ml, self._home),
            settings.job_stop_seconds,
        )

    def _watch(self, process: ContainerProcess) -> ContainerOutcome | None:
        """Return how the process ended; None if the job left this state or the endpoint stops."""
        while not self._closing.is_set():
            outcome = process.outcome()
            self._sync(outcome is not None)
            job = self._read()
            if outcome is not None or job["secondary"] != TRAINING:
                return outcome
            limit = self._find_limit(job)
            if limit is not None:
                self._move(TRAINING, STOPPING, "Stopping the job", stop_reason=limit)
            else:
                self._apply_faults(job, process)
            self._closing.wait(TICK_SECONDS)
        if process.is_running():
            self._change(paused=True)
            process.stop()
        return None

    def _apply_faults(self, job: Document, process: ContainerProcess) -> None:
        kinds = ["kill", "interrupt"] if job["spot"] and not job["interrupted"] else ["kill"]
        running = self._context.now() - datetime.fromisoformat(job["segments"][-1][0])
        due = self._faults.find_due_of_job(
            kinds, OPERATIONS[self._kind], job["name"], running.total_seconds()
        )
        if any(fault.kind == "kill" for fault in due):
            process.kill()
        elif due:
            self._change(interrupted=True)
            process.stop()

    def _stop(self, job: Document) -> None:
        """End the process: SIGTERM, then SIGKILL; keep what it leaves."""
        process = self._find_process(job)
        if process.was_started():
            process.stop()
            while process.is_running() and not self._closing.is_set():
                self._sync(False)
                self._closing.wait(TICK_SECONDS)
            if self._closing.is_set():
                return
            self._sync(True)
            self._store_outputs(job)
        reason = job["stop_reason"]
        self._finish(STOPPING, reason, STOP_MESSAGES.get(reason, "Training job stopped"))

    def _replace_instance(self, job: Document) -> None:
        message = "Preparing the instances for training"
        self._move(INTERRUPTED, STARTING, message, attempt=job["attempt"] + 1)

    def _upload(self, job: Document) -> None:
        self._store_outputs(job)
        self._finish(UPLOADING, COMPLETED, "Training job completed")

    def _store_outputs(self, job: Document) -> None:
        for item in job["outputs"]:
            folder = self._ml / item["path"]
            if item["archive"]:
                archive = self._folder / "archive.tar.gz"
                ml_folder.upload_archive(self._files, folder, item["uri"], archive)
            else:
                ml_folder.upload(self._files, folder, item["uri"])

    # The end

    def _finish(self, before: str, after: str, message: str, failure: str | None = None) -> None:
        """End the job and its bill."""
        job = self._read()
        now = self._context.now()
        self._end_bill()
        self._move(
            *(before, after, message),
            failure=failure,
            exit_message=self._read_text("output/message"),
            metrics=read_final_metrics(job, self._find_process(job).log, now),
        )
        self._clear()

    def _clear(self) -> None:
        """Remove what an instance has on its disk; the log is elsewhere."""
        for folder in (self._ml, self._home):
            shutil.rmtree(folder, ignore_errors=True)

    def _fail(self, job: Document, reason: str) -> None:
        process = self._find_process(job)
        if process.is_running():
            process.kill()
            self._wait(lambda: not process.is_running())
        self._finish(job["secondary"], FAILED, "Training job failed", reason[:LONGEST_REASON])

    def _explain(self, outcome: ContainerOutcome) -> str:
        if outcome.exit_code is None and outcome.start_error is None:
            return INTERNAL_ERROR
        if outcome.start_error is not None:
            return f"AlgorithmError: the entry point did not start: {outcome.start_error}"
        code = f", exit code: {outcome.exit_code}"
        text = f"AlgorithmError: {self._read_text('output/failure') or ''}"
        return text[: LONGEST_REASON - len(code)] + code

    def _read_text(self, name: str) -> str | None:
        try:
            with (self._ml / name).open(encoding="utf-8", errors="replace") as file:
                return file.read(LONGEST_REASON)
        except OSError:
            return None

    # The bill

    def _begin_bill(self, job: Document) -> None:
        if job["segments"] and job["segments"][-1][1] is None:
            return  # begun before a kill of the endpoint
        now = self._context.now()
        share = SPOT_SHARE if job["spot"] else 1.0
        self._change(segments=[*job["segments"], [now.isoformat(), None]])
        meter = self._context.meter
        instance = job["instance_type"]
        meter.start("sagemaker", instance, UNITS[self._kind], self._arn, share, now)
        per_hour = (job["volume_gb"] or 0) / HOURS_PER_MONTH
        meter.start("sagemaker", "volume", "gb_month", f"{self._arn}/volume", per_hour, now)

    def _end_bill(self) -> None:
        now = self._context.now()
        segments = [[start, end or now.isoformat()] for start, end in self._read()["segments"]]
        self._change(segments=segments)
        for resource in (self._arn, f"{self._arn}/volume"):
            self._context.meter.stop(resource, now)

    def _find_limit(self, job: Document) -> str | None:
        """Return the limit of time that the job has passed, or None."""
        now = self._context.now()
        waited = (now - datetime.fromisoformat(job["created"])).total_seconds()
        if job_store.count_seconds(job, now) >= job["max_runtime"]:
            return MAX_RUNTIME
        if job["max_wait"] is not None and waited >= job["max_wait"]:
            return MAX_WAIT
        return None

    # Tools

    def _sync(self, at_once: bool) -> None:
        now = datetime.now()
        if at_once or now - self._synced_at >= timedelta(seconds=SYNC_SECONDS):
            for sync in self._syncs:
                sync.run()
            self._synced_at = now

    def _wait(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds, the job enters another state or the endpoint stops."""
        before = self._read()["secondary"]
        while not condition() and not self._closing.wait(TICK_SECONDS):
            if self._read()["secondary"] != before:
                break

    def _read(self) -> Document:
        job = self._context.state.get(self._kind, self._arn)
        assert job is not None, f"{self._arn} was deleted while it ran"
        return job

    def _change(self, **members: Any) -> None:
        job_store.change(self._context, self._kind, self._arn, **members)

    def _move(self, before: str, after: str, message: str, **members: Any) -> None:
        job_store.move(self._context, self._kind, self._arn, before, after, message, **members)

    def _find_process(self, job: Document) -> ContainerProcess:
        folder: Path = self._folder / f"run-{job['attempt']}"
        return ContainerProcess(folder)

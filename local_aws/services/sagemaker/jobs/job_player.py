"""Plays every job that is not over, each in a thread of its own."""

import threading
import time
from collections.abc import Callable

from local_aws.account.fault_plan import FaultPlan
from local_aws.operations.context import Context
from local_aws.services.sagemaker.jobs import job_store
from local_aws.services.sagemaker.jobs.job_play import JobPlay

STOP_SECONDS = 2.0


class JobPlayer:
    """The threads of the jobs. `make_context` returns a context without a caller."""

    def __init__(self, make_context: Callable[[], Context], faults: FaultPlan) -> None:
        self._make_context = make_context
        self._faults = faults
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def play(self, kind: str, arn: str) -> None:
        """Begin to play a stored job, or continue where it is."""
        play = JobPlay(self._make_context(), self._faults, kind, arn, self._closing)
        thread = threading.Thread(target=play.run, name=arn, daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()]
        self._threads.append(thread)
        thread.start()

    def resume(self) -> None:
        """Play the jobs that were not over when the endpoint ended."""
        state = self._make_context().state
        for kind in job_store.KINDS:
            for job in state.list(kind):
                if not job_store.has_ended(job):
                    self.play(kind, job["arn"])

    def stop(self) -> None:
        """Pause every job: its process gets SIGTERM, and the next start continues it."""
        self._closing.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

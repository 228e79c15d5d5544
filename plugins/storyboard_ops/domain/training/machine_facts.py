"""Records of a studio's own machine: what it has, and how a job on it is."""

from __future__ import annotations

from storyboard_ops.domain.base_record import Record


class MachineFacts(Record):
    """What a machine has, as its own Python sees it; GB of 10^9 bytes."""

    host: str
    missing_packages: tuple[str, ...]  # that the program needs; then the GPU was not looked at
    free_gb: float  # of the disk of the work folder
    weights: tuple[str, ...]  # names in the folder where the weights may be
    torch: str = ""  # its version
    gpu: str = ""  # name of the first one that torch can use; empty: none
    gpu_gb: float = 0.0
    gpu_free_gb: float = 0.0
    seen_by_driver: str = ""  # the GPU that the driver knows, where torch can use none


class JobOnMachine(Record):
    """A job that was started on a machine; times in seconds since 1970."""

    host: str
    running: bool
    stopping: bool  # it runs, and was asked to save its work and end
    began: float
    ended: float  # 0: it runs
    exit_code: int | None  # None: it runs; 137: it was killed, or the machine was switched off
    failure: str  # what the program says about it
    log: str  # the end of its output
    log_bytes: int


class GpuJobPlace(Record):
    """Where a job works, and where its work is copied to, for those who only know its name."""

    host: str
    live_folder: str  # beneath the folder of SageMaker's folders
    live_uri: str
    result_mark: str  # file of the live folder that is not copied before the result is whole

"""Train a model: the entry point of a training job.

Exits with 0 when the result is complete, 143 when a SIGTERM interrupted it after saving a
checkpoint, and 1 when it failed; then ``output/failure`` says why.
"""

from __future__ import annotations

import sys

from trainer.machine.entry import run_job
from trainer.machine.folders import root
from trainer.machine.interruption import Interruption


def main() -> int:
    """Run the training that the folders beneath ``ML_ROOT`` describe."""
    return run_job(_train, root() / "output/failure")


def _train(interruption: Interruption) -> None:
    from trainer.training.run import train  # what is not installed is a failure of the job

    train(root(), interruption)


if __name__ == "__main__":
    sys.exit(main())

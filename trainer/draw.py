"""Draw panels: the entry point of a drawing job.

Exits with 0 when ``drawn.json`` is complete, 143 after a SIGTERM, and 1 when it failed; then
``output/message``, which SageMaker shows as the exit message, and ``output/failure`` say why.
"""

from __future__ import annotations

import sys

from trainer.machine.entry import run_job
from trainer.machine.folders import root
from trainer.machine.interruption import Interruption


def main() -> int:
    """Run the drawing that the folders beneath ``ML_ROOT`` describe."""
    output = root() / "output"
    return run_job(_draw, output / "failure", output / "message")


def _draw(interruption: Interruption) -> None:
    from trainer.drawing.run import draw  # what is not installed is a failure of the job

    draw(root(), interruption)


if __name__ == "__main__":
    sys.exit(main())

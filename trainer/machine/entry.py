"""How a job begins and ends: exit status, and one message where it failed."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from trainer.errors import Interrupted, explain
from trainer.machine.interruption import EXIT_INTERRUPTED, Interruption

#: Set before torch is imported. No library reaches for a hub, and progress is reported by the job
#: alone. Threads that wait for each other sleep: where other work shares the cores, threads that
#: spin took 17 times as long.
ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "OMP_WAIT_POLICY": "PASSIVE",
}
#: SageMaker shows this many characters.
LONGEST_MESSAGE = 1_024


def run_job(job: Callable[[Interruption], None], *messages: Path) -> int:
    """Run a job; return 0 when done, 143 after SIGTERM, and 1 when it failed.

    What went wrong is written to each file of ``messages``; those of an earlier start are removed.
    """
    os.environ.update(ENVIRONMENT)
    for path in messages:
        path.unlink(missing_ok=True)
    try:
        job(Interruption())
    except Interrupted:
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001  # whatever it is, the job ends with its reason
        traceback.print_exc()
        message = explain(error)[:LONGEST_MESSAGE]
        print(message, file=sys.stderr, flush=True)  # noqa: T201
        for path in messages:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(message, encoding="utf-8")
        return 1
    return 0

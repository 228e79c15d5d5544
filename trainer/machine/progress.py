"""The live progress of a job: a file that is replaced while it works, and lines for its log."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trainer.machine.atomic import write_json

#: Seconds between two writes; the first of every phase is written at once.
EVERY = 2.0


class Progress:
    """What a job is doing now, in ``progress.json``.

    ``steps`` counts what the phase goes through: steps of training, pictures to encode or to draw.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = 0.0
        self._started = time.monotonic()
        self._state: dict[str, Any] = {
            "phase": "loading",
            "step": 0,
            "steps": 0,
            "loss": None,
            "pictures_per_second": None,
            "seconds_left": None,
            "checkpoints": [],
        }

    def enter(self, phase: str, steps: int = 0, step: int = 0) -> None:
        """Begin a phase of ``steps``, at a position."""
        self._state |= {"phase": phase, "step": step, "steps": steps}
        self._state |= {"seconds_left": None, "pictures_per_second": None}
        self._started = time.monotonic()
        self.log(f"{phase}" + (f": {steps}" if steps else ""))
        self._write()

    def advance(self, step: int, done: int, pictures: int, loss: float | None = None) -> None:
        """Report a position: ``done`` steps and ``pictures`` of it since the phase began."""
        seconds = max(time.monotonic() - self._started, 1e-9)
        left = (self._state["steps"] - step) * seconds / max(done, 1)
        self._state |= {
            "step": step,
            "pictures_per_second": round(pictures / seconds, 3),
            "seconds_left": round(left),
        }
        if loss is not None:
            self._state["loss"] = round(loss, 5)
        if self.tick():
            self.log(_line(self._state))

    def scored(self, step: int, likeness: Mapping[str, float | None] | None) -> None:
        """Add the score of a checkpoint: mean, low and high of its likeness; None: no figure."""
        figures: dict[str, Any] = dict.fromkeys(("likeness", "low", "high"))
        entry = {"step": step, **figures, **(likeness or {})}
        others = [one for one in self._state["checkpoints"] if one["step"] != step]
        self._state["checkpoints"] = sorted((*others, entry), key=lambda one: one["step"])
        self._write()

    def tick(self) -> bool:
        """Replace the file if the last time is a while ago; return whether it was."""
        if time.monotonic() - self._written < EVERY:
            return False
        self._write()
        return True

    def log(self, text: str) -> None:
        """Add a line to the log of the job."""
        print(text, flush=True)  # noqa: T201  # that is where logs are read from

    def _write(self) -> None:
        self._written = time.monotonic()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(self._path, self._state | {"updated_at": now})


def _line(state: Mapping[str, Any]) -> str:
    # The product's metric definitions read the figures of this line.
    loss = "" if state["loss"] is None else f" loss={state['loss']:.5f}"
    return (
        f"{state['phase']} step={state['step']}/{state['steps']}{loss} "
        f"pictures_per_second={state['pictures_per_second']} seconds_left={state['seconds_left']}"
    )

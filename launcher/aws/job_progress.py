"""Tells people how far a training or drawing job is: what its program writes into the bucket."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from launcher.product import S3Uri, describe_progress

#: Seconds between two looks into the bucket, and between two lines about the same phase.
LOOK_SECONDS, LINE_SECONDS = 5.0, 30.0
#: Where the jobs of a run write, beneath its folder.
PLACES = ("model/checkpoints/", "storyboard/candidates/")
NAME = "progress.json"
#: Bytes of it that are read; a long training writes about 10 kB.
MOST_BYTES = 1_000_000


@dataclass
class JobProgress:
    """Prints a line when a job enters a phase, and every LINE_SECONDS while it works."""

    s3: Any
    run_root: S3Uri
    note: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _looked: float = field(default=float("-inf"))
    _told: dict[str, tuple[str, float]] = field(default_factory=dict)  # by key: phase, moment

    def report(self) -> None:
        """Look for news; a bucket that does not answer now is looked at again later."""
        now = self.clock()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        try:
            for key, body in self._read():
                self._tell(key, body, now)
        except (BotoCoreError, ClientError):
            return

    def _read(self) -> list[tuple[str, bytes]]:
        found = []
        for place in PLACES:
            listed = self.s3.list_objects_v2(
                Bucket=self.run_root.bucket, Prefix=f"{self.run_root.key}/{place}"
            )
            for item in listed.get("Contents", ()):
                if item["Key"].endswith(f"/{NAME}"):
                    answer = self.s3.get_object(Bucket=self.run_root.bucket, Key=item["Key"])
                    found.append((item["Key"], answer["Body"].read(MOST_BYTES)))
        return found

    def _tell(self, key: str, body: bytes, now: float) -> None:
        described = describe_progress(body)
        if described is None:
            return
        phase, sentence = described
        last_phase, last = self._told.get(key, ("", float("-inf")))
        if phase == last_phase and (phase == "done" or now - last < LINE_SECONDS):
            return
        self._told[key] = (phase, now)
        self.note(sentence)

"""What is known about a stack that runs in the background."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from launcher.aws.endpoint import Endpoint
from launcher.state.private_files import write_private


@dataclass(frozen=True)
class BackgroundStack:
    """A stack in the background: which process owns it, and how to use it."""

    pid: int
    airflow_url: str
    user: str
    password: str
    endpoint: Endpoint
    shell: str  # a file to source, for the commands `airflow` and `aws`
    film: str  # S3 URI of the sample film
    reviewers: dict[str, str] = field(default_factory=dict)  # their passwords

    def write(self, path: Path) -> None:
        """Write the description for `status` and `down`, readable by the owner only."""
        write_private(path, json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> BackgroundStack:
        """Read what `write` wrote."""
        document = json.loads(path.read_text())
        return cls(**{**document, "endpoint": Endpoint(**document["endpoint"])})
